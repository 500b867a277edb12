"""The random rational quadratics that lines about one round are put to."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.hypergradient import surrogate
from spiritlevel.core.numbers import Array, convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.families import quadratic
from spiritlevel.theory.evidence import Evidence
from spiritlevel.theory.rabo.constants import OUTWARD
from spiritlevel.theory.rabo.lemmas.cases import Case, Least
from spiritlevel.theory.rabo.lemmas.lines import Line
from spiritlevel.theory.statement import Context

SHAPES = (
    (2, 2, 2, "full", "full"),
    (2, 2, 2, "window:1", "window:1"),
    (3, 2, 1, "table:11:10:01", "full"),
    (2, 2, 1, "table:10:10", "full"),
    (1, 2, 2, "full", "full"),
    (2, 1, 2, "full", "window:1"),
)
"""n, p, q and masks of x and y; the y-coordinates are all held by equally many clients."""


def least(problem: Bilevel) -> Least:
    """The least constants that hold for a quadratic problem, moved outwards: norms of the matrices of affine maps.

    Examples
    --------
    >>> one = [[[1]]]
    >>> float(least(quadratic(H=[[[2]]], B=one, c=[[0]], Q=one, shared=True)).L_f)
    0.25000000000025
    """
    problem = problem.over("float")
    n, p, q = problem.n, problem.p, problem.q
    x, both = np.eye(p + 1, p, -1), np.eye(p + q + 1, p + q, -1)
    each = [np.repeat(z[:, None], n, axis=1) for z in (x, both[:, :p], both[:, p:])]
    affine = [
        problem.hypergradient(x)[:, None],
        problem.lower_solution(each[0])[:, :1],
        surrogate(Oracle(problem), each[1], each[2]),
    ]
    L_f, L_y, M_f = (
        float(np.linalg.norm((z[1:] - z[0]).transpose(1, 0, 2), 2, axis=(-2, -1)).max()) for z in affine
    )
    curvatures = np.linalg.eigvalsh(problem.hess_yy_g(each[1], each[2])[0])
    up, down = 1 + OUTWARD, 1 - OUTWARD
    return Least(
        mu_g=Fraction(float(curvatures.min())) * down,
        l_g1=Fraction(float(curvatures.max())) * up,
        L_y=Fraction(L_y) * up,
        M_f=Fraction(M_f) * up,
        L_f=Fraction(L_f) * up,
    )


def random_case(ctx: Context, k: int, name: str = "rabo", *, common: bool = True, noisy: str = "") -> Case:
    r"""Random rational quadratics under the masks of `SHAPES`, with the least constants, :math:`\alpha \le 1/L_f` and :math:`\beta \le 1/l_{g,1}`.

    With ``common`` all clients have one H, one B and one Hessian of f, so that A4's radii are finite; c, a and e differ.
    """
    rng = np.random.default_rng(ctx.seed("case", k))
    n, p, q, mask_x, mask_y = SHAPES[k % len(SHAPES)]

    def draw(*shape: int, alike: bool = False) -> Array:
        rows = convert(rng.integers(-3, 4, (1 if alike else n, *shape)), "fraction") / 2
        return np.repeat(rows, n, axis=0) if alike else rows

    def square(size: int, alike: bool) -> Array:
        M = draw(size, size, alike=alike)
        return M + np.swapaxes(M, 1, 2)

    H = draw(q, q, alike=common)
    H = H @ np.swapaxes(H, 1, 2) + np.eye(q, dtype=int)
    upper: dict[str, Any] = {
        "A": square(p, True),
        "E": draw(p, q, alike=True),
        "Q": square(q, True),
        "a": draw(p),
        "e": draw(q),
    }
    problem = quadratic(H, draw(q, p, alike=common), draw(q), **upper, shared=True)
    c = least(problem)
    alpha = Fraction(int(rng.integers(1, 5)), 4) / c.L_f if c.L_f else Fraction(1)
    beta = Fraction(int(rng.integers(1, 5)), 4) / c.l_g1
    reading = {"hyper": "full"} if name == "rabo" else {}
    a = ctx.algorithm(name)(**reading, alpha=alpha, beta=beta, T=1 + k // 2 % 2, mask_x=mask_x, mask_y=mask_y)
    return Case(a.over("fmpq"), problem.over("fmpq"), c, noisy)


def gathered(
    ctx: Context, line: Line, ks: tuple[int, ...], name: str = "rabo", *, common: bool = True, noisy: str = ""
) -> Evidence:
    """A line on the random cases with these numbers."""
    failing = sum(not random_case(ctx, k, name, common=common, noisy=noisy).holds(line) for k in ks)
    return Evidence(len(ks), failing)
