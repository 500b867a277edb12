r"""Exact second moments of one SLAM step, and what the appendix says of them in either normalisation of h.

"local": :math:`h_i` estimates the gradient of agent i (Algorithm 1, (176)); "mean": 1/n of it, as the gradient of the mean of
stacked functions would be. The noise of A3 is two-point, independent over agents, and enumerated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.arrays import mean_over_agents, squared_norm
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.numbers import Array, convert
from spiritlevel.synthetic.families import quadratic
from spiritlevel.theory.slam.lemmas.cases import HALF, Case, Prescribed, build, number, random_case, signs
from spiritlevel.theory.slam.lemmas.lines import apart
from spiritlevel.theory.statement import Context

SCALES = ("local", "mean")
START = {"alpha": Fraction(8), "beta": Fraction(6), "gamma": Fraction(3, 2), "rho": HALF}


def homogeneous(ctx: Context, scale: str, graph: str = "complete:3") -> Case:
    r"""Agents alike: :math:`f_i = x`, :math:`g_i = y^2/2`, so that :math:`L_{f,0} = 1`, started at consensus with y = y*."""
    n = int(graph[-1])
    one = [[[1]]] * n
    problem = quadratic(one, [[[0]]] * n, [[0]] * n, a=[[1]] * n, shared=True)
    return build(ctx.algorithm("slam"), problem, graph, (1, 1, 0), START, h_scale=scale)


@dataclass(frozen=True)
class Moments:
    r"""Exact expectations over the two-point noise of one step from one state, times the squared inverse step size.

    ``h apart``: :math:`E\|h - 1\bar h\|^2`; ``mean step``: :math:`\alpha^2 E\|1\bar x^+ - 1\bar x\|^2`; ``step``: of x;
    ``y``: :math:`\beta^2 E\|y^+ - Ey^+\|^2`; ``Ay``: the same for :math:`A y`; ``ybar``: for :math:`\bar y`; ``gap``:
    :math:`|1 - E \bar h_f|^2`, where 1 is the gradient of `homogeneous`.
    """

    values: Mapping[str, Any]
    n: int
    edges: int
    high: Any

    def __getitem__(self, name: str) -> Fraction:
        return number(self.values[name])


def moments(case: Case, z: Array | None = None) -> Moments:
    """Of the step from a state with the given coordinates, shape ``(1, k)``; from 0 by default."""
    n, net = case.n, Gossip(case.network)
    f, g = signs(n, 1), signs(n, 1)
    start = convert(np.zeros((1, case.coordinates), dtype=int), "fmpq") if z is None else z
    both = np.repeat(f, len(g), axis=0), np.tile(g, (len(f), 1, 1))
    s, _ = case.state(np.repeat(start, len(both[0]), axis=0))
    _, new = case.follow(s, net, Prescribed([both[0]], [both[1]]), 1)
    x, y = new.x - s.x, new.y - new.y.sum(axis=0) / len(new.y)
    h = case.alpha * x + case.gamma * s.lam + case.rho * case.gamma * s.Lx
    terms = {
        "h apart": apart(h),
        "mean step": n * squared_norm(case.alpha * mean_over_agents(x)),
        "step": squared_norm(case.alpha * x),
        "y": squared_norm(case.beta * y),
        "Ay": case.beta**2 * (y * net.differences(y)).reshape(len(y), -1).sum(axis=-1),
        "ybar": squared_norm(case.beta * mean_over_agents(y)),
    }
    values = {name: term.sum() / len(term) for name, term in terms.items()}
    values["gap"] = (1 + case.alpha * mean_over_agents(x).sum() / len(x)) ** 2
    return Moments(values, n, case.network.edges // 2, case.high)


@dataclass(frozen=True)
class Bound:
    """A line as printed, with sigma = L_{f,0} = 1: one of the moments, and its bound from n and sigma_max."""

    moment: str
    largest: Any
    """From n and sigma_max to the bound."""


PRINTED = {
    "(47)": Bound("h apart", lambda n, high: Fraction(2, n)),
    "(55)": Bound("mean step", lambda n, high: Fraction(4, n)),
    "(70)": Bound("y", lambda n, high: Fraction(1, n)),
    "(142)": Bound("Ay", lambda n, high: Fraction(high, n)),
    "(157)": Bound("gap", lambda n, high: Fraction(0)),
    "(161)": Bound("ybar", lambda n, high: Fraction(1, n)),
    "(176)": Bound("step", lambda n, high: Fraction(4 * n)),
}
"""At `homogeneous` every other term of these lines is 0. (157): at consensus with y = y* its right side is 0."""


def table(ctx: Context) -> dict[str, dict[str, tuple[Fraction, Fraction]]]:
    """For each normalisation and line of `PRINTED`, the moment and its bound."""
    found: dict[str, dict[str, tuple[Fraction, Fraction]]] = {}
    for scale in SCALES:
        here = moments(homogeneous(ctx, scale))
        high = number(here.high)
        found[scale] = {line: (here[b.moment], b.largest(here.n, high)) for line, b in PRINTED.items()}
    return found


EXACT: Mapping[str, Callable[[Moments, Fraction], Fraction]] = {
    "h apart": lambda m, share: (m.n - 1) * share**2,
    "y": lambda m, share: m.n * share**2,
    "Ay": lambda m, share: 2 * m.edges * share**2,
    "ybar": lambda m, share: share**2 / m.n,
}
"""What the noise of A3 contributes, exactly, for independent agents: traces of I - J, I, A'A, J/n."""


