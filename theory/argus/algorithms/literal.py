r"""Algorithm 1 read literally, agent by agent and coordinate by coordinate in exact fractions.

Plain loops on lists; nothing comes from `spiritlevel.core.algorithms`, so that agreement with the code means that
two texts say the same. All past states are kept, and a stale read looks them up. Argus, Section IV.
"""

from __future__ import annotations

import copy
from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction

from spiritlevel.theory.argus.algorithms.cutting import Cut, cuts_after, value
from spiritlevel.theory.argus.algorithms.setting import Ask, Proximal, Setting, Vector, combination

Weights = list[list[Fraction]]


@dataclass
class Agent:
    """What agent i owns, and the neighbours it had in that iteration (itself excluded)."""

    x: Vector
    y: Vector
    theta: list[Vector]
    near: list[int] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)
    estimate: Vector = field(default_factory=list)


State = list[Agent]


def initial(x: list[Vector], y: list[Vector], theta: list[list[Vector]]) -> State:
    """No cuts."""
    return [
        Agent(list(a), list(b), [list(v) for v in row], estimate=[Fraction(0)] * len(b))
        for a, b, row in zip(x, y, theta, strict=True)
    ]


def gradients(i: int, then: State, c: Setting, ask: Ask) -> tuple[Vector, Vector]:
    r""":math:`\nabla_{x_i}, \nabla_{y_i}` of (14) at a past state, or with ``full`` of (13), the sum over all agents."""
    me = then[i]
    gx, gy = list(ask("grad_x_f", i, me.x, me.y)), list(ask("grad_y_f", i, me.x, me.y))
    for k in range(len(then)) if c.gradient == "full" else [i]:
        for cut in then[k].cuts:
            gx = [g + cut.lam * a for g, a in zip(gx, cut.a[i], strict=True)]
            gy = [g + cut.lam * b for g, b in zip(gy, cut.b[i], strict=True)]
    for j in me.near:
        gx = [g + v for g, v in zip(gx, me.theta[j], strict=True)]
        if c.gradient == "full":
            gx = [g - v for g, v in zip(gx, then[j].theta[i], strict=True)]
    return gx, gy


@dataclass
class Run:
    """A run of Algorithm 1: all states so far, when every agent was last active, and what was sent."""

    c: Setting
    ask: Ask
    prox_x: Proximal
    prox_y: Proximal
    subgradient: Proximal
    past: list[State]
    last: list[int]
    sent: Counter[str] = field(default_factory=Counter)

    def iterate(self, W: Weights, active: list[int]) -> None:
        """Iteration t = 0, 1, .. of the paper: with W^{t+1} and Q^{t+1} from the state of t to that of t + 1."""
        c, t, now = self.c, len(self.past) - 1, self.past[-1]
        N = range(len(now))
        new = copy.deepcopy(now)
        for i in N:
            new[i].near = [j for j in N if j != i and W[i][j] != 0]
            d = combination(W[i], [agent.x for agent in now])  # (15)
            u = combination(W[i], [agent.y for agent in now])  # (16)
            if active[i]:
                gx, gy = gradients(i, self.past[self.last[i]], c, self.ask)
                eta = c.step(i)
                new[i].x = self.moved(d, gx, eta)  # (17)
                new[i].y = [v - eta * g for v, g in zip(u, gy, strict=True)]  # (18)
            else:
                new[i].x, new[i].y = d, u
            self.sent["primal"] += len(new[i].near) * (len(d) + len(u))
        for i in N:
            for cut in new[i].cuts:
                cut.old = cut.lam
            if active[i]:
                self.ascend(i, t, new)
        if (t + 1) % c.iota == 0 and t < c.T_1:
            self.renew(W, new)
        self.past.append(new)
        for i in N:
            if active[i]:
                self.last[i] = t + 1

    def moved(self, d: Vector, gx: Vector, eta: Fraction) -> Vector:
        """The update of x in (17); in "w/o-Proximal" with a subgradient of R at d in the place of its proximal map."""
        if self.c.upper == "subgradient":
            both = zip(d, gx, self.subgradient(d, eta), strict=True)
            return [v - eta * g - s for v, g, s in both]
        return self.prox_x([v - eta * g for v, g in zip(d, gx, strict=True)], eta)

    def ascend(self, i: int, t: int, new: State) -> None:
        """(19), (20) for an active agent, with the regularisation at its own last multipliers."""
        eta, damp, me = self.c.step(i), self.c.damp(t), new[i]
        x, y = [agent.x for agent in new], [agent.y for agent in new]
        for cut in me.cuts:
            cut.lam += eta * value(cut, x, y) - damp * cut.lam
            if self.c.multipliers == "project" and cut.lam < 0:
                cut.lam = Fraction(0)
        for j in me.near:
            me.theta[j] = [
                v + eta * (a - b) - damp * v for v, a, b in zip(me.theta[j], x[i], x[j], strict=True)
            ]
        self.sent["dual"] += len(me.near) * (len(me.cuts) + len(me.near) * len(me.x))

    def renew(self, W: Weights, new: State) -> None:
        """(5)-(7) and (21)-(26) for every agent, active or not."""
        x, y = [agent.x for agent in new], [agent.y for agent in new]
        start = {
            "current": y,
            "zero": [[Fraction(0)] * len(v) for v in y],
            "warm": [agent.estimate for agent in new],
        }[self.c.base]
        polytopes, star = cuts_after(
            [agent.cuts for agent in new], x, y, start, W, self.c, self.ask, self.prox_y
        )
        for i, agent in enumerate(new):
            agent.cuts, agent.estimate = polytopes[i], star[i]
            d, m = len(agent.near), len(agent.y)
            self.sent["estimate"] += self.c.K * d * (m + d * m)
            self.sent["polytopes"] += d * len(agent.cuts) * ((d + 1) * (len(agent.x) + m) + 2)
