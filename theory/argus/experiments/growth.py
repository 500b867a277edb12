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
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.numbers import Array, convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.argus.algorithms.planes import line, states, with_cuts
from spiritlevel.theory.argus.assumptions import ALL, audit_runs
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict

F = Fraction
NET, AGENTS = "ring:4", 4
TURN = (1, -1, 1, -1)
MODES = {(1, 1, 1, 1): (F(1), 0, 3), (1, 0, -1, 0): (F(1, 3), 2, 1), TURN: (F(-1, 3), 4, -1)}
"""Directions of the ring of four, up to turning it: the eigenvalues of W, of the Laplacian, of the closed adjacency matrix."""
A, B = F(-1, 2), F(1)
ETA = F(1, 4)
STEPS = (F(1, 100), F(1, 20), F(1, 10), F(1, 4))


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


def stepped(ctx: Context, gradient: str) -> list[list[Fraction]]:
    """What the implementation does to (x, y, q, lambda) along (1, -1, 1, -1), cuts frozen, no damping; exact."""
    network, turn = named(NET, exact=True), convert(np.array(TURN), "fraction")
    near = (network.dense() != 0).astype(int)
    algorithm: Any = ctx.algorithm("argus")(eta=ETA, T_1=0, M=1, gradient=gradient, damping="none").over(
        "fraction"
    )
    problem, net = line(0, AGENTS), Gossip(network.over("fraction"))
    o, zeros = Oracle(problem), convert(np.zeros((1, AGENTS, 1), dtype=int), "fraction")
    owned = {i: (near[i][:, None] * A, near[i][:, None] * B, F(0)) for i in range(AGENTS)}
    start: Any = with_cuts(algorithm.init(zeros, zeros, o, net), owned)
    joined = (near - np.eye(AGENTS, dtype=int))[None, ..., None]
    rows = []
    for k in range(4):
        x, y = (zeros + turn[None, :, None] * int(k == at) for at in (0, 1))
        theta = start.theta + joined * turn[None, :, None, None] / 2 * int(k == 2)
        lam = start.lam + turn[None, :, None] * int(k == 3)
        cuts = start.cuts.with_multipliers(lam)
        pull_x, pull_y = algorithm.pulls(theta, cuts, joined)
        s = dataclasses.replace(
            start, x=x, y=y, theta=theta, lam=lam, x_read=x, y_read=y, pull_x=pull_x, pull_y=pull_y
        )
        after: Any = algorithm.step(1, s, o, net)
        q = (joined * after.theta).sum(axis=2)
        rows.append([F(z[0, 0].reshape(-1)[0]) for z in (after.x, after.y, q, after.lam)])
    return [list(column) for column in zip(*rows, strict=True)]


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
    run = states(a, line(0, AGENTS).over("float"), named(NET), {}, steps, (0 * nearly, nearly))
    return np.array([float(np.ptp(s.y)) for s in run])


def _check_own(ctx: Context) -> Finding:
    proof = grows()
    same = stepped(ctx, "own") == mode_map(ETA, F(1), A, B, MODES[TURN], full=False)
    steps = ctx.pick(1200, 5000)
    seen = spread(ctx, "own", steps)
    late = float(seen[-1] / seen[0])
    radii = [radius(eta, full=False) for eta in STEPS]
    _, laplace, near = MODES[TURN]
    refuted = proof and laplace * near < 0 and same and min(radii) > 1 and late > 1
    return Finding(
        verdict=Verdict.REFUTED if refuted else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary=f"ring of four equal agents, one cut each: det(I - M) = {laplace * near} eta^4 b^2 < 0 in letters (the implementation is M, exactly: {same}), so that one eigenvalue is above 1 for every eta and g: "
        f"{', '.join(f'{r:.5f}' for r in radii)} at eta = {', '.join(map(str, STEPS))}. In a run with the printed damping, eta = {ETA}, one update, what the agents' y differ by grows "
        f"{late:.2g}-fold within {steps} iterations",
        numbers={"radii": radii, "growth": late, "implementation": same},
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
    check=_check_own,
    expected=Verdict.REFUTED,
)


def _check_full(ctx: Context) -> Finding:
    same = stepped(ctx, "full") == mode_map(ETA, F(1), A, B, MODES[TURN], full=True)
    radii = [radius(eta, full=True) for eta in STEPS]
    steps = ctx.pick(1200, 5000)
    seen = spread(ctx, "full", steps)
    late = float(seen[-1] / seen[0])
    holds = max(radii) < 1 and late < 1
    return Finding(
        verdict=Verdict.INCONCLUSIVE if not same else Verdict.SUPPORTED if holds else Verdict.REFUTED,
        method=Method.LINEAR,
        summary=f"the same ring and cuts with all terms: the spectral radius over the modes is {', '.join(f'{r:.5f}' for r in radii)} at eta = {', '.join(map(str, STEPS))} (the implementation is M, exactly: "
        f"{same}); in the run what the agents' y differ by is {late:.2g} times its start after {steps} iterations",
        numbers={"radii": radii, "growth": late, "implementation": same},
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
    check=_check_full,
    expected=Verdict.SUPPORTED,
)
