"""Certificates for monomials: they hold at random points, forged ones are refused, and both answers occur."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiritlevel.core.errors import InputError
from spiritlevel.theory.instruments.monomials import Bounded, Fact, Monomial, Unbounded, largest, verify

few = settings(max_examples=100, derandomize=True, deadline=None)
VARIABLES = ("x", "y", "z")
POSITIVE = st.fractions(min_value=Fraction(1, 20), max_value=20, max_denominator=20)


@st.composite
def monomials(draw: st.DrawFn) -> Monomial:
    powers = draw(st.lists(st.integers(-3, 3), min_size=3, max_size=3))
    return Monomial.build(draw(POSITIVE), dict(zip(VARIABLES, powers, strict=True)))


@few
@given(monomials(), st.lists(monomials(), min_size=1, max_size=6), st.lists(POSITIVE, min_size=3, max_size=3))
def test_a_bound_holds_wherever_the_facts_do(
    target: Monomial, rows: list[Monomial], at: list[Fraction]
) -> None:
    point = dict(zip(VARIABLES, at, strict=True))
    # facts are scaled so that the point satisfies each of them: they cannot contradict each other
    facts = [Fact(str(k), m * Monomial.of(1 / max(m.at(point), Fraction(1)))) for k, m in enumerate(rows)]
    found = largest(target, facts)
    assert verify(target, facts, found)
    if isinstance(found, Bounded):
        assert target.at(point) ** found.power <= found.powered
        assert found.at_most(found.upper)
    else:
        far = {v: x * Fraction(2) ** dict(found.ray).get(v, 0) for v, x in point.items()}
        assert target.at(far) > target.at(point)
        assert all(f.monomial.at(far) <= 1 for f in facts)


@few
@given(monomials(), monomials())
def test_algebra_agrees_with_values(a: Monomial, b: Monomial) -> None:
    point = {"x": Fraction(2, 3), "y": Fraction(5), "z": Fraction(1, 7)}
    assert (a * b).at(point) == a.at(point) * b.at(point)
    assert (a / b).at(point) == a.at(point) / b.at(point)
    assert a.substitute({"x": b}).at(point) == a.at(point | {"x": b.at(point)})


def test_the_root_entry_is_a_geometric_mean() -> None:
    facts = [
        Fact("1/(m g)", Monomial.of(alpha=1, m=1, g=1)),
        Fact("g^2/(32 K2)", Monomial.of(32, alpha=1, g=-2, K2=1)),
    ]
    found = largest(Monomial.of(32, alpha=2, m=1, K2=1, g=-1), facts)
    assert isinstance(found, Bounded)
    assert found.at_most(1)
    assert dict(found.multipliers) == {"1/(m g)": 1, "g^2/(32 K2)": 1}


def test_leaving_a_fact_out_turns_a_bound_into_a_ray() -> None:
    facts = [
        Fact("x <= 4 y", Monomial.of(Fraction(1, 4), x=1, y=-1)),
        Fact("y <= 9", Monomial.of(Fraction(1, 9), y=1)),
    ]
    found = largest(Monomial.of(x=1), facts)
    assert isinstance(found, Bounded)
    assert found.upper == 36
    assert largest(Monomial.of(x=1), facts[:1]) == Unbounded((("x", 1), ("y", 1)))


@pytest.mark.parametrize(
    "forged",
    [
        Bounded((("x <= 2", Fraction(1)),), Fraction(1), 1),  # a bound that is too small
        Bounded((("x <= 2", Fraction(2)),), Fraction(4), 1),  # not the target
        Bounded((("x <= 2", Fraction(-1)),), Fraction(9), 1),  # a negative multiplier
        Bounded((("x <= 3", Fraction(1)),), Fraction(3), 1),  # not a fact
        Bounded((("x <= 2", Fraction(1, 2)),), Fraction(3), 1),  # no whole power
        Unbounded((("x", 1),)),  # breaks the fact
        Unbounded((("x", -1),)),  # does not grow
    ],
)
def test_forged_certificates_are_refused(forged: Bounded | Unbounded) -> None:
    facts = [Fact("x <= 2", Monomial.of(Fraction(1, 2), x=1))]
    assert not verify(Monomial.of(x=1), facts, forged)
    assert verify(Monomial.of(x=1), facts, Bounded((("x <= 2", Fraction(1)),), Fraction(2), 1))


def test_facts_with_one_name_certify_nothing() -> None:
    facts = [Fact("same", Monomial.of(x=1)), Fact("same", Monomial.of(y=1))]
    assert not verify(Monomial.of(x=1), facts, Bounded((("same", Fraction(1)),), Fraction(1), 1))


def test_contradicting_facts_are_refused() -> None:
    facts = [Fact("x <= 1", Monomial.of(x=1)), Fact("x >= 2", Monomial.of(2, x=-1))]
    with pytest.raises(InputError, match="contradict"):
        largest(Monomial.of(x=1), facts)


def test_rounding_up_is_upwards() -> None:
    found = Bounded((), Fraction(2), 2)
    assert found.upper**2 > 2
    assert (found.upper - Fraction(1, 10**6)) ** 2 < 2


@few
@given(POSITIVE)
def test_coefficients_are_positive(c: Fraction) -> None:
    with pytest.raises(InputError, match="positive"):
        Monomial.of(-c, x=1)
