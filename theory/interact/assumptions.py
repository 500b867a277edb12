"""Assumptions 1 and 2 of INTERACT, as evaluated on a problem with its exact constants."""

from __future__ import annotations

from spiritlevel.core.problem import SolvedProblem
from spiritlevel.theory.assumptions import Assumption, finite_constant


def _private(problem: SolvedProblem) -> str | None:
    return "the network shares one lower level" if problem.shared else None


def _bounded_below(problem: SolvedProblem) -> str | None:
    return None if problem.infimum() is not None else "no finite lower bound of the objective is known"


P1 = Assumption("(1)", "every agent has its own lower level", _private)
A1A = finite_constant("A1(a)", r"$g_i$ is $\mu_g$-strongly convex in $y$", "mu_g")
A1B = finite_constant("A1(b)", r"$\nabla g_i$ is $L_g$-Lipschitz", "L_g")
A1C = finite_constant("A1(c)", r"$\|\nabla^2_{xy} g_i\| \le C_{g_{xy}}$", "C_gxy")
A1D_XY = finite_constant("A1(d)", r"$\nabla^2_{xy} g_i$ is Lipschitz", "L_gxy")
A1D_YY = finite_constant("A1(d)", r"$\nabla^2_{yy} g_i$ is Lipschitz", "L_gyy")
A2A_X = finite_constant("A2(a)", r"$\nabla_x f_i$ is Lipschitz", "L_fx")
A2A_Y = finite_constant("A2(a)", r"$\nabla_y f_i$ is Lipschitz", "L_fy")
A2B = finite_constant("A2(b)", r"$\|\nabla_y f_i\| \le C_{f_y}$", "C_fy")
A2C = Assumption("A2(c)", r"$\ell$ is bounded below", _bounded_below)

A1 = (P1, A1A, A1B, A1C, A1D_XY, A1D_YY)
A2 = (A2A_X, A2A_Y, A2B, A2C)
