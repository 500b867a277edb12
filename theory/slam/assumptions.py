"""Assumptions A1 to A5 of SLAM and the Hessian condition of its Theorem 1, as evaluated on a problem."""

from __future__ import annotations

import numpy as np

from spiritlevel.core.problem import SolvedProblem
from spiritlevel.theory.assumptions import Assumption, finite_constant


def _shared(problem: SolvedProblem) -> str | None:
    return None if problem.shared or problem.n == 1 else "every agent has a lower level of its own"


def _bounded_below(problem: SolvedProblem) -> str | None:
    return None if problem.infimum() is not None else "no finite lower bound of the objective is known"


def _equal_hessians(problem: SolvedProblem) -> str | None:
    x, y = (z[None] for z in problem.start())
    # the condition at y_i = y for all i: every H_i equals the mean, whatever L_g is
    H = problem.hess_yy_g(x, np.broadcast_to(y[:, :1], y.shape))
    off = abs(H - H.sum(axis=1, keepdims=True) / problem.n).max() / abs(H).max()
    return None if float(off) <= 1e-12 else f"Hessians differ by {float(off):.2g} of their size at a common y"


P2 = Assumption("(2c)", "the network shares one lower level", _shared)
A1_F = finite_constant("A1", r"$f_i$ is $L_{f,0}$-Lipschitz", "C_fy")
A1_FX = finite_constant("A1", r"$\nabla_x f_i$ is $L_{f,1}$-Lipschitz", "L_fx")
A1_FY = finite_constant("A1", r"$\nabla_y f_i$ is $L_{f,1}$-Lipschitz", "L_fy")
A1_G = finite_constant("A1", r"$\nabla g_i$ is $L_{g,1}$-Lipschitz", "L_g")
A1_XY = finite_constant("A1", r"$\|\nabla^2_{xy} g_i\| \le C_{xy}$", "C_gxy")
A1_H = finite_constant("A1", r"$\nabla^2 g_i$ is $L_{g,2}$-Lipschitz", "L_gyy")
A4 = Assumption("A4", "the objective is bounded below", _bounded_below)
A5 = finite_constant("A5", r"$g_i$ is $\mu_g$-strongly convex in $y$", "mu_g")
HESSIANS = Assumption("Theorem 1", "all agents have one lower-level Hessian at a common y", _equal_hessians)

A1 = (A1_F, A1_FX, A1_FY, A1_G, A1_XY, A1_H)
ALL = (P2, *A1, A4, A5, HESSIANS)