def exact_differences(ctx: Context, names: tuple[str, ...]) -> tuple[int, int]:
    """How many of the named moments differ from `EXACT`, at random states of random cases, and how many were compared.

    The part of the mean gradients, which ``h apart`` has too, is taken off by a run without noise.
    """
    differing = compared = 0
    for k in range(ctx.pick(3, 10)):
        for scale in SCALES:
            case = random_case(ctx, k, scale=scale, graph=("path:3", "path:2", "complete:3")[k % 3])
            rng = np.random.default_rng(ctx.seed("state", k))
            z = convert(rng.integers(-4, 5, (1, case.coordinates)), "fmpq")
            here = moments(case, z)
            share = Fraction(1, case.n) if scale == "mean" else Fraction(1)
            for name in names:
                expected = EXACT[name](here, share)
                if name == "h apart":
                    expected += _deterministic(case, z)
                differing += here[name] != expected
                compared += 1
    return differing, compared


def _deterministic(case: Case, z: Array) -> Fraction:
    """E |h - 1 hbar|^2 without noise in h_f: over the noise of h_g, through the new y."""
    g = signs(case.n, 1)
    s, net = case.state(np.repeat(z, len(g), axis=0))
    _, new = case.follow(s, net, Prescribed(g=[g]), 1)
    h = case.alpha * (new.x - s.x) + case.gamma * s.lam + case.rho * case.gamma * s.Lx
    return number(apart(h).sum() / len(g))


def traces() -> bool:
    """The traces behind `EXACT`, for every n: E z'Mz = sigma^2 tr M for independent z_i with mean 0 and variance sigma^2."""
    import sympy

    n = sympy.Symbol("n", integer=True, positive=True)
    i = sympy.Symbol("i", integer=True)
    deviation = sympy.summation(1 - 1 / n, (i, 1, n))
    mean = sympy.summation(1 / n**2, (i, 1, n))
    pair = sympy.symbols("a b")
    form = sympy.Matrix(2, 2, sympy.symbols("p q q r"))
    product = sympy.expand((sympy.Matrix([pair]) * form * sympy.Matrix(pair))[0])
    # A3: E a = E b = 0 and E a^2 = E b^2 = 1; independence: E ab = 0
    expected = product.subs(pair[0] * pair[1], 0).subs({pair[0] ** 2: 1, pair[1] ** 2: 1})
    return (
        sympy.simplify(deviation - (n - 1)) == 0
        and sympy.simplify(mean - 1 / n) == 0
        and expected == form.trace()
    )
