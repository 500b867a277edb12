r"""Runs whose next iteration looks like the last, for every T and every step size at once, by one step in symbols.

On `uphill` (SLAM) and `torn` (SLAM-L) the iterates are, at every r,

.. math:: x^r = X \sigma, \quad y_1^r = Y m + w d, \quad y_2^r = Y m - w d, \quad
          \gamma A^\top \omega^r = \pm (\tfrac12 (X - s) - v) d

with fixed vectors, and while Huber's functions of y are beyond 1, with :math:`\beta = \alpha`,
:math:`2\rho\gamma = \alpha/2` and the speed c,

.. math:: X^+ = X + \tfrac c\alpha, \quad Y^+ = Y - \tfrac1\alpha (Y - \tfrac X2), \quad
          w^+ = (\tfrac12 - \tfrac1\alpha) w + \tfrac v\alpha, \quad v^+ = v + \tfrac{c}{2\alpha} - 2\rho w^+.

:math:`0 \le v \le V`, :math:`0 \le w \le 2V/\alpha` with :math:`V = c/(4\rho)` and :math:`0 \le \tfrac X2 - Y \le \tfrac c2` last for
ever, so that :math:`|c_i^\top y_i| = 2Y - 4w` stays beyond 1: no iteration is unlike the first.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from spiritlevel.core.numbers import Array
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.constructors import quadratic
from spiritlevel.theory.slam.gradients.instances import torn, uphill
from spiritlevel.theory.slam.gradients.limits import PAIR, after, first
from spiritlevel.theory.statement import Context


@dataclass(frozen=True)
class Course:
    """A run that never ends: whose, where, how fast, in which directions, with which steps."""

    algorithm: str
    problem: Bilevel
    speed: Fraction
    agents: tuple[int, int]
    """The signs of the agents' x."""
    common: tuple[int, int]
    """The direction m of the agents' mean y."""
    apart: tuple[int, int]
    """The direction d of their difference."""
    rho: Fraction
    gamma: Fraction
    """Relative to alpha."""
    least: int
    """From which alpha on."""

    def settings(self, alpha: Any) -> dict[str, Any]:
        """Theorem 1's or Corollary 1's step sizes, with beta = alpha."""
        return {"alpha": alpha, "beta": alpha, "gamma": alpha * self.gamma, "rho": self.rho}


def climb(problem: Bilevel | None = None) -> Course:
    """SLAM on `uphill`: the objective's gradient is 1, (18) and (23) are -1; alpha = beta = gamma, rho sigma_max = 1/2."""
    quarter, one = Fraction(1, 4), Fraction(1)
    return Course("slam", problem or uphill(), one, (1, 1), (1, 1), (1, -1), quarter, one, 2)


def tear(problem: Bilevel | None = None) -> Course:
    """SLAM-L on `torn`: agent 1's (18) is -3/4; alpha = beta = 8 gamma, rho = n = 2, tau_g = 8 >= rho sigma_max."""
    return Course(
        "slam-l", problem or torn(), Fraction(3, 4), (1, -1), (1, -1), (1, 1), Fraction(2), Fraction(1, 8), 4
    )


def beyond(problem: Bilevel) -> Bilevel:
    """The problem with the affine f_i that equal its own, up to a constant, where every form is as far out as at the start."""
    x, y = (z[None] for z in problem.start())
    lower: Any = problem.lower
    a, e = problem.grad_x_f(x, y)[0], problem.grad_y_f(x, y)[0]
    return quadratic(lower.H, lower.B, lower.c, a=a, e=e, shared=True, x0=x[0], y0=y[0])


def forms_are(course: Course) -> bool:
    """Whether the forms of y in f_1, f_2 are 2Y - 4w, up to a sign each, on the course."""
    upper: Any = course.problem.upper
    along, across = (upper.v[:, 1] @ np.array(z) for z in (course.common, course.apart))
    across = across * np.array([1, -1])
    return bool((abs(along) == 2).all() and (across == -2 * along).all())


