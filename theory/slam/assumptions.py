"""Assumptions A1 to A5 of SLAM and the Hessian condition of its Theorem 1, as evaluated on a problem."""

from __future__ import annotations

import numpy as np

from spiritlevel.core.numbers import Array
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.theory.assumptions import Assumption, finite_constant

NEAR, FAR, POINTS = 10**2, 10**5, 8
"""How far out a gradient is looked at, and at how many points."""


def _points(problem: SolvedProblem, size: int) -> tuple[Array, Array]:
    """Random points up to 8 times as far out, rows of ``x`` and ``y`` for every agent, in the problem's numbers."""
    rng = np.random.default_rng(0)
    x, y = (
        z[None] * 0 + rng.integers(-8, 9, (POINTS, *z.shape)).astype(z.dtype) * size for z in problem.start()
    )
    return x, y


def _lipschitz_upper(problem: SolvedProblem) -> str | None:
    if np.isinf(float(problem.constants.C_fy)):
        return "C_fy = inf"
    # no constant bounds grad_x f: does it grow with the distance?
    near, far = (float(abs(problem.grad_x_f(*_points(problem, size))).max()) for size in (NEAR, FAR))
    return (
        f"grad_x f grows from {near:.2g} to {far:.2g} if looked at 1000 times as far out"
        if far > 10 * near
        else None
    )


def _shared(problem: SolvedProblem) -> str | None:
    return None if problem.shared or problem.n == 1 else "every agent has a lower level of its own"


def _bounded_below(problem: SolvedProblem) -> str | None:
    return None if problem.infimum() is not None else "no finite lower bound of the objective is known"


def _equal_hessians(problem: SolvedProblem) -> str | None:
    x, y = (np.repeat(z[:, :1], problem.n, axis=1) for z in _points(problem, 1))
    # the condition at one x and y_i = y for all i: every H_i equals the mean, whatever L_g is
    H = problem.hess_yy_g(x, y)
    off = abs(H - H.sum(axis=1, keepdims=True) / problem.n).max() / abs(H).max()
    return None if float(off) <= 1e-12 else f"Hessians differ by {float(off):.2g} of their size at a common y"


P2 = Assumption("(2c)", "the network shares one lower level", _shared)
A1_F = Assumption("A1", r"$f_i$ is $L_{f,0}$-Lipschitz", _lipschitz_upper)
A1_FX = finite_constant("A1", r"$\nabla_x f_i$ is $L_{f,1}$-Lipschitz", "L_fx")
A1_FY = finite_constant("A1", r"$\nabla_y f_i$ is $L_{f,1}$-Lipschitz", "L_fy")
A1_G = finite_constant("A1", r"$\nabla g_i$ is $L_{g,1}$-Lipschitz", "L_g")
A1_XY = finite_constant("A1", r"$\|\nabla^2_{xy} g_i\| \le C_{xy}$", "C_gxy")
A1_H = finite_constant("A1", r"$\nabla^2_{yy} g_i$ is $L_{g,2}$-Lipschitz", "L_gyy")
A1_HXY = finite_constant("A1", r"$\nabla^2_{xy} g_i$ is $L_{g,2}$-Lipschitz", "L_gxy")
A4 = Assumption("A4", "the objective is bounded below", _bounded_below)
A5 = finite_constant("A5", r"$g_i$ is $\mu_g$-strongly convex in $y$", "mu_g")
HESSIANS = Assumption("Theorem 1", "all agents have one lower-level Hessian at a common y", _equal_hessians)

A1 = (A1_F, A1_FX, A1_FY, A1_G, A1_XY, A1_H, A1_HXY)
ALL = (P2, *A1, A4, A5, HESSIANS)
