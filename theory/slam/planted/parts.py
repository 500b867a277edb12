"""The four forms of SLAM in pieces, for their wrong versions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from spiritlevel.core.algorithms import slam, slam_l, slam_two_step, slam_u
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.hypergradient import surrogate
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle


class Pieces:
    """What can be exchanged one by one; as it stands every piece is the text's."""

    alpha: Any
    beta: Any
    gamma: Any
    rho: Any

    def lower(self, o: Oracle, x: Array, y: Array) -> Array:
        """``h_g``."""
        return o.grad_y_g(x, y)

    def upper(self, o: Oracle, x: Array, y: Array, old: Array) -> Array:
        """``h_f``: (23) at ``(x^r, y^{r+1})``; ``old`` is ``y^r``."""
        return surrogate(o, x, y)

    def descended(self, z: Array, h: Array, pushed: Array, Lz: Array, inverse: Any) -> Array:
        """(5a), (5b)."""
        return z - (h + self.gamma * pushed + self.rho * self.gamma * Lz) / inverse

    def ascended(self, pushed: Array, Lz: Array, Lz_old: Array) -> Array:
        """``A'`` times (4b), (4d)."""
        return pushed + self.rho / self.gamma * Lz

    def own(self, z: Array, h: Array, inverse: Any) -> Array:
        """A level without consensus."""
        return z - h / inverse

    def exchange(self, net: Gossip, *fields: Array) -> tuple[Array, ...]:
        """One round."""
        found = net.differences(*fields)
        return found if len(fields) > 1 else (found,)


@dataclass(frozen=True)
class Both(Pieces, slam.SLAM):
    """SLAM."""

    def step(self, t: int, s: slam.State, o: Oracle, net: Gossip) -> slam.State:
        """(5a), (4b), (5b), (4d)."""
        y = self.descended(s.y, self.scaled(self.lower(o, s.x, s.y)), s.om, s.Ly, self.beta)
        x = self.descended(s.x, self.scaled(self.upper(o, s.x, y, s.y)), s.lam, s.Lx, self.alpha)
        Lx, Ly = self.exchange(net, x, y)
        return slam.State(x, y, self.ascended(s.lam, Lx, s.Lx), self.ascended(s.om, Ly, s.Ly), Lx, Ly)


@dataclass(frozen=True)
class Lower(Pieces, slam_l.LowerSLAM):
    """SLAM-L."""

    def step(self, t: int, s: slam_l.State, o: Oracle, net: Gossip) -> slam_l.State:
        """(5a), (4b), and a step of its own for x."""
        y = self.descended(s.y, self.lower(o, s.x, s.y), s.om, s.Ly, self.beta)
        x = self.own(s.x, self.upper(o, s.x, y, s.y), self.alpha)
        (Ly,) = self.exchange(net, y)
        return slam_l.State(x, y, self.ascended(s.om, Ly, s.Ly), Ly)


@dataclass(frozen=True)
class Upper(Pieces, slam_u.UpperSLAM):
    """SLAM-U."""

    def step(self, t: int, s: slam_u.State, o: Oracle, net: Gossip) -> slam_u.State:
        """A step of its own for y, (5b), (4d)."""
        y = self.own(s.y, self.lower(o, s.x, s.y), self.beta)
        x = self.descended(s.x, self.upper(o, s.x, y, s.y), s.lam, s.Lx, self.alpha)
        (Lx,) = self.exchange(net, x)
        return slam_u.State(x, y, self.ascended(s.lam, Lx, s.Lx), Lx)


@dataclass(frozen=True)
class TwoStep(Pieces, slam_two_step.TwoStepSLAM):
    """Algorithm 1."""

    def step(self, t: int, s: slam_two_step.State, o: Oracle, net: Gossip) -> slam_two_step.State:
        """(6a), (6b)."""
        h_g = self.lower(o, s.x, s.y)
        g_old, f_old = self.remembered(o, s)
        y = self.moved(s.y, s.Ly, s.y_old, s.Ly_old, h_g - g_old, self.beta)
        h_f = self.upper(o, s.x, y, s.y)
        x = self.moved(s.x, s.Lx, s.x_old, s.Lx_old, h_f - f_old, self.alpha)
        Lx, Ly = self.exchange(net, x, y)
        return slam_two_step.State(x, y, Lx, Ly, s.x, s.y, s.Lx, s.Ly, h_f, h_g)

    def remembered(self, o: Oracle, s: slam_two_step.State) -> tuple[Array, Array]:
        """``h_g^{r-1}, h_f^{r-1}``."""
        return s.g_old, s.f_old


def implicit(o: Oracle, x: Array, y: Array, *, mean_hessian: bool = False, mean_cross: bool = False) -> Array:
    """(23) from matrices, with means over agents in the place of local ones where asked."""
    H, C = o.hess_yy_g(x, y), o.hess_xy_g(x, y)
    H = H.sum(axis=1, keepdims=True) / x.shape[1] + 0 * H if mean_hessian else H
    C = C.sum(axis=1, keepdims=True) / x.shape[1] + 0 * C if mean_cross else C
    w = solved(H, o.grad_y_f(x, y))
    return np.asarray(o.grad_x_f(x, y) - (C @ w[..., None])[..., 0])


def solved(H: Array, v: Array) -> Array:
    """``H^{-1} v`` agent by agent."""
    from spiritlevel.core.numbers import inverse

    return np.asarray((inverse(H) @ v[..., None])[..., 0])
