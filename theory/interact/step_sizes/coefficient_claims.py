"""Do the step-size lists of Theorems 1 and 3 ensure what the proofs need of (20)'s coefficients?"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from spiritlevel.theory.instruments.monomials import Fact, Monomial
from spiritlevel.theory.interact import PAPER
from spiritlevel.theory.interact.assumptions import A1, A2
from spiritlevel.theory.interact.step_sizes.coefficient_evidence import (
    first_list,
    judged,
    met,
    misses,
    parts_of,
    third_list,
    told,
)
from spiritlevel.theory.interact.step_sizes.coefficients import NAMES
from spiritlevel.theory.interact.step_sizes.step_facts import Certified, World, bound, read_as, side_facts
from spiritlevel.theory.interact.step_sizes.theorem1_list import THEOREM_1, THEOREM_1_REPAIRED
from spiritlevel.theory.interact.step_sizes.theorem3_list import THEOREM_3, THEOREM_3_REPAIRED
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict

TARGETS = (
    r"C_1, C_4, C_5 \le 0,\ C_2 \le -\tfrac{1-\lambda}{4},\ C_3 \le -\tfrac{3r^2(1-\lambda)}{32(1+r)L_y^2}"
)
_MISSING = "4(1-lam)^2/5"


def _numbers(found: Mapping[str, Mapping[str, Certified]]) -> dict[str, str]:
    return {f"{name}, {world}": told(c) for world, each in found.items() for name, c in each.items()}


def _short(found: Mapping[str, Certified]) -> str:
    """Which coefficients meet their targets, with the certified sums."""
    good = [f"{name} ({float(c.total):.3g})" for name, c in found.items() if met(c) and c.total is not None]
    bad = [name for name, c in found.items() if not met(c)]
    return f"met by {', '.join(good) or 'none'}; not by {', '.join(bad) or 'none'}"


def _check_coef(ctx: Context) -> Finding:
    facts = first_list(ctx, THEOREM_1, "printed")
    worlds: tuple[World, ...] = ("letters", "plain", "printed")
    found: dict[str, dict[str, Certified]] = {world: judged(facts, world, joint=True) for world in worlds}
    missed = misses("interact/coef", 1, facts, found["plain"])
    holds = all(met(c) for world in ("letters", "plain") for c in found[world].values())
    # (20)'s own letters decide, as in the proof; the point that confirms it has true Lipschitz constants
    fails = {n for n in NAMES if not met(found["letters"][n])} & {miss.name for miss in missed}
    first = missed[0] if fails else None
    return Finding(
        verdict=Verdict.PROVED if holds else Verdict.REFUTED if fails else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC if holds else Method.RATIONAL,
        summary=f"{first.name} misses its target: {found['letters'][first.name].grows} is unbounded under the list; exact point with "
        f"lam = {first.witness.given['lam']}, alpha = {first.witness.given['alpha']}, admitted with and without the squares: "
        f"{first.name} = {float(first.excess):.3g} > 0; the other four are certified"
        if first
        else _short(found["plain"]),
        numbers=_numbers(found) | {f"{miss.name} at the point": str(miss.excess) for miss in missed},
        cases=3 * len(NAMES),
        witness=first.witness if first else None,
    )


COEF = Statement(
    id="interact/coef",
    paper=PAPER,
    location="(18)-(20)",
    kind="lemma",
    sentence="Under the printed step sizes C_1, C_4, C_5 <= 0 and C_2, C_3 meet their targets, the C_i rebuilt from (14)-(19) as they are not printed.",
    formula=TARGETS,
    because="C_5 <= 0 needs alpha/(1-lam) below 1-lam; every entry that has (1-lam)^2 also has 1/L_K, 1/L_K^2 or 1/(L_y^2 L_K^2), "
    "so that a small L_K leaves alpha <= 1. With the printed squares in the list and the weight, but (14) and (15) as they are true, "
    "C_1, C_2 and C_3 fail as well once C_gxy < mu_g. With constants of at least 1: interact/thm1-enlarged.",
    assumptions=(*A1, *A2),
    check=_check_coef,
    expected=Verdict.REFUTED,
)


def _check_first_four(ctx: Context) -> Finding:
    facts = first_list(ctx, THEOREM_1, "printed")
    worlds: tuple[World, ...] = ("letters", "plain")
    found: dict[str, dict[str, Certified]] = {world: judged(facts, world, joint=True) for world in worlds}
    good = all(met(each[name]) for each in found.values() for name in NAMES[:4])
    certificates = {
        f"{name}, plain: {part}": text
        for name in NAMES[:4]
        for part, text in found["plain"][name].certificates
    }
    return Finding(
        verdict=Verdict.PROVED if good else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary="positive over negative part, by products of entries that equal each monomial exactly: "
        + "; ".join(
            f"{what}: " + ", ".join(f"{n} {found[w][n].total}" for n in NAMES[:4])
            for w, what in (("letters", "(14), (15) as printed"), ("plain", "plain constants"))
        ),
        numbers=_numbers(found) | certificates,
        cases=2 * 4,
    )


COEF_FIRST_FOUR = Statement(
    id="interact/coef-C1-4",
    paper=PAPER,
    location="(18)-(20)",
    kind="lemma",
    variant="repaired",
    repairs="interact/coef",
    sentence="Under the printed step sizes C_1, C_2, C_3 and C_4 meet their targets, with the constants as letters and as plain "
    "Lipschitz constants.",
    formula=TARGETS.replace(", C_5", ""),
    because="Leaves out C_5. In plain constants C_2 holds although its entry has L_l for L_l^2, since F^2 <= L_K^2.",
    assumptions=(*A1, *A2),
    check=_check_first_four,
    expected=Verdict.PROVED,
)


def _threshold() -> bool:
    """That (1-lam)^2/(1+(1-lam)^2/4) is where C_5 changes sign at L_K^2 = (1-lam)^2/(32 alpha), and 4(1-lam)^2/5 is below."""
    import sympy

    g = sympy.Symbol("gamma", positive=True)
    alpha = g**2 / (1 + g**2 / 4)
    K2 = g**2 / (32 * alpha)
    at = alpha / g + alpha * g / 8 + 4 * alpha**2 * K2 / g - g
    gap = sympy.factor(alpha - sympy.Rational(4, 5) * g**2)
    # gap = g^2 (1 - g^2) / (g^2 + 4) * 4/5, which is >= 0 for g <= 1
    quotient = sympy.simplify(gap / (g**2 * (1 - g**2) / (g**2 + 4)))
    return bool(sympy.simplify(at) == 0 and quotient.is_number and quotient > 0)


def _check_repaired(ctx: Context) -> Finding:
    facts = first_list(ctx, THEOREM_1_REPAIRED, "plain")
    found = judged(facts, "plain", joint=True)
    without = judged({n: f for n, f in facts.items() if n != _MISSING}, "plain", joint=True)
    exact = _threshold()
    good = all(map(met, found.values()))
    return Finding(
        verdict=Verdict.PROVED if good and exact else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary=f"certified sums of positive over negative parts: {', '.join(f'{n} {found[n].total}' for n in NAMES)}; without the added "
        f"entry: {_short(without)}; with (1-lam)^2/(32 L_K^2) the exact threshold for C_5 is (1-lam)^2/(1+(1-lam)^2/4)",
        numbers=_numbers({"repaired": found, "without the added entry": without})
        | {f"C_5: {part}": text for part, text in found["C_5"].certificates},
        cases=len(NAMES),
    )


COEF_REPAIRED = Statement(
    id="interact/coef-repaired",
    paper=PAPER,
    location="(18)-(20)",
    kind="lemma",
    variant="repaired",
    repairs="interact/coef",
    sentence="With plain Lipschitz constants and alpha <= 4(1-lam)^2/5 added, all of C_1..C_5 meet their targets.",
    formula=TARGETS,
    because="The added entry bounds alpha/(1-lam)^2 by 4/5 and the two other parts of C_5 by 1/10 each; equality at lam = 0.",
    assumptions=(*A1, *A2),
    check=_check_repaired,
    expected=Verdict.PROVED,
)


def _served(parts: Mapping[str, list[Monomial]], side: list[Fact], entry: Fact) -> tuple[str, ...]:
    """The coefficients with a part that this entry bounds; the side facts alone bound none of the parts."""
    return tuple(
        name
        for name, each in parts.items()
        if any(bound([p], [*side, entry], "letters").total is not None for p in each)
    )


def _check_terms(ctx: Context) -> Finding:
    facts = first_list(ctx, THEOREM_1, "printed")
    repaired = first_list(ctx, THEOREM_1_REPAIRED, "plain")
    facts |= {_MISSING: repaired[_MISSING]}
    side = side_facts(read_as(facts, "letters"), "letters")
    listed = {t.name: t for t in (*THEOREM_1.terms, *THEOREM_1_REPAIRED.terms) if t.name in facts}
    loose = {
        name: [p for p in parts if bound([p], side, "letters").total is None]
        for name, parts in parts_of("letters").items()
    }
    alone = {name: _served(loose, side, fact) for name, fact in facts.items()}
    whole = judged(facts, "letters", joint=True)
    dropped = {}
    for name in facts:
        rest = judged({n: f for n, f in facts.items() if n != name}, "letters", joint=True)
        dropped[name] = tuple(n for n in NAMES if met(whole[n]) and not met(rest[n]))
    agrees = {n: alone[n] == (listed[n].serves,) for n in facts if listed[n].step == "alpha"}
    complete = all(map(met, whole.values()))
    good = all(agrees.values()) and complete
    idle = [n for n in facts if not dropped[n]]
    return Finding(
        verdict=Verdict.PROVED if good else Verdict.REFUTED,
        method=Method.SYMBOLIC,
        summary=f"each of the {len(agrees)} alpha entries alone bounds a part of exactly the coefficient noted in the list (certificates; "
        f"rays for all others), with {_MISSING} nothing is left; dropping one entry loses a target for all but {len(idle)}: "
        f"{'; '.join(idle)}"
        if good
        else f"differ: {', '.join(n for n, ok in agrees.items() if not ok) or 'none'}; all targets met: {complete}",
        numbers={f"alone, {n}": list(v) for n, v in alone.items()}
        | {f"dropped, {n}": list(v) for n, v in dropped.items()},
        cases=len(facts) * len(NAMES),
    )


COEF_TERMS = Statement(
    id="interact/coef-terms",
    paper=PAPER,
    location="Theorem 1 and (20)",
    kind="step size",
    variant="added",
    sentence="Every entry of alpha's list in Theorem 1 serves exactly one of C_1..C_5, C_1 three of them, C_2 two, C_3 and C_4 one each, "
    "C_5 two; with alpha <= 4(1-lam)^2/5 no part of any coefficient is left.",
    because="Names the entry that is missing and what each of the others is for; the technical report's coefficients are not printed.",
    check=_check_terms,
    expected=Verdict.PROVED,
)


def _check_third(ctx: Context) -> Finding:
    facts = third_list(ctx, THEOREM_3, "printed")
    worlds: tuple[World, ...] = ("letters", "plain", "printed")
    found: dict[str, dict[str, Certified]] = {world: judged(facts, world, joint=False) for world in worlds}
    missed = misses("interact/thm3-coef", 3, facts, found["plain"])
    fails = [miss for miss in missed if not met(found["letters"][miss.name])]
    points = "; ".join(
        f"{miss.name} at lam = {miss.witness.given['lam']}, beta = {miss.witness.given['beta']}, "
        f"alpha = {float(Fraction(str(miss.witness.given['alpha']))):.3g}"
        for miss in fails
    )
    holds = all(met(c) for world in ("letters", "plain") for c in found[world].values())
    return Finding(
        verdict=Verdict.PROVED if holds else Verdict.REFUTED if fails else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC if holds else Method.RATIONAL,
        summary=f"already INTERACT's parts, which C'_i exceed, miss their targets, at exact points that both readings of the list admit: {points}"
        if fails
        else _short(found["plain"]),
        numbers=_numbers(found) | {f"{miss.name} less its target": str(miss.excess) for miss in missed},
        cases=3 * len(NAMES),
        witness=fails[0].witness if fails else None,
    )


THM3_COEF = Statement(
    id="interact/thm3-coef",
    paper=PAPER,
    location="Theorem 3, before (30)",
    kind="lemma",
    sentence="Under Theorem 3's step sizes the parts of C'_1..C'_5 that INTERACT has too, rebuilt as in interact/coef, meet the targets that (30) needs.",
    formula=TARGETS.replace("C_", "C'_"),
    because="C_3's entry 9r^2 m a/L_f^2 is printed with 1/a for the weight a, which a small beta makes too large; and nothing keeps "
    "alpha below (1-lam)^2 for C_5.",
    assumptions=(*A1, *A2),
    check=_check_third,
    expected=Verdict.REFUTED,
)


def _check_third_repaired(ctx: Context) -> Finding:
    found = judged(third_list(ctx, THEOREM_3_REPAIRED, "plain"), "plain", joint=False)
    return Finding(
        verdict=Verdict.PROVED if all(map(met, found.values())) else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary="certified sums of positive over negative parts: "
        + ", ".join(f"{n} {told(found[n])}" for n in NAMES)
        + "; the parts that come from sampling are not looked at",
        numbers=_numbers({"plain": found}),
        cases=len(NAMES),
    )


THM3_COEF_REPAIRED = Statement(
    id="interact/thm3-coef-repaired",
    paper=PAPER,
    location="Theorem 3, before (30)",
    kind="lemma",
    variant="repaired",
    repairs="interact/thm3-coef",
    sentence="With plain Lipschitz constants and Theorem 1's entries for C_3, for L_l^2 in C_2 and alpha <= 4(1-lam)^2/5 added, the parts of "
    "C'_1..C'_5 that INTERACT has too meet their targets.",
    formula=TARGETS.replace("C_", "C'_"),
    because="Puts a where 1/a is printed, adds what C_5 needs; it says nothing on the parts of C'_i that come from the estimators.",
    assumptions=(*A1, *A2),
    check=_check_third_repaired,
    expected=Verdict.PROVED,
)
