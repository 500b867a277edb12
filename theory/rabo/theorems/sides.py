"""Both sides of the repaired bound on quadratics with noise and masks, exactly."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np

from spiritlevel.core.masks import Masks
from spiritlevel.core.numbers import Array
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.theory.instruments.affine import AffineMap
from spiritlevel.theory.instruments.moments import Moments, expected_square, moments, noise_covariance
from spiritlevel.theory.rabo.assumptions import delta_f, least_coverage
from spiritlevel.theory.rabo.constants import Smoothness, smoothness
from spiritlevel.theory.rabo.moments.problems import clients
from spiritlevel.theory.rabo.moments.rounds import CHANNELS, Maker, over_rounds, readouts
from spiritlevel.theory.rabo.theorems.lists import SAFETY
from spiritlevel.theory.slam.moments.modes import averages, whole


@dataclass(frozen=True)
class Instance:
    """A problem of four clients and four coordinates per level, masks, noise, and shares of the largest steps."""

    seed: int
    mask: str = "full"
    het_f: float = 0.0
    het_b: float = 0.0
    sigma: float = 0.0
    T: int = 1
    share: float = 1.0
    doublings: int = 10
    mask_y: str | None = None
    """As that of x if None."""
    noisy: tuple[str, ...] = CHANNELS
    made: Bilevel | None = None
    """A problem in the place of the random one."""

    @property
    def problem(self) -> Bilevel:
        """Equal second derivatives."""
        return self.made or clients(self.seed, 4, 4, 4, het_f=self.het_f, het_b=self.het_b)

    def steps(self, c: Smoothness) -> tuple[float, float]:
        """alpha and beta: the given share of the largest alpha at the largest beta."""
        beta = 1 / (2 * float(c.l_g1))
        return self.share * beta * float(c.mu_g) / (SAFETY * float(c.M_f * c.L_y)), beta


@dataclass(frozen=True)
class Sides:
    """The average of E|grad Phi|^2, and the terms that bound it."""

    left: float
    start: float
    """2 (V_1 - V_{Q+1})/(alpha Q)."""
    clients: float
    """3 (N/C_x*) delta_f^2."""
    pruning: float
    """3 (N/C_x*) times the mean of E_h."""
    inner: float
    """Of the inner error s."""
    noise: float

    @property
    def deciding(self) -> list[str]:
        """The terms without which the bound fails."""
        terms = {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if f.name != "left"}
        return [name for name, value in terms.items() if self.left > self.right - value]

    @property
    def right(self) -> float:
        """All terms."""
        return self.start + self.clients + self.pruning + self.inner + self.noise


def _value(problem: Bilevel, amap: AffineMap, at: Moments, L: Array) -> float:
    """E Phi, for a quadratic Phi with gradient ``L z + ..``."""
    s = amap.layout.unflatten(at.mean[None])
    p = problem.p
    return float(problem.value(s.x[:, 0])[0] + (L[:, :p] * at.covariance[:p, :p]).sum() / 2)


def sides(kind: Maker, given: Instance) -> Sides:
    """Exact expectations over Q = 2^doublings rounds; (7) read with the derivatives of the full function.

    Raises
    ------
    Unstable
        If a moment is not finite.
    """
    problem, c = given.problem, smoothness(given.problem)
    n, p, q = problem.n, problem.p, problem.q
    alpha, beta = given.steps(c)
    masks = given.mask, given.mask_y or given.mask
    a = kind(alpha=alpha, beta=beta, T=given.T, mask_x=masks[0], mask_y=masks[1], hyper="full")
    amap = over_rounds(a, problem, channels=CHANNELS)
    sigma: dict[Any, float] = {
        "grad_x_f": given.sigma * p**-0.5 * ("grad_x_f" in given.noisy),
        "grad_y_g": given.sigma * q**-0.5 * ("grad_y_g" in given.noisy),
    }
    Q, b = 2**given.doublings, beta * float(c.mu_g)
    behind_L, behind_c = amap.readout(lambda s: (s.y - problem.lower_solution(s.x)[:, :1])[:, 0])
    after_L, after_c = amap.M[p:], amap.b[p:]  # y_{q+1}
    star_L, star_c = amap.readout(lambda s: problem.lower_solution(s.x)[:, 0])
    S = noise_covariance(amap.calls, sigma)
    fresh = float((amap.N[p:] ** 2 * S).sum())
    gradient = readouts(amap, problem)[:, 0]
    blocks = {
        "gradient": gradient,
        "behind": np.c_[behind_L, behind_c],
        "next": np.c_[after_L - star_L, after_c - star_c],
        "x": np.c_[np.eye(p, p + q), np.zeros(p)],
        "y": np.c_[after_L, after_c],
    }
    rows = np.concatenate(list(blocks.values()))[:, None, :]
    per_row = averages(whole(amap), rows, sigma, given.doublings).total[-1]
    cuts = np.cumsum([len(block) for block in blocks.values()])[:-1]
    mean = {name: float(part.sum()) for name, part in zip(blocks, np.split(per_row, cuts), strict=True)}
    s = mean["next"] + fresh - (1 - b) * mean["behind"]
    ends = [moments(amap, sigma, 0), moments(amap, sigma, Q)]
    M_f, L_y, L_f = (float(v) for v in (c.M_f, c.L_y, c.L_f))
    V = [
        _value(problem, amap, at, gradient[:, :-1]) + M_f / L_y * expected_square(behind_L, behind_c, at)
        for at in ends
    ]
    C = least_coverage(Masks(given.mask).at(1, n, p, np.zeros((1, 1, p))))
    off = [0.0 if mask == "full" else 1.0 for mask in masks]  # w_1, w_2 of 1 cover all that masks can do
    pruned = 2 * M_f**2 * (off[0] * mean["x"] + off[1] * (mean["y"] + fresh))
    return Sides(
        left=mean["gradient"],
        start=2 * (V[0] - V[1]) / (alpha * Q),
        clients=3 * n / C * float(delta_f(problem, "local")) ** 2,
        pruning=3 * n / C * pruned,
        inner=(3 * M_f**2 + M_f / (alpha * L_y) * (2 + b)) * s,
        noise=alpha
        * (L_f + 2 * M_f * L_y)
        * n
        / C**2
        * (given.sigma if "grad_x_f" in given.noisy else 0.0) ** 2,
    )
