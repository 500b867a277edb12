"""Directions for finite differences: coordinates against random directions, and a sample of the coordinates.

For affine inner gradients every estimate of ``a = J' grad_y f`` in R^d from k probes is exact in what it measures, so
that only the choice of directions counts. Mean squared errors are over that choice, in units of ``|a|^2``.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from spiritlevel.synthetic.families import random_quadratic
from spiritlevel.theory.rabo import PAPER
from spiritlevel.theory.rabo.algorithms.runs import hypergradients
from spiritlevel.theory.rabo.algorithms.witnesses import sampled_witness
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import check as recheck


def error_of_signs(a: Sequence[Fraction], k: int) -> Fraction:
    r""":math:`E|\frac1k \sum_j u_j u_j^\top a - a|^2` over all choices of k vectors of signs, by enumeration.

    Examples
    --------
    >>> error_of_signs([Fraction(1), Fraction(0)], 2)
    Fraction(1, 2)
    """
    d = len(a)
    directions = list(itertools.product((-1, 1), repeat=d))
    total = Fraction(0)
    for chosen in itertools.product(directions, repeat=k):
        weights = [sum(u[s] * a[s] for s in range(d)) for u in chosen]
        estimate = [
            Fraction(sum(w * u[s] for w, u in zip(weights, chosen, strict=True))) / k for s in range(d)
        ]
        total += sum(((e - v) ** 2 for e, v in zip(estimate, a, strict=True)), Fraction(0))
    return total / len(directions) ** k


def error_of_subsets(a: Sequence[Fraction], k: int, factor: Fraction) -> tuple[list[Fraction], Fraction]:
    """Mean and mean squared error of ``factor * sum over P of a_p e_p`` over all P of k coordinates.

    Examples
    --------
    >>> error_of_subsets([Fraction(2), Fraction(4)], 1, Fraction(2))
    ([Fraction(2, 1), Fraction(4, 1)], Fraction(20, 1))
    """
    d = len(a)
    mean, error = [Fraction(0)] * d, Fraction(0)
    subsets = list(itertools.combinations(range(d), k))
    for P in subsets:
        estimate = [factor * a[p] if p in P else Fraction(0) for p in range(d)]
        mean = [m + e / len(subsets) for m, e in zip(mean, estimate, strict=True)]
        error += sum(((e - v) ** 2 for e, v in zip(estimate, a, strict=True)), Fraction(0)) / len(subsets)
    return mean, error


def random_error(d: Any, k: Any, law: str) -> Any:
    """Mean squared error of k random directions: (d + 1)/k for Gaussian ones, (d - 1)/k for signs or the sphere.

    Wherever ``|u|^2 = d`` and ``E u u' = I``, ``(u u')^2 = d u u'`` has the mean d, and the error of one is d - 1; the
    errors of k independent ones, each right on average, divide by k.
    """
    return (d + 1) / k if law == "gaussian" else (d - 1) / k


def gaussian_error(d: int) -> Fraction:
    """Of one Gaussian direction, from the fourth moments: E (u_r u_s)^2 is 1, and 3 for r = s; for a = e_1.

    Examples
    --------
    >>> gaussian_error(5)
    Fraction(6, 1)
    """
    return Fraction(3 + (d - 1) - 2 + 1)  # E (u_1^2 - 1)^2 + sum_{s > 1} E (u_1 u_s)^2


def _check_directions(ctx: Context) -> Finding:
    import sympy as sp

    d, k, rest = sp.symbols("d k rest", positive=True)
    a = [Fraction(1), Fraction(-2), Fraction(3)]
    square = sum(v * v for v in a)
    enumerated = all(error_of_signs(a, j) == Fraction(2, j) * square for j in (1, 2))
    moments = all(gaussian_error(size) == size + 1 for size in (1, 2, 7))
    # k coordinates of d, scaled by d/k: d/k - 1; with d = k + rest, and k = 1 + rest for the second gap
    subset = [error_of_subsets(a, j, Fraction(3, j))[1] == (Fraction(3, j) - 1) * square for j in (1, 2, 3)]
    gaps = [sp.expand(random_error(d, k, law) - (d / k - 1)) for law in ("gaussian", "signs")]
    gauss_wins = bool(sp.expand(gaps[0] * k).is_positive)
    signs_win = bool(sp.expand(gaps[1] * k).subs(k, 1 + rest).is_positive) and gaps[1].subs(k, 1) == 0
    problem = random_quadratic(ctx.seed(), 2, 3, 3, shared=True, rational=True)
    x, y = [Fraction(1)] * 3, [Fraction(2)] * 3
    radii = [
        hypergradients(ctx.algorithm("rafbo")(mu=mu), problem, x, y)[0] for mu in (Fraction(1), Fraction(5))
    ]
    exact = bool((radii[0] == radii[1]).all())
    good = enumerated and moments and all(subset) and gauss_wins and signs_win and exact
    return Finding(
        verdict=Verdict.SUPPORTED if good else Verdict.REFUTED,
        method=Method.SYMBOLIC,
        summary="for affine inner gradients k of d coordinates (with the factor d/k) have the mean squared error d/k - 1, which is 0 at k = d; k "
        "Gaussian directions (d + 1)/k, random signs or the sphere (d - 1)/k: never less. The number of gradients is k + 1 each way, so that "
        "'time efficient' is the same statement"
        if good
        else f"signs {enumerated}, moments {moments}, subsets {subset}, gaps {gauss_wins}, {signs_win}; free of mu: {exact}",
        numbers={"coordinates": "d/k - 1", "gaussian": "(d + 1)/k", "signs": "(d - 1)/k"},
        cases=8,
    )


DIRECTIONS = Statement(
    id="rabo/coordinate-perturbations",
    paper=PAPER,
    location="Section III-B, below (9)",
    kind="qualitative",
    sentence="Deterministic coordinate-wise perturbations are more accurate than random ones of the same number, for affine inner gradients.",
    formula=r"\tfrac dk - 1 \;\le\; \tfrac{d-1}{k} \;<\; \tfrac{d+1}{k}",
    because="The three laws are formulas, held against enumerations of small cases. In what they measure, the printed delta; equal to random signs for one probe. Which derivative is measured is another matter.",
    about=("rafbo",),
    check=_check_directions,
    expected=Verdict.SUPPORTED,
)


def share_is(factor: Any = None) -> bool:
    """Whether a coordinate is in k/d of all sets of k among d, times ``factor(d, k)`` 1 if one is given, for all d and k.

    Examples
    --------
    >>> share_is(), share_is(lambda d, k: d / k), share_is(lambda d, k: d / (k + 1))
    (True, True, False)
    """
    import sympy as sp

    d, k = sp.symbols("d k", integer=True, positive=True)
    share = sp.binomial(d - 1, k - 1) / sp.binomial(d, k)
    gap = share - k / d if factor is None else factor(d, k) * share - 1
    return bool(sp.simplify(sp.combsimp(sp.simplify(gap)).rewrite(sp.gamma)) == 0)


def _check_sampled(ctx: Context) -> Finding:
    a = [Fraction(1), Fraction(-2), Fraction(3), Fraction(5)]
    d, square = len(a), sum(v * v for v in a)
    shrunk, errors = [], []
    for k in range(1, d):
        mean, error = error_of_subsets(a, k, Fraction(1))
        shrunk.append(mean == [Fraction(k, d) * v for v in a])
        errors.append(error == (1 - Fraction(k, d)) * square)
    biased = all(shrunk) and all(errors) and share_is()
    witness = sampled_witness()
    biased = biased and recheck(witness).ok
    return Finding(
        verdict=Verdict.REFUTED if biased else Verdict.SUPPORTED,
        method=Method.SYMBOLIC,
        summary="a coordinate is in k/d of all P of k among d coordinates, so that the mean of line 7's sum is k/d of the full sum: with a quarter of "
        "the coordinates the implicit part of the hypergradient is a quarter of what it should be, on average"
        if biased
        else f"shares {shrunk}, errors {errors}",
        numbers={"mean": "k/d", "mean_squared_error": "1 - k/d"},
        cases=2 * (d - 1),
        witness=witness if biased else None,
    )


SAMPLED = Statement(
    id="rabo/sampled-coordinates",
    paper=PAPER,
    location="Algorithm 2, lines 3 and 7",
    kind="qualitative",
    variant="added",
    sentence="With P a random sample of the submodel's coordinates, as line 3 has it, line 7 is right on average.",
    formula=r"\mathbb E \sum_{\mathcal P} \langle \delta_p, \nabla_y f_i \rangle e_p = \sum_p \langle \delta_p, \nabla_y f_i \rangle e_p",
    because="The sum has no factor d/|P|; with it, the mean is right and the mean squared error d/|P| - 1. 'Calculate and sample' is all the text says.",
    check=_check_sampled,
    expected=Verdict.REFUTED,
)


def scale(d: Any, k: Any) -> Any:
    """What line 7's sum lacks."""
    return d / k


