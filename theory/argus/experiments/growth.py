r"""With frozen cuts and faded damping an iteration is affine; with the terms of L_pi alone it grows, for every step size.

A ring of four equal agents, :math:`G = g (x^2 + y^2)/2`, each with the cut :math:`\sum_j a x_j + b y_j + c \le 0` over its
closed neighbourhood, which is what the first update makes where agents agree. Along :math:`(1, -1, 1, -1)`, with q the
sum of an agent's theta, W has the eigenvalue w = -1/3, the Laplacian l = 4, the closed adjacency matrix v = -1, and

.. math:: x^+ = w x - \eta (g x + q + a \lambda), \quad y^+ = w y - \eta (g y + b \lambda), \quad q^+ = q + \eta l x^+,
          \quad \lambda^+ = \lambda + \eta v (a x^+ + b y^+).

:math:`\det(I - M) = \eta^4 l v b^2 < 0`, so that M has a real eigenvalue above 1, whatever eta, g, w.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.numbers import Array, convert, field_of
from spiritlevel.core.oracle import Oracle
from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.argus.algorithms.planes import line, states, with_cuts
from spiritlevel.theory.argus.assumptions import ALL, audit_runs
from spiritlevel.theory.evidence import plain
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, largest

F = Fraction
NET, AGENTS = "ring:4", 4
TURN = (1, -1, 1, -1)
MODES = {(1, 1, 1, 1): (F(1), 0, 3), (1, 0, -1, 0): (F(1, 3), 2, 1), TURN: (F(-1, 3), 4, -1)}
"""Directions of the ring of four, up to turning it: the eigenvalues of W, of the Laplacian, of the closed adjacency matrix."""
A, B = F(-1, 2), F(1)
ETA = F(1, 4)
STEPS = (F(1, 100), F(1, 20), F(1, 10), F(1, 4))
ROUNDING = 1e-6
"""Of a radius: theta has eigenvalues 1 of its own, and what grows does so by 7e-5 or more."""


def mode_map(eta: Any, g: Any, a: Any, b: Any, mode: tuple[Any, Any, Any], full: bool) -> list[list[Any]]:
    """M on (x, y, q, lambda) along a mode; with all terms where ``full``."""
    w, laplace, v = mode
    q, pull = (2, v) if full else (1, 1)
    x = [w - eta * g, 0 * eta, -eta * q, -eta * pull * a]
    y = [0 * eta, w - eta * g, 0 * eta, -eta * pull * b]
    theta = [eta * laplace * k + int(i == 2) for i, k in enumerate(x)]
    lam = [eta * v * (a * k + b * m) + int(i == 3) for i, (k, m) in enumerate(zip(x, y, strict=True))]
    return [x, y, theta, lam]


def grows() -> bool:
    """``det(I - M) = eta^4 l v b^2`` in letters."""
    import sympy

    eta, g, a, b, w, l, v = sympy.symbols("eta g a b w l v")
    M = sympy.Matrix(mode_map(eta, g, a, b, (w, l, v), full=False))
    return bool(sympy.expand((sympy.eye(4) - M).det() - eta**4 * l * v * b**2) == 0)


JOINED = np.array([[int(abs(i - j) in (1, AGENTS - 1)) for j in range(AGENTS)] for i in range(AGENTS)])
"""Who is whose neighbour on the ring."""


def moved(ctx: Context, gradient: str, eta: Fraction, parts: Sequence[Array]) -> list[Array]:
    """x, y, theta and lambda one step of the implementation on, cuts frozen, no damping; in the parts' number system.

    Parameters
    ----------
    parts
        x, y, theta and lambda before it, shapes ``(R, 4, 1)``, ``(R, 4, 1)``, ``(R, 4, 4, 1)``, ``(R, 4, 1)``.
    """
    x, y, theta, lam = parts
    field = field_of(x)
    a: Any = ctx.algorithm("argus")(eta=eta, T_1=0, M=1, gradient=gradient, damping="none").over(field)
    o = Oracle(line(0, AGENTS).over(field))
    net = Gossip(named(NET, exact=True).over(field))
    near = JOINED + np.eye(AGENTS, dtype=int)
    owned = {i: (near[i][:, None] * A, near[i][:, None] * B, F(0)) for i in range(AGENTS)}
    none: Any = with_cuts(a.init(x[:1] * 0, y[:1] * 0, o, net), owned)
    s = dataclasses.replace(
        none, **{f.name: np.repeat(getattr(none, f.name), len(x), axis=0) for f in dataclasses.fields(none)}
    )
    pull_x, pull_y = a.pulls(theta, s.cuts.with_multipliers(lam), JOINED[None, ..., None])
    s = dataclasses.replace(
        s, x=x, y=y, theta=theta, lam=lam, x_read=x, y_read=y, pull_x=pull_x, pull_y=pull_y
    )
    after: Any = a.step(1, s, o, net)
    return [after.x, after.y, after.theta, after.lam]


def along(ctx: Context, gradient: str) -> list[list[Fraction]]:
    """What the implementation does to (x, y, q, lambda) along (1, -1, 1, -1); exact."""
    turn = convert(np.array(TURN), "fraction")[None, :, None]
    parts = [
        convert(np.zeros((4, AGENTS, *more), dtype=int), "fraction")
        for more in ((1,), (1,), (AGENTS, 1), (1,))
    ]
    for k in (0, 1, 3):
        parts[k][k] = turn[0]
    parts[2][2] = (JOINED[None, ..., None] * turn[:, :, None] / 2)[0]
    x, y, theta, lam = moved(ctx, gradient, ETA, parts)
    q = (JOINED[None, ..., None] * theta).sum(axis=2)
    return [[F(value) for value in z[:, 0, 0]] for z in (x, y, q, lam)]


def whole(ctx: Context, gradient: str) -> list[float]:
    """The spectral radius of what the implementation does to all of x, y, theta and lambda, for every step size.

    NaN where that is not linear, as with projected multipliers.
    """
    at = np.flatnonzero(JOINED)
    sizes = [AGENTS, AGENTS, len(at), AGENTS]
    found = []
    for eta in STEPS:
        probes = np.eye(sum(sizes))
        x, y, edges, lam = np.split(np.vstack([probes, -probes]), np.cumsum(sizes)[:-1], axis=1)
        theta = np.zeros((len(x), AGENTS * AGENTS))
        theta[:, at] = edges
        parts = [x[..., None], y[..., None], theta.reshape(-1, AGENTS, AGENTS, 1), lam[..., None]]
        x, y, theta, lam = (z.reshape(len(x), -1) for z in moved(ctx, gradient, eta, parts))
        there, back = np.split(np.hstack([x, y, theta[:, at], lam]), 2)
        linear = bool((there == -back).all())
        found.append(float(abs(np.linalg.eigvals(there)).max()) if linear else float("nan"))
    return found


def radius(eta: Fraction, full: bool) -> float:
    """The largest modulus over the modes; where l = 0 q stays 0 and is left out."""
    found = []
    for mode in MODES.values():
        M = np.array(mode_map(eta, F(1), A, B, mode, full), dtype=float)
        kept = [0, 1, 3] if mode[1] == 0 else [0, 1, 2, 3]
        found.append(float(abs(np.linalg.eigvals(M[np.ix_(kept, kept)])).max()))
    return max(found)


def spread(ctx: Context, gradient: str, steps: int) -> Array:
    """By how much agents' y differ along a run from nearly agreeing agents, one update of the cuts, printed damping."""
    a = ctx.algorithm("argus")(eta=ETA, iota=1, T_1=1, M=1, gradient=gradient)
    nearly = np.array([[1.001], [0.999], [1.001], [0.999]])
    with np.errstate(over="ignore", invalid="ignore"):
        run = states(a, line(0, AGENTS).over("float"), named(NET), {}, steps, (0 * nearly, nearly))
        return np.array([float(np.ptp(s.y)) for s in run])


