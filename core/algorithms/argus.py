r"""Argus: asynchronous primal-dual steps over a network, with cutting planes in the place of the lower level.

Problem: :math:`\min \sum_i G_i(x_i, y_i) + R(x_i)` over agreeing x, with y the solution of the lower level
:math:`\sum_i g_i(x_i, y_i) + r(y_i)` over agreeing y (1). The lower level is replaced by
:math:`h(x, y) = \|y - y^*\|_1 + \lambda_1 \|y - y^*\|^2 \le \varepsilon` (8) and this by cuts (9), one polytope per agent.

**Algorithm 1.** All agents mix, :math:`d = W x, u = W y` (15), (16); those in :math:`Q^{t+1}` go on:

.. math::
    x_i &\leftarrow \operatorname{prox}_{\eta R}(d_i - \eta \nabla_{x_i} \tilde L_{pi}), & y_i &\leftarrow
        u_i - \eta \nabla_{y_i} \tilde L_{pi} \\
    \lambda_{il} &\leftarrow \lambda_{il} + \eta (\text{cut}_{il} - c_1^t \lambda_{il}), & \theta_{ij} &\leftarrow
        \theta_{ij} + \eta (x_i - x_j - c_2^t \theta_{ij})

with the gradients taken where the agent was last active (17)-(20) and :math:`\eta c^t = 1/\sqrt{t+1}`. Every ``iota``
iterations before :math:`T_1` all agents estimate y* (5)-(7), delete cuts whose multiplier was 0 twice, and add one where
:math:`h_i > \varepsilon` (24)-(26). Iteration ``t`` of the driver is the paper's ``t - 1``. Argus-S is Argus with
everyone awake.

Liu et al.: "Argus: Federated Non-convex Bilevel Learning over 6G Space-Air-Ground Integrated Network", Section IV.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np

from spiritlevel.core.algorithm import Algorithm, choice, constant, step_size, text, whole
from spiritlevel.core.cuts import Cuts
from spiritlevel.core.errors import InputError
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.lower_estimate import LowerRounds, neighbours
from spiritlevel.core.numbers import Array, convert, field_of, parse_number, scalar
from spiritlevel.core.oracle import Oracle


@dataclass(frozen=True, slots=True)
class State:
    r"""``x``: ``(R, n, p)``; ``y``: ``(R, n, q)``; ``theta``, row i owned by agent i: ``(R, n, n, p)``.

    From ``a`` to ``used``: the polytopes, as in `Cuts`.

    ``x_read, y_read`` and the multipliers' share of the gradients there, ``pull_x, pull_y``, are from the agent's last
    activity; ``estimate`` is the last y*.
    """

    x: Array
    y: Array
    theta: Array
    a: Array
    b: Array
    c: Array
    lam: Array
    old: Array
    used: Array
    x_read: Array
    y_read: Array
    pull_x: Array
    pull_y: Array
    estimate: Array

    @property
    def cuts(self) -> Cuts:
        """The polytopes."""
        return Cuts(self.a, self.b, self.c, self.lam, self.old, self.used)


@dataclass(frozen=True)
class Argus(Algorithm):
    r"""Argus, Algorithm 1.

    What the paper leaves open is a choice: the gradients' terms (``own``: of :math:`\tilde L_{pi}`, as printed; ``full``:
    of their sum), the multipliers' sign, the dual regularisation, where the estimate starts (``base``), the weight
    of its proximal map, what happens to a cut when the polytope is full, and the agents' relative steps (``rates``).

    Examples
    --------
    >>> from spiritlevel.core.driver import run
    >>> from spiritlevel.core.graphs import named
    >>> from spiritlevel.synthetic.families import random_quadratic
    >>> problem = random_quadratic(seed=1, n=4, p=2, q=2, shared=True)
    >>> run(Argus(), problem, named("ring:4"), steps=10).x.shape[-2:]
    (4, 2)
    """

    name: ClassVar[str] = "argus"
    paper: ClassVar[str] = "Argus, Algorithm 1"
    shared: ClassVar[bool] = True
    ordered: ClassVar[bool] = True

    eta: Any = step_size(Fraction(1, 20), "step size of x, y, lambda and theta, (17)-(20)")
    rates: str = text("1", "factors of the agents' step sizes, dealt out in turn")
    eta_y: Any = step_size(Fraction(1, 2), "step size of the estimate, (5)")
    eta_phi: Any = step_size(Fraction(1, 10), "step size of its multipliers, (6)")
    mu: Any = constant(Fraction(1, 10), "its penalty, (4)")
    K: int = whole(1, "its rounds, (7)")
    lambda_1: Any = constant(Fraction(1, 10), "weight of the square in h")
    eps: Any = constant(Fraction(1, 100), "what h may be, (8)")
    iota: int = whole(5, "iterations between updates of the cuts")
    T_1: int = whole(100, "the cuts are frozen from this iteration on", 0)
    M: int = whole(20, "cuts per agent at most")
    gradient: str = choice("own", ("own", "full"), "terms of the gradients in (17)")
    multipliers: str = choice(
        "free", ("free", "project"), "lambda may be negative, or is kept at 0 and above"
    )
    damping: str = choice("sqrt", ("sqrt", "none"), "dual regularisation, (13)")
    base: str = choice(
        "current", ("current", "zero", "warm"), "where the estimate starts: y, 0, or the last one"
    )
    prox: str = choice("one", ("one", "scaled"), "weight of the proximal map in (5): 1, as printed, or eta_y")
    full: str = choice(
        "refuse", ("refuse", "oldest"), "where there are M cuts: add no more, or drop the oldest"
    )
    upper: str = choice(
        "prox", ("prox", "subgradient"), "proximal map of R in (17), or a subgradient (ablation)"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        for rate in self.rates.split(":"):
            if not parse_number(rate, "rates") > 0:
                raise InputError(f"rates is {self.rates!r}; give numbers > 0, such as 1:2:4")

    def init(self, x0: Array, y0: Array, o: Oracle, net: Gossip) -> State:
        """No cuts and no multipliers."""
        theta = (x0[:, :, None] - x0[:, None]) * 0
        none = Cuts.none(x0, y0, self.M)
        return State(x0, y0, theta, *none.arrays(), x0, y0, x0 * 0, y0 * 0, y0 * 0)

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        """Iteration ``t - 1`` of the paper."""
        awake, joined, eta = net.active(), neighbours(net), self.steps(s.x)
        damp = self.damp(t, s.x)
        d, u = net.mix(s.x, s.y)  # (15), (16)
        x = np.where(awake, self.moved(o, d, o.grad_x_f(s.x_read, s.y_read) + s.pull_x, eta), d)  # (17)
        y = np.where(awake, u - eta * (o.grad_y_f(s.x_read, s.y_read) + s.pull_y), u)  # (18)
        lam = s.cuts.lam + awake * s.cuts.used * (eta * s.cuts.values(x, y) - damp * s.cuts.lam)  # (19)
        if self.multipliers == "project":
            lam = np.where(lam > 0, lam, lam * 0)
        cuts = s.cuts.with_multipliers(lam)
        apart = eta[:, None] * (x[:, :, None] - x[:, None]) - damp * s.theta
        theta = s.theta + (awake[:, :, None] * joined) * apart  # (20)
        net.tell(awake[..., 0] * (cuts.count() + x.shape[-1] * joined[..., 0].sum(axis=-1)))
        estimate = s.estimate
        if t % self.iota == 0 and t - 1 < self.T_1:
            cuts, estimate = self.renewed(o, net, x, y, cuts, estimate)
        pull_x, pull_y = self.pulls(theta, cuts, joined)
        return State(
            x,
            y,
            theta,
            *cuts.arrays(),
            np.where(awake, x, s.x_read),
            np.where(awake, y, s.y_read),
            np.where(awake, pull_x, s.pull_x),
            np.where(awake, pull_y, s.pull_y),
            estimate,
        )

    def steps(self, like: Array) -> Array:
        """Step sizes of the agents, shape ``(n, 1)``."""
        rates = [parse_number(rate) for rate in self.rates.split(":")]
        factors = np.array([[rates[i % len(rates)]] for i in range(like.shape[1])], dtype=object)
        return np.asarray(self.eta * convert(factors, field_of(like)))

    def damp(self, t: int, like: Array) -> Any:
        r""":math:`\eta c^t = 1/\sqrt{t+1}` (13); in exact arithmetic its nearest float, read exactly."""
        return scalar(Fraction(t**-0.5), field_of(like)) if self.damping == "sqrt" else 0

    def moved(self, o: Oracle, d: Array, gradient: Array, eta: Array) -> Array:
        """The update of x in (17)."""
        if self.upper == "subgradient":
            return d - eta * (gradient + o.subgradient_x(d))
        return o.prox_x(d - eta * gradient, eta)

    def pulls(self, theta: Array, cuts: Cuts, joined: Array) -> tuple[Array, Array]:
        """What the multipliers add to the gradients in x and y."""
        from_x, from_y = cuts.pull()
        if self.gradient == "full":
            return from_x.sum(axis=1) + (joined * (theta - theta.swapaxes(1, 2))).sum(axis=2), from_y.sum(
                axis=1
            )
        i = np.arange(theta.shape[1])
        return from_x[:, i, i] + (joined * theta).sum(axis=2), from_y[:, i, i]

    def renewed(
        self, o: Oracle, net: Gossip, x: Array, y: Array, cuts: Cuts, last: Array
    ) -> tuple[Cuts, Array]:
        """The polytopes after (24)-(26), and the estimate behind them."""
        start = {"current": y, "zero": y * 0, "warm": last}[self.base]
        rounds = LowerRounds(self.K, self.eta_y, self.eta_phi, self.mu, self.prox == "scaled")
        star, S = rounds.run(o, net, x, start)
        near = neighbours(net)[..., 0] + np.eye(x.shape[1], dtype=int)  # closed: (9) with the own variables
        off = y - star
        h = (near * (abs(off) + self.lambda_1 * off * off).sum(axis=-1)[:, None]).sum(axis=-1)
        slope = np.sign(off) + 2 * self.lambda_1 * off
        b = near[..., None] * slope[:, None]  # (25)
        a = -near[..., None] * np.einsum("rijk,rjklp->rilp", b, S)  # (24)
        c = h - (a * x[:, None]).sum(axis=(-2, -1)) - (b * y[:, None]).sum(axis=(-2, -1)) - self.eps  # (26)
        idle = ((cuts.lam == 0) & (cuts.old == 0)).astype(int)
        kept = cuts.without(idle)
        wanted = (h > self.eps).astype(int)
        grown = kept.adding(a, b, c, wanted, drop_oldest=self.full == "oldest")
        net.tell(grown.count() * (near.sum(axis=-1) * (x.shape[-1] + y.shape[-1]) + 2))
        return grown, star