def same_step(made: Callable[..., Any], course: Course) -> bool:
    """Whether one iteration from an arbitrary state of the course is the displayed one, for all alpha."""
    import sympy

    alpha = sympy.Symbol("alpha", positive=True)
    X, Y, w, v = sympy.symbols("X Y w v", real=True)
    s = sympy.Integer(int(course.problem.start()[0][0, 0]))
    problem, a = beyond(course.problem).over("symbol"), made(**course.settings(alpha))
    c, rho = (sympy.Rational(z.numerator, z.denominator) for z in (course.speed, course.rho))
    m, d = (np.array(z, dtype=object) for z in (course.common, course.apart))

    def state(X: Any, Y: Any, w: Any, v: Any) -> dict[str, Array]:
        y, om = np.stack([Y * m + w * d, Y * m - w * d]), np.stack([d, -d]) * ((X - s) / 2 - v) / a.gamma
        x = X * np.array(course.agents, dtype=object)[:, None]
        pair = np.array([[1, -1], [-1, 1]], dtype=object)
        return {"x": x, "y": y, "lam": 0 * x, "om": om, "Lx": pair @ x, "Ly": pair @ y}

    start, now = first(a, problem, PAIR), state(X, Y, w, v)
    fields = [f.name for f in dataclasses.fields(start)]
    then = after(a, problem, PAIR, dataclasses.replace(start, **{k: now[k][None] for k in fields}))
    w_next = w / 2 - w / alpha + v / alpha
    want = state(X + c / alpha, Y - (Y - X / 2) / alpha, w_next, v + c / (2 * alpha) - 2 * rho * w_next)
    printed = state(s, s / 2, sympy.Integer(0), sympy.Integer(0))
    begins = all((getattr(start, k)[0] == printed[k]).all() for k in fields)
    return begins and all(
        sympy.expand(got - wanted) == 0
        for k in fields
        for got, wanted in zip(getattr(then, k)[0].flat, want[k].flat, strict=True)
    )


def never_ends(course: Course) -> bool:
    """Whether the displayed recursion keeps its region, and the region all forms beyond 1, for all alpha from ``least`` on.

    All bounds are linear in v and w one by one, so that the corners of the region decide.
    """
    import sympy

    room = sympy.Symbol("room", nonnegative=True)
    alpha = course.least + room
    c, rho = (sympy.Rational(z.numerator, z.denominator) for z in (course.speed, course.rho))
    s, V = sympy.Integer(int(course.problem.start()[0][0, 0])), c / (4 * rho)

    def holds(expression: Any) -> bool:
        top, bottom = sympy.fraction(sympy.together(expression))
        return all(k >= 0 for z in (top, bottom) for k in sympy.Poly(z, room).all_coeffs())

    good = True
    for p, q in product((0, 1), repeat=2):
        v, w = p * V, q * 2 * V / alpha
        w_next = w / 2 - w / alpha + v / alpha
        v_next = v + c / (2 * alpha) - 2 * rho * w_next
        # least X = s, least Y = X/2 - c/2
        kept = (w_next, 2 * V / alpha - w_next, v_next, V - v_next, s - c - 4 * w - 1)
        good = good and all(holds(z) for z in kept)
    for lag in (sympy.Integer(0), c / 2):  # X/2 - Y
        then = lag * (1 - 1 / alpha) + c / (2 * alpha)
        good = good and holds(then) and holds(c / 2 - then)
    return good


def goes_on(ctx: Context, course: Course) -> bool:
    """Whether the algorithm of the context runs the course without end.

    Examples
    --------
    >>> goes_on(Context(statement="slam/thm1-field"), climb())
    True
    >>> goes_on(Context(statement="slam/thm1-field"), climb(uphill(c=((3, -1), (-1, 3)))))
    False
    """
    return never_ends(course) and forms_are(course) and same_step(ctx.algorithm(course.algorithm), course)


def lower_error(course: Course, alpha: float, T: float) -> float:
    r"""A lower bound of the average of :math:`\|y - y^*\|^2`: the mean y lags by :math:`\tfrac c2 (1 - (1 - 1/\alpha)^{r-1})` in each of 4 entries.

    It tends to :math:`c^2` as T/alpha grows.

    Examples
    --------
    >>> lower_error(climb(), 100, 100 * 100 / 2)
    0.96
    """
    return float(course.speed) ** 2 * (1 - 2 * alpha / T)
