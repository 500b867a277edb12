"""DSBO in pieces, for its wrong versions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from spiritlevel.core.algorithms.dsbo import DSBO, State
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle


@dataclass(frozen=True)
class Parts(DSBO):
    """DSBO in pieces that can be exchanged one by one; as it stands it is Algorithm 1."""

    not_mixed: ClassVar[str] = ""
    """Letters of what keeps its own value in the place of the neighbours' sum."""
    clock: ClassVar[int] = 1
    """The driver's time less the paper's."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """Algorithm 1."""
        sizes = self.sizes(t - self.clock)
        letters = "xyshuv"
        near = dict(zip(letters, self.gossip(s, net), strict=True))
        near |= {k: getattr(s, k) for k in self.not_mixed}
        W = State(**near, q=s.q)
        x, y = self.point(s, W)
        fx, fy, gy = o.grad_x_f(x, y), o.grad_y_f(x, y), o.grad_y_g(x, y)
        J = flat(o.hess_xy_g(x, y), s.u)
        H = np.concatenate([flat(each, s.q) for each in self.hessians(o, x, y)], axis=-1)
        new = {
            k: self.average(getattr(W, k), z, sizes[1]) for k, z in zip("shuv", (fx, fy, J, H), strict=True)
        }
        q = self.inverse(s, new["v"])
        z = self.direction(s, State(W.x, W.y, **new, q=q))
        return State(W.x - sizes[0] * z, W.y - self.lower(sizes) * gy, **new, q=q)

    def gossip(self, s: State, net: Gossip) -> tuple[Array, ...]:
        """One round."""
        mixed: tuple[Array, ...] = net.mix(s.x, s.y, s.s, s.h, s.u, s.v)
        return mixed

    def point(self, s: State, W: State) -> tuple[Array, Array]:
        """Where samples are taken."""
        return s.x, s.y

    def hessians(self, o: Oracle, x: Array, y: Array) -> list[Array]:
        """b independent samples."""
        return [o.hess_yy_g(x, y) for _ in range(self.b)]

    def average(self, Wz: Array, sample: Array, beta: Any) -> Array:
        """Steps 6-8, 11."""
        return Wz - beta * Wz + beta * sample

    def lower(self, sizes: tuple[Any, Any, Any]) -> Any:
        """The step size of y."""
        return sizes[2]

    def inverse(self, s: State, v: Array) -> Array:
        """Steps 9-14, flat."""
        return self.neumann(v, s.h).reshape(s.q.shape)

    def direction(self, s: State, new: State) -> Array:
        """What x moves along."""
        return s.s - self.implicit(s)

    def implicit(self, s: State) -> Array:
        """``u q h``."""
        u, q = matrices(s)
        return np.asarray((u @ (q @ s.h[..., None]))[..., 0])


def flat(array: Array, like: Array) -> Array:
    """Matrices as rows, for every replica."""
    return np.broadcast_to(array.reshape(*array.shape[:2], -1), like.shape)


def matrices(s: State) -> tuple[Array, Array]:
    """u and q as matrices."""
    p, q = s.x.shape[-1], s.y.shape[-1]
    return s.u.reshape(*s.u.shape[:2], p, q), s.q.reshape(*s.q.shape[:2], q, q)
