"""What a step-size list makes of (20)'s coefficients: certified sums, or exact admitted points that miss a target."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from spiritlevel.theory.instruments.monomials import Fact, Monomial, log_of
from spiritlevel.theory.interact.constants import Convention, lemmas
from spiritlevel.theory.interact.step_sizes.coefficients import (
    coefficients,
    letters,
    ratios,
    symbol,
    targets,
)
from spiritlevel.theory.interact.step_sizes.list_witnesses import Theorem, list_witness
from spiritlevel.theory.interact.step_sizes.step_facts import (
    LETTERS,
    Certified,
    World,
    bound,
    expanded,
    facts_of,
    read_as,
    side_facts,
)
from spiritlevel.theory.interact.step_sizes.theorem3_list import svr_lemmas
from spiritlevel.theory.statement import Context
from spiritlevel.theory.step_lists.stepsize import Rule
from spiritlevel.theory.witness import Condition, Witness
from spiritlevel.theory.witness import check as recheck


def first_list(ctx: Context, rule: Rule, convention: Convention) -> dict[str, Fact]:
    """Theorem 1's list, or its repair, as facts in Lemma 1's letters."""
    return facts_of(rule, lambda s: lemmas(s.constants, convention), ctx.seed("settings"))


def third_list(ctx: Context, rule: Rule, convention: Convention) -> dict[str, Fact]:
    """Theorem 3's list, or its repair, as facts in Lemma 1's letters."""
    return facts_of(rule, lambda s: svr_lemmas(s, convention), ctx.seed("settings"))


def judged(facts: Mapping[str, Fact], world: World, joint: bool) -> dict[str, Certified]:
    """Every coefficient's positive part relative to its negative one: at most 1 is enough for its target."""
    read = read_as(facts, world)
    known = [*read.values(), *side_facts(read, world, joint)]
    return {name: bound(parts, known, world) for name, parts in parts_of(world).items()}


def parts_of(world: World) -> dict[str, tuple[Monomial, ...]]:
    """Every coefficient's positive monomials, less its target, relative to its negative one."""
    found = ratios(world)
    if any(r is None for r in found.values()):
        raise ArithmeticError("a coefficient has no negative part")
    return {name: r.parts for name, r in found.items() if r is not None}


def met(found: Certified) -> bool:
    """Whether the certificates show that a coefficient meets its target."""
    return found.total is not None and found.total <= 1


def told(found: Certified) -> str:
    """The verdict on one coefficient in words: the certified sum, or what grows and how."""
    if found.total is not None:
        return f"{found.total} of what it may be"
    return f"unbounded: {found.grows} grows along {found.ray}"


_PAIR = {
    "mu": Monomial.of(),
    "L": Monomial.of(2),
    "s": Monomial.of(3),
    "m": Monomial.of(2),
    "K2": Monomial.of(4, F=2),
    "q": Monomial.of(),
    "R": Monomial.of(),
    "D": Monomial.of(),
    "r": Monomial.of(Fraction(2, 9), beta=1),
}
"""Two agents with mu = 1, L = 2, L_fx = F, L_K = 2F and no other upper-level constants; 1+rho, 1+r and 1-r near 1."""


def point(grows: Monomial, lists: list[Fact], world: World) -> dict[str, Fraction] | None:
    """Exact admitted letters at which a monomial is at least 4, all powers of two but those in `_PAIR`; None if none was found."""
    facts = [
        Fact(f"{f.name}, {k}", piece.substitute(_PAIR))
        for f in lists
        for k, piece in enumerate(expanded(f.monomial, world))
    ]
    facts.append(Fact("large", (Monomial.of(4) / grows).substitute(_PAIR)))
    roomy = [f.name for f in facts]
    facts += [
        Fact("gamma <= 1/2", Monomial.of(2, gamma=1)),
        Fact("rho <= 1/2", Monomial.of(2, rho=1)),
        Fact("beta <= 1", Monomial.of(beta=1)),
    ]
    p = inside(facts, 3.0, roomy)
    if p is None:
        return None
    r, F = Fraction(2, 9) * p["beta"], p["F"]
    values = {**p, "mu": Fraction(1), "L": Fraction(2), "s": Fraction(3), "m": Fraction(2), "K2": 4 * F**2}
    values |= {"q": 1 + p["rho"], "r": r, "R": 1 + r, "D": 1 - r}
    values["w"] = LETTERS[world]["L_l"].at(values) + 16 * values["K2"] * 2
    return values if all(f.monomial.at(values) <= 1 for f in lists) else None


