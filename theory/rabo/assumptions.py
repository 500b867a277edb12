r"""Assumptions 1 to 5 of RABO, as evaluated on a problem, its masks, and the radii that A4 speaks of.

(16) writes :math:`\nabla f_i` for what (7) has just defined as the local hypergradient :math:`D_i`: both readings are
evaluated. A3 holds of every run by construction: noise is additive, independent and of mean 0.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Literal

import numpy as np

from spiritlevel.core.constants import Real
from spiritlevel.core.numbers import Array, convert, inverse
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.synthetic.lower import CurvedLower, QuadraticLower
from spiritlevel.synthetic.upper import QuadraticUpper
from spiritlevel.theory.assumptions import Assumption, finite_constant
from spiritlevel.theory.rabo.constants import longest, smoothness

Reading = Literal["plain", "local"]
"""What (16) is about: the gradient of f_i in (x, y), or the local hypergradient (7)."""


def _alike(blocks: Array) -> bool:
    return not (blocks != blocks[:1]).any()


def _off_mean(rows: Array) -> Array:
    return rows - rows.sum(axis=0, keepdims=True) / len(rows)


def delta_g(problem: SolvedProblem) -> Real:
    """The least delta_g of (17), a supremum over all z; ``math.inf`` where there is none or none is known.

    Exact for lower levels with equal H_i and B_i (only their c_i differ); with others the difference grows.

    Examples
    --------
    >>> from spiritlevel.synthetic.families import quadratic
    >>> one = [[[1]]] * 2
    >>> delta_g(quadratic(one, one, [[1], [-1]], shared=True).over("fraction"))
    Fraction(1, 1)
    >>> delta_g(quadratic([[[1]], [[2]]], one, [[1], [-1]], shared=True))
    inf
    """
    lower = getattr(problem, "lower", None)
    if isinstance(lower, QuadraticLower) and _alike(lower.H) and _alike(lower.B):
        return longest(_off_mean(lower.c))
    if isinstance(lower, CurvedLower) and _alike(lower.B):
        return longest(_off_mean(lower.c))
    return math.inf


def delta_f(problem: SolvedProblem, reading: Reading) -> Real:
    r"""A delta_f of (16), a bound over all z; ``math.inf`` where there is none.

    Exact for quadratic f with equal second derivatives (with H_i and B_i equal too, for "local"); else twice the bound on
    what is compared, :math:`l_{f,0}` or :math:`(1 + L_y) l_{f,0}`. "local" compares with the hypergradient of the means.

    Examples
    --------
    >>> from spiritlevel.synthetic.families import quadratic
    >>> one = [[[1]]] * 2
    >>> both = quadratic(one, [[[2]]] * 2, [[0], [0]], Q=one, e=[[1], [-1]], shared=True).over("fraction")
    >>> delta_f(both, "plain"), delta_f(both, "local")
    (Fraction(1, 1), Fraction(2, 1))
    """
    lower, upper = getattr(problem, "lower", None), getattr(problem, "upper", None)
    equal_below = isinstance(lower, QuadraticLower) and _alike(lower.H) and _alike(lower.B)
    if isinstance(upper, QuadraticUpper) and (reading == "plain" or equal_below):
        curved = [block for block in (upper.A, upper.E, upper.Q) if block is not None]
        if not all(map(_alike, curved)):
            return math.inf
        a, e = (
            np.zeros((upper.n, size), dtype=int) if v is None else _off_mean(v)
            for v, size in ((upper.a, upper.p), (upper.e, upper.q))
        )
        if reading == "plain":
            return longest(np.concatenate([a, e], axis=-1) + Fraction(0))
        slope = inverse(lower.H[:1])[0] @ lower.B[0]  # type: ignore[union-attr]
        return longest(a + e @ slope)
    c = smoothness(problem)
    return 2 * c.l_f0 * (1 if reading == "plain" else 1 + c.L_y)


def pruning(z: Array, masks: Array) -> Fraction:
    """The least square of w_1 or w_2 that (18), (19) leave at a model ``z``, shape ``(d,)``, under masks ``(n, d)``; 0 at 0.

    Examples
    --------
    >>> pruning(np.array([3, 4]), np.array([[1, 1], [1, 0]]))
    Fraction(16, 25)
    """
    exact = convert(z, "fraction")
    whole = (exact * exact).sum()
    lost = ((exact * exact) * (1 - masks)).sum(axis=-1).max()
    return Fraction(lost) / whole if whole else Fraction(0)


def least_coverage(masks: Array) -> int:
    """C* of (12), (13) for one round's masks ``(n, d)``: the least number of clients among coordinates that any client holds.

    Examples
    --------
    >>> least_coverage(np.array([[1, 1, 0], [1, 0, 0]]))
    1
    """
    counts = masks.sum(axis=0)
    return int(counts[counts > 0].min(initial=len(masks)))


def _shared(problem: SolvedProblem) -> str | None:
    return None if problem.shared or problem.n == 1 else "every client has a lower level of its own"


def _finite(name: str) -> Assumption:
    text = {"l_f0": r"$f_i$ is $l_{f,0}$-Lipschitz", "l_f1": r"$\nabla f_i$ is $l_{f,1}$-Lipschitz"}
    text |= {"l_g1": r"$\nabla g_i$ is $l_{g,1}$-Lipschitz", "l_g2": r"$\nabla^2 g_i$ is $l_{g,2}$-Lipschitz"}

    def violation(problem: SolvedProblem) -> str | None:
        return f"{name} = inf" if math.isinf(getattr(smoothness(problem), name)) else None

    return Assumption("A2", text[name], violation)


def _bounded(reading: Reading) -> Assumption:
    def violation(problem: SolvedProblem) -> str | None:
        return "delta_f = inf" if math.isinf(delta_f(problem, reading)) else None

    what = r"\nabla f_i" if reading == "plain" else "D_i"
    return Assumption(f"A4 ({reading})", rf"${what}$ differs from its mean by $\delta_f$ at most", violation)


def _inner(problem: SolvedProblem) -> str | None:
    return "delta_g = inf, as H_i or B_i differ" if math.isinf(delta_g(problem)) else None


P1 = Assumption("(1)", "all clients share one lower level", _shared)
A1 = finite_constant("A1", r"$g_i$ is $\mu_g$-strongly convex in $y$", "mu_g")
A2 = tuple(map(_finite, ("l_f0", "l_f1", "l_g1", "l_g2")))
A4_PLAIN, A4_LOCAL = _bounded("plain"), _bounded("local")
A4_INNER = Assumption("A4", r"$\nabla g_i$ differs from its mean by $\delta_g$ at most", _inner)

SMOOTH = (P1, A1, *A2)
"""What Lemmas 1 to 3 assume."""
ALL = (*SMOOTH, A4_PLAIN, A4_INNER)
"""All that a problem without masks can be asked, with the plain reading of (16)."""