def _told(same: bool, implemented: list[float]) -> str:
    if same:
        return "the implementation is M, exactly"
    return (
        f"the implementation is not M: its own map has the radii {', '.join(f'{r:.5f}' for r in implemented)}"
    )


def _numbers(radii: list[float], late: float, same: bool, implemented: list[float]) -> dict[str, Any]:
    return {
        "radii": radii,
        "growth": plain(late),
        "implementation": same,
        "radii_of_the_implementation": list(map(plain, implemented)),
        "tolerance": ROUNDING,
    }


def _check_own(ctx: Context) -> Finding:
    proof = grows()
    same = along(ctx, "own") == mode_map(ETA, F(1), A, B, MODES[TURN], full=False)
    steps = ctx.pick(1200, 5000)
    seen = spread(ctx, "own", steps)
    late = float(seen[-1] / seen[0])
    radii = [radius(eta, full=False) for eta in STEPS]
    _, laplace, near = MODES[TURN]
    implemented = whole(ctx, "own")
    refuted = proof and laplace * near < 0 and same and min(radii) > 1 and late > 1
    bounded = largest(implemented) < 1 + ROUNDING and late < 1
    return Finding(
        verdict=Verdict.REFUTED if refuted else Verdict.SUPPORTED if bounded else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary=f"ring of four equal agents, one cut each: det(I - M) = {laplace * near} eta^4 b^2 < 0 in letters ({_told(same, implemented)}), so that one eigenvalue is above 1 for every eta and g: "
        f"{', '.join(f'{r:.5f}' for r in radii)} at eta = {', '.join(map(str, STEPS))}. In a run with the printed damping, eta = {ETA}, one update, what the agents' y differ by grows "
        f"{late:.2g}-fold within {steps} iterations",
        numbers=_numbers(radii, late, same, implemented),
        cases=len(STEPS) + 1,
        audit=(
            *audit_runs([line(0, AGENTS)], [named(NET)]),
            *(("1(c) violated: multipliers grow without bound",) if refuted else ()),
        ),
    )