def excess_at(name: str, world: World, values: Mapping[str, Fraction]) -> Fraction:
    """A coefficient less its target at exact letters; positive means that it misses it."""
    import sympy

    k = letters(world)
    exact = {symbol(v): sympy.Rational(x.numerator, x.denominator) for v, x in values.items()}
    found = (coefficients(k)[name] - targets(k)[name]).subs(exact)
    return Fraction(int(found.p), int(found.q))


def inside(facts: Sequence[Fact], margin: float, strict: Iterable[str]) -> dict[str, Fraction] | None:
    """Powers of two that satisfy the facts exactly, those named by ``strict`` with room to spare; None if none were found.

    Parameters
    ----------
    margin
        The most room asked for, as a power of two.

    Examples
    --------
    >>> inside([Fact("x <= 1", Monomial.of(x=1)), Fact("x >= 1/9", Monomial.of(Fraction(1, 9), x=-1))], 9, ["x <= 1"])
    {'x': Fraction(1, 8)}
    """
    from scipy.optimize import linprog

    names = sorted({name for f in facts for name, _ in f.monomial.exponents})
    tight = set(strict)
    rows = [[*(float(f.monomial.exponent(v)) for v in names), float(f.name in tight)] for f in facts]
    b = [-log_of(f.monomial.coefficient) / math.log(2) for f in facts]
    free: list[tuple[float | None, float | None]] = [(None, None)] * len(names)
    found = linprog(
        [0.0] * len(names) + [-1.0], A_ub=rows, b_ub=b, bounds=[*free, (0.0, margin)], method="highs-ds"
    )
    if found.status != 0:
        return None
    point = {v: Fraction(2) ** round(z) for v, z in zip(names, found.x, strict=False)}
    return point if all(f.monomial.at(point) <= 1 for f in facts) else None


CLAIMS = {
    "C_3": "2*alpha*L_f**2/m - a*(3*r + 18*r**2) <= -3*r**2*(1 - lam)/(32*(1 + r)*L_y**2)",
    "C_5": "alpha*(alpha/(1 - lam) + alpha*(1 - lam)/8 + 4*alpha**2*L_K**2/(1 - lam) - (1 - lam)) <= 0",
}


def _witness(statement: str, theorem: Theorem, name: str, v: Mapping[str, Fraction]) -> Witness:
    given = {"mu_g": 1, "L_g": 2, "C_gxy": v["rho"], "L_gxy": 0, "L_gyy": 0, "L_fx": v["F"], "L_fy": 0, "C_fy": 0,
             "L_K": 2 * v["F"], "lam": 1 - v["gamma"], "m": 2, "alpha": v["alpha"], "beta": v["beta"]}  # fmt: skip
    return list_witness(
        statement,
        theorem,
        "plain",
        given | ({"K": 1} if theorem == 3 else {}),
        Condition(f"{name} meets its target", CLAIMS[name]),
        claim_text=f"under the list of Theorem {theorem}, {name} of (20) meets its target",
    )


@dataclass(frozen=True)
class Miss:
    """A coefficient that misses its target at an exact admitted point."""

    name: str
    excess: Fraction
    witness: Witness


def misses(
    statement: str, theorem: Theorem, facts: Mapping[str, Fact], found: Mapping[str, Certified]
) -> list[Miss]:
    """Exact points for the coefficients that are unbounded in plain constants, admitted by both readings of the list."""
    both = [
        Fact(f"{f.name} ({world})", f.monomial)
        for world in ("plain", "printed")
        for f in read_as(facts, world).values()
        if not f.monomial.exponent("w")
    ] + [f for f in read_as(facts, "plain").values() if f.monomial.exponent("w")]
    result = []
    for name, certified in found.items():
        if certified.grows is None or name not in CLAIMS:
            continue
        at = point(certified.grows, both, "plain")
        if at is not None and (value := excess_at(name, "plain", at)) > 0:
            witness = _witness(statement, theorem, name, at)
            if recheck(witness).ok:
                result.append(Miss(name, value, witness))
    return result
