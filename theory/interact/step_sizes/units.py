r"""Do the step-size lists carry the units of a step size?

Measure the objective in other units, :math:`f \to s f`, :math:`g \to s g`, or lengths, :math:`x \to s x`,
:math:`y \to s y`: the iterates are the same trajectory if :math:`\alpha \to s^{-1} \alpha` with f,
:math:`\beta \to s^{-1} \beta` with g, and each step :math:`\to s^2` times itself with its own length. An
entry that scales in another way says something that depends on the choice of units. The exponents come
from the lists' own code, in exact rationals.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

from spiritlevel.core.constants import Constants, Real
from spiritlevel.theory.interact import PAPER
from spiritlevel.theory.interact.assumptions import A1, A2
from spiritlevel.theory.interact.step_sizes.list_witnesses import list_witness
from spiritlevel.theory.interact.step_sizes.theorem1_list import BETA, THEOREM_1, repaired_list
from spiritlevel.theory.interact.step_sizes.theorem3_list import THEOREM_3
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.step_lists.stepsize import Rule, Setting, Term
from spiritlevel.theory.witness import check as recheck

UNITS: Mapping[str, Mapping[str, int]] = {
    "f": {"L_fx": 1, "L_fy": 1, "C_fy": 1},
    "g": {"mu_g": 1, "L_g": 1, "C_gxy": 1, "L_gxy": 1, "L_gyy": 1},
    "x": {"L_fx": -1, "C_gxy": -1, "L_gxy": -1},
    "y": {"L_fx": -1, "L_fy": -2, "C_fy": -1, "mu_g": -2, "L_g": -2, "C_gxy": -1, "L_gxy": -2, "L_gyy": -3},
}
"""How the constants scale. In x or y alone a joint Lipschitz constant is no power: there it stands for the
derivative in y that Lemma 1 uses."""

SCALINGS = {**UNITS, "length": {c: UNITS["x"].get(c, 0) + e for c, e in UNITS["y"].items()}}
DEMANDED: Mapping[str, Mapping[str, int]] = {
    "alpha": {"f": -1, "g": 0, "x": 2, "y": 0, "length": 2},
    "beta": {"f": 0, "g": -1, "x": 0, "y": 2, "length": 2},
}
JUDGED = ("f", "g", "length")
"""Scalings under which every constant of the assumptions is exactly a power."""

_BASES = (
    (Constants(mu_g=1, L_g=3, C_gxy=2, L_gxy=1, L_gyy=2, L_fx=1, L_fy=3, C_fy=5), 4, Fraction(1, 5)),
    (Constants(mu_g=2, L_g=3, C_gxy=Fraction(1, 7), L_gxy=3, L_gyy=1, L_fx=7, L_fy=1, C_fy=2), 9, Fraction(1, 3)),
)  # fmt: skip
_K = {"K": Fraction(3)}
_TOLD = 7  # entries that a summary names


def _scaled(c: Constants, by: Mapping[str, int], s: Fraction) -> Constants:
    values = {f.name: getattr(c, f.name) * s ** by.get(f.name, 0) for f in dataclasses.fields(c)}
    return Constants(**values)


def exponent(term: Term, scaling: str) -> Fraction | None:
    """The power with which an entry's bound on the step scales; None if it is no power.

    Compared exactly at s = 2, 4 and 1/2 from two sets of constants; beta scales as it has to.

    Examples
    --------
    >>> [str(exponent(BETA[1], scaling)) for scaling in ("f", "g", "length")]
    ['0', '-1', '2']
    """
    found: set[int | None] = set()
    for c, m, share in _BASES:
        beta = share / (c.mu_g + c.L_g)

        def value(s: Fraction, c: Constants = c, m: int = m, beta: Real = beta) -> Fraction:
            steps = {} if term.step == "beta" else {"beta": beta * s ** DEMANDED["beta"][scaling]}
            where = _scaled(c, SCALINGS[scaling], s)
            return Fraction(
                term.bound(Setting(constants=where, lam=Fraction(2, 3), m=m, steps=steps, more=_K))
            )

        here = value(Fraction(1))
        for s in (Fraction(2), Fraction(4), Fraction(1, 2)):
            ratio = value(s) / here
            found.add(next((e for e in range(-24, 25) if s**e == ratio), None))
    only = found.pop()
    return None if found or only is None else Fraction(only, term.power)


def table(rule: Rule) -> dict[str, list[str]]:
    """Every entry's exponents under f, g, x, y, and all lengths; ``no power`` where there is none."""
    return {
        t.name: ["no power" if e is None else str(e) for e in (exponent(t, scaling) for scaling in SCALINGS)]
        for t in rule.terms
    }


def strays(rule: Rule) -> dict[str, dict[str, str]]:
    """The entries that do not scale as their step has to, with what they do under each scaling that is wrong."""
    result: dict[str, dict[str, str]] = {}
    for t in rule.terms:
        wrong = {s: e for s in JUDGED if (e := exponent(t, s)) != DEMANDED[t.step][s]}
        if wrong:
            result[t.name] = {s: "no power" if e is None else str(e) for s, e in wrong.items()}
    return result


