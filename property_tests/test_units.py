"""Units of the step-size lists: known exponents, a list that is covariant, and one that is not."""

from fractions import Fraction

import pytest

from spiritlevel.core.algorithms.interact import Interact
from spiritlevel.core.driver import run
from spiritlevel.core.graphs import named
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.synthetic.families import quadratic
from spiritlevel.theory.interact.constants import lemmas
from spiritlevel.theory.interact.step_sizes.theorem1_list import BETA, THEOREM_1
from spiritlevel.theory.interact.step_sizes.units import DEMANDED, SCALINGS, UNITS, exponent, strays
from spiritlevel.theory.step_lists.stepsize import Rule, Term

COVARIANT = Term("1/L_l", "alpha", lambda s: 1 / lemmas(s.constants, "plain").L_l)
STRAY = Term("1/L_l^2", "alpha", lambda s: 1 / lemmas(s.constants, "plain").L_l ** 2)


def test_printed_exponents_under_f() -> None:
    found = [exponent(t, "f") for t in THEOREM_1.terms if t.step == "alpha"]
    assert found == [-4, -1, 0, -2, -4, -2, -1, 0, -4]


def test_a_covariant_list_has_no_strays_and_another_has() -> None:
    assert strays(Rule("x", ("beta", "alpha"), (*BETA, COVARIANT))) == {}
    assert strays(Rule("x", ("beta", "alpha"), (*BETA, COVARIANT, STRAY))) == {
        "1/L_l^2": {"f": "-2", "length": "4"}
    }


def test_what_is_no_power_is_said_to_be_none() -> None:
    assert exponent(COVARIANT, "x") is None  # L_f (1 + C/mu): a length ratio is added to 1
    assert exponent(COVARIANT, "length") == 2
    mixed = Term("1 + L_fx", "alpha", lambda s: 1 + s.constants.L_fx)
    assert exponent(mixed, "f") is None


def test_roots_are_halved() -> None:
    root = Term("1/sqrt(L_fx)", "alpha", lambda s: 1 / Fraction(s.constants.L_fx), power=2)
    assert exponent(root, "f") == Fraction(-1, 2)


def test_lengths_are_x_and_y_together() -> None:
    assert SCALINGS["length"]["L_fx"] == -2
    assert all(SCALINGS["length"][c] == UNITS["x"].get(c, 0) + UNITS["y"][c] for c in UNITS["y"])


@pytest.mark.parametrize("scaling", ["f", "g", "x", "y", "length"])
def test_demanded_steps_give_the_same_run(scaling: str) -> None:
    """INTERACT in other units, with the steps rescaled as demanded, is the same trajectory in those units."""
    s = Fraction(2)
    f, g = (s if scaling == name else Fraction(1) for name in ("f", "g"))
    x = s if scaling in ("x", "length") else Fraction(1)
    y = s if scaling in ("y", "length") else Fraction(1)

    def problem(f: Fraction, g: Fraction, x: Fraction, y: Fraction) -> SolvedProblem:
        def scaled(by: Fraction, first: int, second: int) -> list[list[list[Fraction]]]:
            return [[[by * first]], [[by * second]]]

        return quadratic(
            H=scaled(g / y**2, 1, 2),
            B=scaled(g / (x * y), 3, -1),
            c=[[g / y], [2 * g / y]],
            A=scaled(f / x**2, 2, 1),
            a=[[f / x], [-3 * f / x]],
            E=scaled(f / (x * y), 1, -2),
            Q=scaled(f / y**2, 1, 3),
            e=[[f / y], [f / y]],
        ).over("fraction")

    alpha, beta = Fraction(1, 20), Fraction(1, 10)
    network = named("lazy-path:2", exact=True)
    one = run(Interact(alpha=alpha, beta=beta), problem(*[Fraction(1)] * 4), network, steps=4)
    two = run(
        Interact(alpha=alpha * s ** DEMANDED["alpha"][scaling], beta=beta * s ** DEMANDED["beta"][scaling]),
        problem(f, g, x, y),
        network,
        steps=4,
    )
    assert (two.x == x * one.x).all()
    assert (one.x[:, -1] != 0).all()
