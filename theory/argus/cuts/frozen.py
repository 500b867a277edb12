r"""What a cut of Argus is judged on: h with the estimate frozen, and the true solutions; both as a `Violation`.

With one round of (5) from ``y0``, linearised at ``xbar``, agent j's estimate is :math:`\operatorname{prox}(v_j(x_j))` with

.. math:: v_j = \sum_k W_{jk} y_{0,k} - \eta_y \Big[\nabla_y g_j(\bar x_j, y_{0,j}) + 2\mu \sum_{k \in N_j} (y_{0,j} -
          y_{0,k})\Big] + J_j (x_j - \bar x_j), \qquad J_j = -\eta_y \nabla^2_{yx} g_j(\bar x_j, y_{0,j}).

x and y of all agents are stacked, agent by agent.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.networks import Network
from spiritlevel.core.numbers import Array, convert
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.composite import L1Bilevel
from spiritlevel.synthetic.upper import LinearUpper
from spiritlevel.theory.instruments.cuts import Cut, Violation


@dataclass(frozen=True)
class Settings:
    """Of the estimate and of h, as in `spiritlevel.core.algorithms.argus.Argus`; exact."""

    eta_y: Fraction = Fraction(1, 2)
    mu: Fraction = Fraction(1, 10)
    lambda_1: Fraction = Fraction(1, 10)
    eps: Fraction = Fraction(1, 100)


def below(problem: Bilevel) -> Any:
    """The factor of the l1 term of the lower level."""
    return problem.below if isinstance(problem, L1Bilevel) else 0


def lower_only(problem: Bilevel) -> Bilevel:
    """The same lower level in Fractions, under an upper level of 0: h knows no other, and a cosine is not rational."""
    nothing = LinearUpper(np.zeros((problem.n, problem.p)), problem.q, trusted=True)
    lower = problem.lower.over("fraction")
    return dataclasses.replace(problem, lower=lower, upper=nothing, stationary=None, x0=None, y0=None)


def frozen(problem: Bilevel, network: Network, x: Array, y0: Array, by: Settings) -> Violation:
    """The whole network's h for a base point ``y0`` of shape ``(n, q)``, linearised at ``x`` of shape ``(n, p)``; exact.

    The proximal map has weight 1, as printed.

    Examples
    --------
    One agent, g = (y - x)^2/2, eta_y = 1/4, y0 = 1 (sheet, D3): the estimate is 3/4 + x/4.

    >>> from spiritlevel.core.networks import Network
    >>> from spiritlevel.synthetic.constructors import quadratic
    >>> one = np.ones((2, 1, 1))
    >>> problem = quadratic(one, one, np.zeros((2, 1)), shared=True)
    >>> from spiritlevel.core.networks import averaging
    >>> h = frozen(problem, averaging(2, exact=True), np.zeros((2, 1)), np.ones((2, 1)), Settings(eta_y=Fraction(1, 4)))
    >>> h.v0.tolist() == [Fraction(3, 4)] * 2, h.J.tolist()[0]
    (True, [Fraction(1, 4), Fraction(0, 1)])
    """
    exact, W = lower_only(problem), convert(network.dense(), "fraction")
    x, y0 = convert(x, "fraction"), convert(y0, "fraction")
    n, p, q = exact.n, exact.p, exact.q
    L = convert(network.over("fraction").laplacian, "fraction")
    slope = exact.grad_y_g(x[None], y0[None])[0] + 2 * by.mu * (L @ y0)
    cross = np.broadcast_to(exact.hess_xy_g(x[None], y0[None]), (1, n, p, q))[0]
    J = convert(np.zeros((n, q, n, p), dtype=int), "fraction")
    for j in range(n):
        J[j, :, j] = -by.eta_y * cross[j].T
    J = J.reshape(n * q, n * p)
    v = (W @ y0 - by.eta_y * slope).reshape(-1)
    return Violation(v - J @ x.reshape(-1), J, kappa=below(exact), weight=by.lambda_1)


def local(h: Violation, network: Network, agent: int) -> Violation:
    """Agent i's h: only the components of its closed neighbourhood count."""
    near = np.asarray(network.dense()[agent] != 0, dtype=int)
    near[agent] = 1
    counted = np.repeat(near, len(h.v0) // network.n)
    return Violation(h.v0, h.J, h.kappa, h.weight, counted)


def solutions(problem: Bilevel) -> Violation:
    """A function of one common x and one y that is 0 exactly where y is the lower-level solution y*(x).

    Examples
    --------
    >>> from spiritlevel.synthetic.constructors import quadratic
    >>> one = np.ones((2, 1, 1))
    >>> h = solutions(quadratic(2 * one, one, np.zeros((2, 1)), shared=True))
    >>> h.at([4], [2]), h.at([4], [3])
    (Fraction(0, 1), Fraction(1, 1))
    """
    exact = lower_only(problem)
    probes = convert(np.eye(exact.p + 1, exact.p, k=-1, dtype=int), "fraction")
    X = np.repeat(probes[:, None], exact.n, axis=1)
    if isinstance(exact, L1Bilevel):
        scale = exact.mean_hessian.diagonal()
        v, kappa = exact.inner(X)[:, 0] / scale, exact.below / scale
    else:
        v, kappa = exact.lower_solution(X)[:, 0], 0
    return Violation(v[0], (v[1:] - v[0]).T, kappa=kappa)


def on_common(cut: Cut, n: int) -> Cut:
    """What a cut says where all n agents have one x and one y."""
    a, b = (np.asarray(z.reshape(n, -1).sum(axis=0)) for z in (cut.a, cut.b))
    return Cut(a, b, cut.c)
