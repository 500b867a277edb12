r"""Exact averages of the squared gradient of Phi over Q rounds, with what the start and what noise contribute set apart."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.numbers import Array
from spiritlevel.core.problem import Channel
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.theory.instruments.affine import AffineMap
from spiritlevel.theory.instruments.moments import moments
from spiritlevel.theory.rabo.moments.problems import clients, separable
from spiritlevel.theory.rabo.moments.rounds import CHANNELS, Maker, over_rounds, readouts
from spiritlevel.theory.slam.moments.modes import averages, whole

C_STEP = 0.1
KAPPA = 5.0
"""beta over alpha, where they are proportional."""
BetaRule = Literal["proportional", "fixed", "corollary"]
T_LOCAL = 2


@dataclass(frozen=True)
class Case:
    """One exact run over Q = 2^doublings rounds: equal clients, full masks; or windows that give coverage C of 16 coordinates.

    ``common``: all clients see the same noise, so that no mean reduces it.
    """

    doublings: int
    n: int = 1
    C: int = 0
    beta: BetaRule = "proportional"
    common: bool = False

    @property
    def Q(self) -> float:
        """Rounds."""
        return 2.0**self.doublings

    @property
    def covered(self) -> int:
        """C_x*."""
        return self.C or self.n

    @property
    def problem(self) -> Bilevel:
        """Two dimensions in each level where all hold everything; what Corollary 1 is about in its simplest case."""
        return separable(16, 16) if self.C else clients(3, self.n, 2, 2)

    def algorithm(self, kind: Maker) -> Algorithm:
        """With its steps: alpha = c sqrt(C_x*/Q), and beta by the rule."""
        alpha = C_STEP * math.sqrt(self.covered / self.Q)
        beta = {
            "proportional": KAPPA * alpha,
            "fixed": 0.2,
            "corollary": 1 / (self.problem.n * T_LOCAL * self.Q),
        }[self.beta]
        mask = f"window:{self.C}" if self.C else "full"
        return kind(alpha=alpha, beta=beta, T=T_LOCAL, mask_x=mask, mask_y=mask)


@dataclass(frozen=True)
class Measured:
    """Averages over q = 0..Q-1 of E|grad Phi(x_q)|^2: without noise, what noise adds, and that of the last round."""

    start: float
    noise: float
    last: float

    @property
    def total(self) -> float:
        """What one sees."""
        return self.start + self.noise


def shared_noise(amap: AffineMap, n: int) -> AffineMap:
    """The map whose clients all see one draw."""
    blocks, calls, at = [], [], 0
    for channel, shape in amap.calls:
        width = int(np.prod(shape))
        blocks.append(amap.N[:, at : at + width].reshape(-1, n, width // n).sum(axis=1))
        calls.append((channel, (1, width // n)))
        at += width
    return dataclasses.replace(amap, N=np.concatenate(blocks, axis=1), calls=tuple(calls))


@cache
def measured(kind: Maker, case: Case) -> Measured:
    r"""The exact averages of a case; noise has :math:`\sigma_f = \sigma_g = 1` per client.

    Raises
    ------
    Unstable
        If a moment is not finite.
    """
    problem = case.problem
    amap = over_rounds(case.algorithm(kind), problem, channels=CHANNELS)
    if case.common:
        amap = shared_noise(amap, problem.n)
    sigma: dict[Channel, float] = {"grad_x_f": problem.p**-0.5, "grad_y_g": problem.q**-0.5}
    rows: Array = readouts(amap, problem)
    found = averages(whole(amap), rows, sigma, case.doublings)
    last = moments(amap, sigma, int(case.Q)).covariance
    L = rows[:, 0, :-1]
    return Measured(
        float(found.mean[-1].sum()), float(found.noise[-1].sum()), float(np.einsum("ij,jk,ik->", L, last, L))
    )