OWN = Statement(
    id="argus/own-gradient-grows",
    paper=PAPER,
    location="(17)-(20), gradients of L_pi",
    kind="lemma",
    variant="added",
    sentence="With frozen cuts, strongly convex quadratic G and a small enough step size, the iterates stay bounded as the damping fades.",
    formula=r"\det(I - M) = \eta^4 \ell \nu b^2 < 0, \quad \nu = \lambda_{\min}(I + \mathrm{Adj}) = -1 \text{ on the ring of four}",
    because="An agent feels its own multiplier, but not those of the neighbours whose cuts its variables violate: along (1, -1, 1, -1) every multiplier pushes the wrong way. Mixing slows it, the "
    "damping stops it until 1/sqrt(t) falls below the growth, the step size only sets its pace. Multipliers are free, as printed. On complete graphs all have the same cuts, and nothing grows.",
    assumptions=ALL,
    about=("argus",),
    check=_check_own,
    expected=Verdict.REFUTED,
)


def _check_full(ctx: Context) -> Finding:
    same = along(ctx, "full") == mode_map(ETA, F(1), A, B, MODES[TURN], full=True)
    radii = [radius(eta, full=True) for eta in STEPS]
    steps = ctx.pick(1200, 5000)
    seen = spread(ctx, "full", steps)
    late = float(seen[-1] / seen[0])
    implemented = whole(ctx, "full")
    holds = same and max(radii) < 1 and late < 1
    grown = all(r > 1 + ROUNDING for r in implemented)
    return Finding(
        verdict=Verdict.REFUTED if grown else Verdict.SUPPORTED if holds else Verdict.INCONCLUSIVE,
        method=Method.LINEAR,
        summary=f"the same ring and cuts with all terms: the spectral radius over the modes is {', '.join(f'{r:.5f}' for r in radii)} at eta = {', '.join(map(str, STEPS))} ("
        f"{_told(same, implemented)}); in the run what the agents' y differ by is {late:.2g} times its start after {steps} iterations",
        numbers=_numbers(radii, late, same, implemented),
        cases=len(STEPS) + 1,
        audit=audit_runs([line(0, AGENTS)], [named(NET)]),
    )


FULL = Statement(
    id="argus/own-gradient-grows-repaired",
    paper=PAPER,
    location="(17)-(20)",
    kind="lemma",
    variant="repaired",
    repairs="argus/own-gradient-grows",
    sentence="There they stay bounded, for small step sizes, with the gradients of the whole Lagrangian L_p.",
    because="Neighbours' multipliers and -theta_ji are in the gradient: the iteration is then that of a saddle point.",
    assumptions=ALL,
    about=("argus",),
    check=_check_full,
    expected=Verdict.SUPPORTED,
)
