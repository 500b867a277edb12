"""The flat tail: its derivatives, exact constants and infimum, and the power of t that it forces on INTERACT."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from spiritlevel.core.algorithms.interact import Interact
from spiritlevel.core.errors import InputError
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.synthetic.families import flat, named, random_flat, random_quadratic
from spiritlevel.synthetic.flat import FlatUpper, steepest
from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.interact.assumptions import A1, A2
from spiritlevel.theory.interact.theorems.rate_flat import RATE_FLAT, exponent, flat_tail, settled
from spiritlevel.theory.judge import judge
from spiritlevel.theory.statement import Verdict

POWERS = [0.1, 0.5, 1.0, 2.0, 7.0]
H, B, c, b = [[[1.0]], [[2.0]]], [[[1.0]], [[-1.0]]], [[0.5], [0.0]], [[0.25], [-0.25]]


@pytest.mark.parametrize("power", POWERS)
def test_derivatives_are_complex_step_derivatives(power: float) -> None:
    problem = random_flat(3, 3, 2, 4, power=power, scale=2)
    rng, h = np.random.default_rng(1), 1e-30
    x, y = 2 * rng.standard_normal((20, 3, 2)), 2 * rng.standard_normal((20, 3, 4))
    for k in range(4):
        by_steps = problem.f(x, y + 1j * h * np.eye(4)[k]).imag / h
        assert abs(by_steps - problem.grad_y_f(x, y)[..., k]).max() <= 1e-13 * (1 + power)
    for k in range(2):
        by_steps = problem.f(x + 1j * h * np.eye(2)[k], y).imag / h
        assert abs(by_steps - problem.grad_x_f(x, y)[..., k]).max() <= 1e-13 * (1 + power)


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("power", POWERS)
def test_hypergradient_is_the_complex_step_derivative_of_the_value(power: float, shared: bool) -> None:
    problem = random_flat(5, 4, 3, 2, power=power, shared=shared)
    x, h = problem.start()[0][0], 1e-30
    step = problem.over("complex").value(x + 1j * h * np.eye(3)).imag / h
    assert abs(problem.hypergradient(x[None])[0] - step).max() <= 1e-12 * (1 + power)


def slopes_on_a_grid(power: float) -> tuple[Array, Array]:
    """First and second derivative of the tail, the second from the first by complex step."""
    upper = FlatUpper(power, np.zeros((1, 1)), 1).over("complex")
    w = np.linspace(-12, 12, 240001)[:, None, None]
    first = upper.grad_y(w, w).real
    second = upper.grad_y(w, w + 1e-30j).imag / 1e-30
    return first.reshape(-1), second.reshape(-1)


@pytest.mark.parametrize("power", POWERS)
def test_constants_are_least_upper_bounds(power: float) -> None:
    first, second = slopes_on_a_grid(power)
    # The grid step is 1e-4; around their largest values both are flat to second order with curvatures below 3 (P+2)^2.
    slack = 3 * (power + 2) ** 2 * 1e-8
    assert steepest(power) - slack <= abs(first).max() <= steepest(power) * (1 + 1e-12)
    assert power - slack <= abs(second).max() <= power * (1 + 1e-12)
    positive_side = 2 * power * ((power + 1) / (power + 4)) ** ((power + 4) / 2)
    assert positive_side - slack <= second.max() <= positive_side * (1 + 1e-12) < power
    problem = random_flat(0, 3, 2, 4, power=power, scale=3)
    assert float(problem.constants.L_fx) == float(problem.constants.L_fy) == pytest.approx(3 * power)
    assert problem.constants.C_fy == pytest.approx(3 * 2 * steepest(power))
    peak = np.full((1, 3, 4), 1 / math.sqrt(power + 1))
    reached = np.linalg.norm(problem.grad_y_f(np.zeros((1, 3, 2)), peak), axis=-1).max()
    assert reached == pytest.approx(float(problem.constants.C_fy), rel=1e-12)


def test_constants_are_exact_rationals_and_follow_the_weights() -> None:
    constants = flat(H, B, c, b=b, power=Fraction(1, 3), scale=6, x_weight=2, y_weight=0).constants
    assert (constants.L_fx, constants.L_fy, constants.C_fy) == (4, 0, 0)
    assert isinstance(constants.L_fx, Fraction)


def test_every_assumption_of_the_paper_holds() -> None:
    assert audit((*A1, *A2), [random_flat(1, 3, 2, 2), flat_tail(0.1)]) == ()
    assert audit((*A1, *A2), [random_quadratic(1, 3, 2, 2)]) != ()


def test_infimum_is_approached_and_never_reached() -> None:
    problem = random_flat(2, 3, 2, 2, power=1)
    assert (problem.solution(), problem.infimum()) == (None, 0.0)
    ray = np.array([[1.0, 0.7]]) * 10.0 ** np.arange(6)[:, None]
    values = problem.value(ray)
    assert (values > 0).all()
    assert values[-1] < 1e-4
    assert (np.diff(values) < 0).all()


def test_infimum_counts_lower_solutions_that_do_not_move() -> None:
    still = flat(H, [[[0.0]], [[1.0]]], c, b=[[0.0], [0.0]], power=2, scale=3)
    # y_1* = 1/2 for every x: it adds 3 (1 + 1/4)^-1 / 2
    assert still.infimum() == pytest.approx(1.2, rel=1e-15)
    assert float(still.value(np.array([[1e9]]))[0]) == pytest.approx(1.2, rel=1e-9)
    assert flat(H, [[[0.0]], [[0.0]]], c, b=b, y_weight=0).infimum() == 0
    half: Any = [[[1.0], [0.0]]]
    assert flat([[[1.0, 0.0], [0.0, 1.0]]], half, [[0.0, 1.0]], b=[[0.0]]).infimum() is None


def test_a_shared_lower_level_whose_slopes_cancel_stays() -> None:
    opposed = flat([[[1.0]]] * 2, [[[1.0]], [[-1.0]]], [[1.0], [1.0]], b=[[0.0], [0.0]], power=2, shared=True)
    assert opposed.infimum() == pytest.approx(0.5)
    assert float(opposed.value(np.array([[1e9]]))[0]) == pytest.approx(0.5)


REFUSED: list[tuple[Callable[[], object], str]] = [
    (lambda: FlatUpper(0, np.zeros((2, 1)), 1), "power is 0; give a number > 0"),
    (lambda: FlatUpper(1, np.zeros((2, 1)), 1, scale=-1), "scale is -1; give a number > 0"),
    (lambda: FlatUpper(1, np.zeros((2, 1)), 1, x_weight=-2), "x_weight is -2; give a number >= 0"),
    (lambda: FlatUpper(1, np.zeros((2, 1)), 1, 1, 0, 0), "x_weight and y_weight are both 0"),
    (lambda: FlatUpper(1, np.ones((2, 1)), 1), "b sums to 2.0 over the agents"),
    (lambda: FlatUpper(1, np.zeros(2), 1), r"b has shape \(2,\); give 2 axes"),
    (lambda: FlatUpper(1, np.zeros((2, 1)), 0), "q is 0; give a whole number >= 1"),
    (lambda: flat(H, B, c, b=b).over("fraction"), "works in complex, float"),
    (lambda: FlatUpper(1, np.zeros((2, 1)), 1).over("fmpq"), "has powers, choose float or complex"),
    (lambda: named("flat:powr=2", 3), "unknown setting of flat 'powr'; did you mean 'power'"),
]


@pytest.mark.parametrize("k", range(len(REFUSED)))
def test_bad_input_is_refused_with_one_sentence(k: int) -> None:
    attempt, says = REFUSED[k]
    with pytest.raises(InputError, match=says) as caught:
        attempt()
    assert "\n" not in str(caught.value)


def test_named_and_repeatable() -> None:
    first, again = named("flat:power=1/10,p=2,q=1,seed=4", 3), named("flat:power=0.1,p=2,q=1,seed=4", 3)
    assert isinstance(first, SolvedProblem)
    assert first.constants.L_fx == Fraction(1, 10)
    x = first.start()[0][:1]
    assert (first.hypergradient(x) == again.hypergradient(x)).all()
    assert first.lacks == ("no stationary point is known in closed form",)


@pytest.mark.parametrize("power", [0.1, 1.0, 3.0])
def test_the_exponent_is_that_of_gradient_flow(power: float) -> None:
    from scipy.integrate import solve_ivp

    upper = FlatUpper(power, np.zeros((1, 1)), 1, y_weight=0)

    def slope(x: Array) -> Array:
        return upper.grad_x(x.reshape(-1, 1, 1), x.reshape(-1, 1, 1)).reshape(-1)

    times = np.array([1e8, 1e9])
    solved = solve_ivp(lambda t, x: -slope(x), (0, 1e9), [1.0], t_eval=times, rtol=1e-10, method="LSODA")
    measured = np.diff(np.log(slope(solved.y[0]) ** 2))[0] / np.log(10)
    assert measured == pytest.approx(exponent(power), abs=2e-3)


def test_settled_bounds_what_it_says() -> None:
    # slopes of t^-1.5 (1 + 5 t^-2/(P+2) - 20/t): local slopes approach -1.5 from both corrections
    for power in (0.1, 1.0, 3.0):
        t = 4096.0 / np.array([8, 4, 2, 1])
        values = t**-1.5 * (1 + 5 * t ** (-2 / (power + 2)) - 20 / t)
        local = np.diff(np.log(values)) / np.diff(np.log(t))
        assert abs(local[-1] + 1.5) <= settled(local, power)


class Untracked(Interact):
    """u is the local surrogate: opposed linear parts keep the agents apart."""

    def step(self, t: int, s: Any, o: Oracle, net: Any) -> Any:
        state = super().step(t, s, o, net)
        return type(state)(state.x, state.y, state.p, state.v, state.p)


def test_the_claim_holds_for_interact_and_falls_without_tracking() -> None:
    assert judge(RATE_FLAT, alpha=1e-4).finding.verdict is Verdict.SUPPORTED
    assert (
        judge(RATE_FLAT, alpha=1e-4, substitutes={"interact": Untracked}).finding.verdict is Verdict.REFUTED
    )
