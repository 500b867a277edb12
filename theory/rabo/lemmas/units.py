r"""Do the lemmas keep their form when f, g, x or y are measured in other units?

Measure f, g, x or y in units s times as large: alpha and beta change so that the run is the same, constants and terms
scale as powers of s. A monomial of the right side whose power differs from the left side's says something that depends on
the choice of units. The powers are read off the `Line` itself.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from spiritlevel.theory.rabo import PAPER
from spiritlevel.theory.rabo.lemmas.descent_witnesses import units_witness
from spiritlevel.theory.rabo.lemmas.lines import PRINTED, REPAIRED, Letters, Line, symbols
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import Witness
from spiritlevel.theory.witness import check as recheck

UNITS = ("f", "g", "x", "y")
Powers = tuple[int, int, int, int]

LETTERS: Mapping[str, Powers] = {
    "alpha": (-1, 0, 2, 0),
    "beta": (0, -1, 0, 2),
    "mu_g": (0, 1, 0, -2),
    "l_g1": (0, 1, 0, -2),
    "l_f0": (1, 0, 0, -1),
    "L_y": (0, 0, -1, 1),
    "M_f": (1, 0, -1, -1),
    "L_f": (1, 0, -2, 0),
    "radius": (0, 0, 1, 0),
}
"""Powers of the letters in the part that they play: L_y the slope of y*, M_f that of the hypergradient in y, l_{g,1} that of
the inner gradient in y. Counts have none."""

_GRADIENT = (2, 0, -2, 0)
TERMS: Mapping[str, Powers] = {
    "descent": (1, 0, 0, 0),
    **dict.fromkeys(("lower", "new_lower", "next_lower"), (0, 0, 0, 2)),
    "step2": (0, 0, 2, 0),
    **dict.fromkeys(("sigma_g2", "delta_g2", "drift2"), (0, 2, 0, -2)),
    **dict.fromkeys(("grad_Phi2", "grad_f2", "direction2", "error2", "sigma_J2"), _GRADIENT),
    **dict.fromkeys(("sigma_f2", "delta_f2", "E_h"), _GRADIENT),
    "one": (0, 0, 0, 0),
}


def strays(line: Line) -> list[str]:
    """The monomials on the right that scale otherwise than the left side, with the units that are wrong.

    Examples
    --------
    >>> one = Line("demo", lambda a: ({"descent": 1}, {"grad_Phi2": a.alpha * (1 + a.alpha)}))
    >>> strays(one)
    ['alpha**2 grad_Phi2 (f -1, x 2)']
    """
    import sympy

    a = dataclasses.replace(symbols(), T=3)  # an exponent has to be a number before sums are multiplied out
    powers = {getattr(a, f.name): LETTERS.get(f.name, (0,) * 4) for f in dataclasses.fields(Letters)}
    left, right = line.sides(a)
    ((term, factor),) = left.items()
    demanded = _add(TERMS[term], _scale(sympy.sympify(factor), powers))
    found = []
    for name, coefficient in right.items():
        for monomial in sympy.Add.make_args(sympy.expand(sympy.sympify(coefficient))):
            off = [
                f"{unit} {has - needs}"
                for unit, has, needs in zip(
                    UNITS, _add(TERMS[name], _scale(monomial, powers)), demanded, strict=True
                )
                if has != needs
            ]
            if off:
                found.append(
                    f"{sympy.Mul(*(v**e for v, e in monomial.as_powers_dict().items() if v in powers))} {name} ({', '.join(off)})"
                )
    return list(dict.fromkeys(found))


def _add(p: tuple[int, ...], q: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(a + b for a, b in zip(p, q, strict=True))


def _scale(monomial: Any, powers: Mapping[Any, tuple[int, ...]]) -> tuple[int, ...]:
    total: tuple[int, ...] = (0,) * len(UNITS)
    for base, exponent in monomial.as_powers_dict().items():
        if base in powers:
            total = _add(total, tuple(int(exponent) * p for p in powers[base]))
    return total


def judged_units(lines: tuple[Line, ...], witness: Witness | None = None) -> Finding:
    """Refuted if a line has a stray monomial, else proved: the count is exact; a witness against them must stand."""
    found = {line.name: strays(line) for line in lines}
    wrong = {name: each for name, each in found.items() if each}
    falls = bool(wrong) and witness is not None and not recheck(witness).ok
    return Finding(
        verdict=Verdict.INCONCLUSIVE if falls else Verdict.REFUTED if wrong else Verdict.PROVED,
        method=Method.SYMBOLIC,
        summary="monomials in wrong units: "
        + "; ".join(f"{name} has {len(each)}, such as {each[0]}" for name, each in wrong.items())
        if wrong
        else f"every monomial of {', '.join(found)} scales as the left side, in f, g, x and y",
        numbers={name: each for name, each in found.items()},
        cases=len(lines),
        witness=witness if wrong and not falls else None,
    )


def _check_printed(ctx: Context) -> Finding:
    return judged_units(PRINTED, units_witness())


UNITS_PRINTED = Statement(
    id="rabo/units",
    paper=PAPER,
    location="(29), (32), (33), (35), (36)",
    kind="lemma",
    variant="added",
    sentence="The inequalities of Lemmas 4 to 8 do not depend on the units of f, g, x and y.",
    because="(32), (35) add 1 and L_f, alpha and 1; (33), (36) have L_y for L_y^2 and mix alpha, alpha^2 and alpha^3. "
    "Such inequalities are false in suitable units.",
    check=_check_printed,
    expected=Verdict.REFUTED,
)


def _check_repaired(ctx: Context) -> Finding:
    return judged_units(REPAIRED)


UNITS_REPAIRED = Statement(
    id="rabo/units-repaired",
    paper=PAPER,
    location="proofs of Lemmas 5 and 7; repaired (29), (32), (33)",
    kind="lemma",
    variant="added",
    sentence="The lines of the proofs of Lemmas 5 and 7, and the repaired inequalities of Lemmas 4 to 6, keep their form in all units.",
    because="So the slips of (32), (33), (35) and (36) are in what was copied out of the proofs; right units do not make a line true.",
    check=_check_repaired,
    expected=Verdict.PROVED,
)