def _judge(rule: Rule, witness: Any = None) -> Finding:
    wrong = strays(rule)
    said = [f"{name} ({', '.join(f'{s}: {e}' for s, e in each.items())})" for name, each in wrong.items()]
    more = f" and {len(said) - _TOLD} more" if len(said) > _TOLD else ""
    stands = witness is None or recheck(witness).ok
    return Finding(
        verdict=Verdict.INCONCLUSIVE if not stands else Verdict.REFUTED if wrong else Verdict.SUPPORTED,
        method=Method.RATIONAL,
        summary=f"{len(wrong)} of {len(rule.terms)} entries scale otherwise; their exponents, where f: -1 and length: 2 is demanded of "
        f"alpha, f: 0 and g: -1 of beta: {', '.join(said[:_TOLD])}{more}"
        if wrong
        else f"all {len(rule.terms)} entries scale as their step",
        numbers={
            "columns": list(SCALINGS),
            **{f"demanded of {name}": [str(each[s]) for s in SCALINGS] for name, each in DEMANDED.items()},
            **table(rule),
        },
        cases=len(rule.terms) * len(SCALINGS),
        witness=witness if wrong else None,
    )


_GIVEN = {"mu_g": 1, "L_g": 3, "C_gxy": 1, "L_gxy": 0, "L_gyy": 0, "L_fx": 8, "L_fy": 8, "C_fy": 0, "L_K": 64,
          "lam": "1/2", "m": 4, "alpha": "1/100000000000", "beta": "1/4"}  # fmt: skip
_MEASURED = {
    "L_fx": "L_fx*scale",
    "L_fy": "L_fy*scale",
    "C_fy": "C_fy*scale",
    "L_K": "L_K*scale",
    "alpha": "alpha/scale",
}


def _check_printed(ctx: Context) -> Finding:
    witness = list_witness(
        "interact/units",
        1,
        "printed",
        {**_GIVEN, "scale": 1000},
        changed=_MEASURED,
        claim_text="f in other units (1000 f) with alpha/1000 is the same run, and admitted as well",
    )
    return _judge(THEOREM_1, witness)


UNITS_PRINTED = Statement(
    id="interact/units",
    paper=PAPER,
    location="Theorem 1",
    kind="step size",
    variant="added",
    sentence="Whether Theorem 1's list admits a run does not depend on the units of f, g and length.",
    formula=r"f \to s f,\ \alpha \to \alpha / s: \quad \text{every entry} \to \text{entry} / s",
    because="L_f and L_y are squared twice; 1 and 1/(m(1-lam)) have no units; even with plain constants the potential adds l, "
    "|x|^2 and alpha |u|^2, which have different units.",
    assumptions=(*A1, *A2),
    check=_check_printed,
    expected=Verdict.REFUTED,
)


def _check_plain(ctx: Context) -> Finding:
    return _judge(repaired_list("interact/thm1-repaired", "plain"))


UNITS_PLAIN = Statement(
    id="interact/units-plain",
    paper=PAPER,
    location="Theorem 1",
    kind="step size",
    variant="added",
    sentence="With plain Lipschitz constants (the repaired list) admission does not depend on the units of f, g and length.",
    because="The entries without constants and those with two factors of the upper level keep wrong units, since the potential itself "
    "adds quantities of different units.",
    assumptions=(*A1, *A2),
    check=_check_plain,
    expected=Verdict.REFUTED,
)


def _homogeneous(term: Term, scaling: str) -> bool:
    """Whether an entry for beta scales as it has to, for every mu, L and s: by sympy."""
    import sympy

    mu, L, s = sympy.symbols("mu L s", positive=True)

    def value(factor: Any) -> Any:
        by = SCALINGS[scaling]
        constants = SimpleNamespace(mu_g=mu * factor ** by.get("mu_g", 0), L_g=L * factor ** by.get("L_g", 0))
        where: Any = SimpleNamespace(constants=constants)
        return term.bound(where)

    return bool(sympy.simplify(value(s) / value(1) - s ** DEMANDED["beta"][scaling]) == 0)


def _check_beta(ctx: Context) -> Finding:
    wrong = [
        f"{t.name} under {scaling}" for t in BETA for scaling in SCALINGS if not _homogeneous(t, scaling)
    ]
    return Finding(
        verdict=Verdict.REFUTED if wrong else Verdict.PROVED,
        method=Method.SYMBOLIC,
        summary=f"wrong: {', '.join(wrong)}"
        if wrong
        else "both entries are homogeneous of degree -1 in (mu, L), which scale like g and like 1/length^2",
        numbers={"wrong": wrong},
        cases=len(BETA) * len(SCALINGS),
    )


UNITS_BETA = Statement(
    id="interact/units-beta",
    paper=PAPER,
    location="Theorem 1",
    kind="step size",
    variant="added",
    sentence="Theorem 1's bounds on beta have the units of beta.",
    formula=r"\beta \le \min\{\tfrac{3(\mu_g + L_g)}{\mu_g L_g}, \tfrac{1}{\mu_g + L_g}\}",
    assumptions=(*A1, *A2),
    check=_check_beta,
    expected=Verdict.PROVED,
)


def _check_third(ctx: Context) -> Finding:
    return _judge(THEOREM_3)


UNITS_THIRD = Statement(
    id="interact/units-thm3",
    paper=PAPER,
    location="Theorem 3",
    kind="step size",
    variant="added",
    sentence="Whether Theorem 3's list admits a run does not depend on the units of f, g and length.",
    because="beta's bounds contain L_K, a constant of the upper level: measuring f in other units changes what beta may be, although "
    "the lower level's iteration does not know f.",
    assumptions=(*A1, *A2),
    check=_check_third,
    expected=Verdict.REFUTED,
)
