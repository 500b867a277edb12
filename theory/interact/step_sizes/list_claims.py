"""Entries of the step-size lists that never bind, and entries that shrink when the problem improves."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.constants import Constants
from spiritlevel.theory.instruments.monomials import Fact
from spiritlevel.theory.interact import PAPER
from spiritlevel.theory.interact.assumptions import A1, A2
from spiritlevel.theory.interact.constants import Lemmas, lemmas
from spiritlevel.theory.interact.step_sizes.coefficient_evidence import first_list, third_list
from spiritlevel.theory.interact.step_sizes.list_witnesses import list_witness
from spiritlevel.theory.interact.step_sizes.step_facts import World, bound, letters_at, read_as, side_facts
from spiritlevel.theory.interact.step_sizes.theorem1_list import THEOREM_1, THEOREM_1_REPAIRED
from spiritlevel.theory.interact.step_sizes.theorem3_list import THEOREM_3, svr_lemmas
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.step_lists.stepsize import Setting
from spiritlevel.theory.witness import check as recheck

Reader = Callable[[Setting], Lemmas]


@dataclass(frozen=True)
class Redundancy:
    """Which entries the others imply, each with its certificate, and what is left when they go one by one."""

    implied: Mapping[str, str]
    kept: tuple[str, ...]


def redundancy(facts: Mapping[str, Fact], world: World, joint: bool) -> Redundancy:
    """Every entry against all the others; then the entries are removed in order while the rest implies them.

    An entry that is not implied may still never bind: the certificates know the constants only through
    `side_facts`.
    """
    read = read_as(facts, world)

    def certificate(name: str, rest: Mapping[str, Fact]) -> str | None:
        known = [*rest.values(), *side_facts(rest, world, joint)]
        found = bound([read[name].monomial], known, world)
        if found.total is None or found.total > 1:
            return None
        pieces = " and ".join(f"{piece} from {text}" for piece, text in found.certificates)
        return f"at most {found.total} of its bound: {pieces}"

    texts = {name: certificate(name, {n: f for n, f in read.items() if n != name}) for name in read}
    rest = dict(read)
    for name in [n for n, text in texts.items() if text is not None]:
        if certificate(name, {n: f for n, f in rest.items() if n != name}) is not None:
            del rest[name]
    return Redundancy({n: text for n, text in texts.items() if text is not None}, tuple(rest))


def seen_binding(ctx: Context, facts: Mapping[str, Fact], read: Reader) -> set[str]:
    """Entries that bind alone, by at least a factor 1.001, at random exact constants over many decades.

    ``facts`` in Lemma 1's letters; ``read`` says what they are. A few hundred settings show most entries.
    """
    rng = np.random.default_rng(ctx.seed("binding"))
    lists = [[f for f in facts.values() if f.monomial.exponent("alpha") == 0]]
    lists.append([f for f in facts.values() if f not in lists[0]])
    seen: set[str] = set()
    for _ in range(ctx.pick(500, 5000)):
        v = [Fraction(2) ** int(e) for e in rng.integers(-14, 15, 6)]
        c = Constants(mu_g=1, L_g=1 + v[0], C_gxy=v[1], L_fx=v[2], L_fy=v[3], L_gxy=v[4], C_fy=v[5])
        setting = Setting(
            constants=c,
            lam=1 - Fraction(1, 2) ** int(rng.integers(1, 12)),
            m=int(2 ** rng.integers(0, 12)),
            steps={"beta": 1 / (c.mu_g + c.L_g)},
            more={"K": Fraction(int(rng.integers(1, 20)))},
        )
        at = letters_at(setting, read(setting)) | {"alpha": Fraction(1)}
        share = Fraction(1, 2) ** int(rng.integers(0, 12))
        for listed, step in zip(lists, ("r", "alpha"), strict=True):
            sizes = {
                f.name: float(f.monomial.at(at)) ** (1 / float(f.monomial.exponent(step))) for f in listed
            }
            second, first = sorted(sizes.values())[-2:]
            if first > 1.001 * second:
                seen |= {name for name, size in sizes.items() if size == first}
            if step == "r":  # a share of the largest r for the list of alpha
                r = share * at["r"] / Fraction(first)
                at |= {"r": r, "R": 1 + r, "D": 1 - r}
    return seen


def _judge(ctx: Context, lists: Mapping[str, Mapping[str, Fact]], read: Reader, joint: bool) -> Finding:
    """Whether an entry of each named list is implied by the others in plain constants."""
    found = {what: redundancy(each, "plain", joint) for what, each in lists.items()}
    numbers: dict[str, Any] = {
        f"{what}, whatever Lemma 1's letters are": list(redundancy(each, "letters", joint).implied)
        for what, each in lists.items()
    }
    wrong: list[str] = []
    for what, each in found.items():
        seen = seen_binding(ctx, lists[what], read)
        wrong += [f"{n} ({what})" for n in each.implied if n in seen]
        numbers |= {f"{what}: {n}": text for n, text in each.implied.items()}
        numbers |= {f"{what}, left": list(each.kept), f"{what}, seen binding alone": sorted(seen)}
        numbers[f"{what}, left but not seen binding"] = sorted(set(each.kept) - seen)
    implied = any(each.implied for each in found.values())
    text = "; ".join(
        f"{what}: {', '.join(each.implied) or 'none'} (without them {len(each.kept)} of {len(lists[what])} remain)"
        for what, each in found.items()
    )
    return Finding(
        verdict=Verdict.INCONCLUSIVE if wrong else Verdict.REFUTED if implied else Verdict.SUPPORTED,
        method=Method.SYMBOLIC,
        summary=f"contradicted by a setting: {', '.join(wrong)}"
        if wrong
        else f"implied by the others, with certificates, {text}",
        numbers=numbers,
        cases=sum(map(len, lists.values())),
    )


def _check_redundant(ctx: Context) -> Finding:
    return _judge(
        ctx,
        {
            "printed list": first_list(ctx, THEOREM_1, "printed"),
            "repaired list": first_list(ctx, THEOREM_1_REPAIRED, "plain"),
        },
        lambda s: lemmas(s.constants, "plain"),
        joint=True,
    )


COEF_REDUNDANT = Statement(
    id="interact/coef-redundant",
    paper=PAPER,
    location="Theorem 1",
    kind="step size",
    variant="added",
    sentence="Every entry of Theorem 1's list binds for some constants (read as plain Lipschitz constants).",
    because="The entry with the root is the geometric mean of 1/(m(1-lam)) and (1-lam)^2/(32 L_K^2); (1-lam)/(4 L_K) follows from the "
    "latter and 1; those with L_l follow from L_f <= L_K and the entries for C_2 to C_4; 3(mu+L)/(mu L) >= 12/(mu+L).",
    assumptions=(*A1, *A2),
    check=_check_redundant,
    expected=Verdict.REFUTED,
)


def _check_third_redundant(ctx: Context) -> Finding:
    return _judge(
        ctx,
        {"Theorem 3": third_list(ctx, THEOREM_3, "printed")},
        lambda s: svr_lemmas(s, "plain"),
        joint=False,
    )


THM3_REDUNDANT = Statement(
    id="interact/thm3-redundant",
    paper=PAPER,
    location="Theorem 3",
    kind="step size",
    variant="added",
    sentence="Every entry of Theorem 3's list binds for some constants (read as plain Lipschitz constants).",
    because="3(mu+L)/(mu L) and 16/((1-lam)(mu+L)) exceed 1/(2(mu+L)); the entry with 512 exceeds that with 4096, the entry with 256 "
    "that with 512; three entries exceed sqrt((1-lam)/m)/(16 L_K), and two of them are the same number.",
    assumptions=(*A1, *A2),
    check=_check_third_redundant,
    expected=Verdict.REFUTED,
)


def _check_first_monotone(ctx: Context) -> Finding:
    dense, sparse, m = Fraction(1, 3), Fraction(9, 10), 8
    c = Constants(mu_g=1, L_g=2, C_gxy=Fraction(1, 100), L_fx=Fraction(1, 1000))
    beta = Fraction(1, 3)
    limits = {
        lam: min(row.limit for row in THEOREM_1.rows(c, lam, m, {"beta": beta}) if row.term.step == "alpha")
        for lam in (dense, sparse)
    }
    alpha = Fraction(limits[sparse])
    given = {"mu_g": 1, "L_g": 2, "C_gxy": "1/100", "L_gxy": 0, "L_gyy": 0, "L_fx": "1/1000", "L_fy": 0, "C_fy": 0,
             "L_K": "1/500", "lam": sparse, "m": m, "alpha": alpha, "beta": beta}  # fmt: skip
    witness = list_witness(
        "interact/thm1-monotone",
        1,
        "printed",
        given,
        changed={"lam": "1/3"},
        claim_text="a smaller lambda allows every step size that a larger one allows (Remark 1)",
    )
    shrinks = limits[dense] < limits[sparse] and recheck(witness).ok
    return Finding(
        verdict=Verdict.REFUTED if shrinks else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=f"8 agents, small f: the largest admitted alpha is {limits[sparse]:.4g} at lam = 9/10 and {limits[dense]:.4g} at "
        "lam = 1/3, because of 1/(m(1-lam))",
        numbers={f"alpha at lam = {lam}": value for lam, value in limits.items()},
        cases=2,
        witness=witness if shrinks else None,
    )


THM1_MONOTONE = Statement(
    id="interact/thm1-monotone",
    paper=PAPER,
    location="Theorem 1, Remark 1",
    kind="step size",
    variant="added",
    sentence="A smaller lam never shrinks the alpha that Theorem 1's list admits.",
    because="1/(m(1-lam)) is an upper bound that falls as the graph gets denser. Nothing forces it: (16) and (17) hold with any larger "
    "lam, so the steps of the sparser network are as safe on the denser one.",
    assumptions=(*A1, *A2),
    check=_check_first_monotone,
    expected=Verdict.REFUTED,
)


def _check_third_monotone(ctx: Context) -> Finding:
    lam, m, K = Fraction(1, 2), 4, Fraction(4)
    admitted: dict[str, dict[str, float]] = {}
    for C in (Fraction(1), Fraction(1, 10), Fraction(1, 100)):
        c = Constants(mu_g=1, L_g=2, C_gxy=C, L_fx=1, L_fy=1)
        steps = THEOREM_3.largest(c, lam, m, more={"K": K})
        admitted[str(C)] = {name: float(value) for name, value in steps.items()}
    at = {name: Fraction(value) for name, value in admitted["1"].items()}
    given = {"mu_g": 1, "L_g": 2, "C_gxy": 1, "L_gxy": 0, "L_gyy": 0, "L_fx": 1, "L_fy": 1, "C_fy": 0,
             "L_K": 4, "K": K, "lam": lam, "m": m, **at}  # fmt: skip
    witness = list_witness(
        "interact/thm3-monotone",
        3,
        "printed",
        given | {name: value / 4 for name, value in at.items()},
        changed={"C_gxy": "1/100"},
        claim_text="a smaller bound on the coupling allows every step size that a larger one allows",
    )
    falls = admitted["1/100"]["beta"] < admitted["1"]["beta"] and recheck(witness).ok
    power = math.log10(admitted["1/10"]["beta"] / admitted["1/100"]["beta"])
    text = ", ".join(f"{v['beta']:.3g} at C_gxy = {C}" for C, v in admitted.items())
    return Finding(
        verdict=Verdict.REFUTED if falls else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=f"the largest admitted beta is {text}, in the end like C_gxy^{power:.2f}",
        numbers={f"{name} at C_gxy = {C}": v for C, each in admitted.items() for name, v in each.items()},
        cases=3,
        witness=witness if falls else None,
    )


THM3_MONOTONE = Statement(
    id="interact/thm3-monotone",
    paper=PAPER,
    location="Theorem 3",
    kind="step size",
    variant="added",
    sentence="A smaller bound C_gxy on the coupling never shrinks the steps that Theorem 3's list admits.",
    because="L_y stands in the numerator of L_y^2 mu L/(24 L_K^2(mu+L)), 288r(1+r)m L_y^2/((1-lam)L_f^2) and 32 L_y^2/(1-lam), where the "
    "weight a of Step 4 would put it in the denominator; without coupling nothing is admitted.",
    assumptions=(*A1, *A2),
    check=_check_third_monotone,
    expected=Verdict.REFUTED,
)