def _check_scaled(ctx: Context) -> Finding:
    a = [Fraction(1), Fraction(-2), Fraction(3), Fraction(5)]
    d, square = len(a), sum(v * v for v in a)
    found = [error_of_subsets(a, k, scale(Fraction(d), k)) for k in range(1, d + 1)]
    good = all(
        mean == a and error == (Fraction(d, k) - 1) * square for k, (mean, error) in enumerate(found, start=1)
    )
    return Finding(
        verdict=Verdict.REFUTED if not good else Verdict.PROVED if share_is(scale) else Verdict.SUPPORTED,
        method=Method.SYMBOLIC,
        summary="linearity, with the share k/d of the sets that hold a coordinate, for all d and k; all sets of 1 to 4 among 4 coordinates agree"
        if good
        else "the mean is not the full sum",
        cases=d,
    )


SCALED = Statement(
    id="rabo/sampled-coordinates-repaired",
    paper=PAPER,
    location="Algorithm 2, lines 3 and 7",
    kind="qualitative",
    variant="repaired",
    repairs="rabo/sampled-coordinates",
    sentence="With the factor d/|P| in front of line 7's sum, its mean over uniform samples P of one size is the full sum.",
    formula=r"\tfrac{d}{|\mathcal P|} \sum_{\mathcal P} \langle \delta_p, \nabla_y f_i \rangle e_p",
    because="The factor.",
    check=_check_scaled,
    expected=Verdict.PROVED,
)
