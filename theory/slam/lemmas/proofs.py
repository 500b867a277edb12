r"""Symbolic proofs of one-step lines: right minus left is a sum of squares and of multiples of what the assumptions give.

SLAM treats every eigenvector of the Laplacian by itself, so a line about squared norms is proved for one scalar mode with
an eigenvalue s of :math:`A^\top A`, and summed. With d and e the moves from r to r+1 and from r-1 to r, w = d - e,
:math:`q = \rho\gamma s/\beta` and dh the change of the sample, the iteration (5), (4) of one mode says

.. math:: \beta w = -dh - \rho\gamma s\, e - \rho s z^r, \qquad
          \rho s z^{r+1} = -dh - \rho(\gamma - 1) s\, d - (\beta - \rho\gamma s) w .

On the mean, s = 0, the second one says :math:`\beta w = -dh`. What is not scalar, a Lipschitz bound or strong convexity,
enters as a *fact*: an expression whose sum over the modes is not negative. Coefficients are read off the `Line` itself.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import Any

from spiritlevel.theory.instruments.signs import certified, reals
from spiritlevel.theory.slam.lemmas.lines import Letters, Line


def spread(parts: Iterable[Any], weights: Iterable[Any], scale: Any) -> list[tuple[Any, Any]]:
    r"""The squares in :math:`c (\sum w_i a_i^2 - (\sum a_i)^2)` for :math:`\sum 1/w_i = 1`, by Lagrange's identity.

    Examples
    --------
    >>> import sympy
    >>> a, b = sympy.symbols("a b", real=True)
    >>> sympy.expand(sum(k * r**2 for k, r in spread((a, b), (3, sympy.Rational(3, 2)), 1)) - 3 * a**2
    ...              - sympy.Rational(3, 2) * b**2 + (a + b) ** 2)
    0
    """
    listed = list(zip(parts, weights, strict=True))
    pairs = itertools.combinations(listed, 2)
    return [(scale / (v * w), v * a - w * b) for (a, v), (b, w) in pairs]


def symbols() -> Any:
    """Positive numbers: ``s = low + s1``, ``high = s + s2``, ``gamma = 1 + g``; the rest as in `Letters`."""
    import sympy

    names = "low s1 s2 g rho step mu L C n theta weight"
    a = SimpleNamespace(**dict(zip(names.split(), sympy.symbols(names, positive=True), strict=True)))
    a.s, a.gamma = a.low + a.s1, 1 + a.g
    a.high = a.s + a.s2
    return a


def letters_of(a: Any) -> Letters:
    """`symbols` as `Letters`."""
    return Letters(a.step, a.gamma, a.rho, a.low, a.high, a.mu, a.L, a.C, a.n, a.theta, a.weight)


def mode(a: Any, d: Any, w: Any, dh: Any, *, mean: bool = False) -> Mapping[str, Any]:
    """The terms of lines in one scalar mode, with s z^{r+1} eliminated; ``mean`` is the mode with s = 0."""
    e = d - w
    s = 0 * a.s if mean else a.s
    D = a.step - a.rho * a.gamma * s
    t = 0 if mean else -(dh + a.rho * (a.gamma - 1) * s * d + D * w) / a.rho  # s z^{r+1}
    new = 0 if mean else t**2 / s
    deviates = 0 if mean else 1
    return {
        "d": d**2,
        "e": e**2,
        "d apart": deviates * d**2,
        "e apart": deviates * e**2,
        "dh": dh**2,
        "dh apart": deviates * dh**2,
        "L now": (t - s * d) ** 2,
        "A new": new,
        "A now": new - 2 * t * d + s * d**2,
        "A d": s * d**2,
        "L d": s**2 * d**2,
        "D w": D**2 * w**2,
        "wDw": D * w**2,
        "dDd": D * d**2,
        "eDe": D * e**2,
    }


def gap(line: Line, a: Any, values: Mapping[str, Any]) -> Any:
    """Right minus left of a line, in the terms' values."""
    left, right = line.sides(letters_of(a))
    return sum(k * values[t] for t, k in right.items()) - sum(k * values[t] for t, k in left.items())


def movement(line: Line) -> bool:
    r"""(48) for any h: Young's inequality twice, and :math:`(1-q)^2 \le (1-\tilde q)^2` for the eigenvalues of L.

    Uses (39d): the inverse step is :math:`\rho\gamma\sigma_{\max}` or more, here :math:`\rho\gamma(\sigma_{\max} + p)`.
    """
    import sympy

    a, (e, u, dh) = symbols(), reals("e u dh")
    a.step = a.rho * a.gamma * (a.high + sympy.Symbol("p", positive=True))
    q = a.rho * a.gamma * a.s / a.step
    kept, pushed = (1 - q) * e, -(a.rho * u + dh) / a.step
    values = {"d apart": (kept + pushed) ** 2, "e apart": e**2, "dh apart": dh**2, "L now": u**2}
    young = [(1 / a.theta, a.theta * kept - pushed), ((1 + 1 / a.theta) / a.step**2, a.rho * u - dh)]
    return certified(gap(line, a, values), (e, u, dh), young)


def lower_movement(line: Line) -> bool:
    r"""(72) for any g with A1 and A5, without noise; with :math:`\kappa = 1 - \rho\gamma\sigma_{\max}/\beta`, :math:`\beta \ge L^2/(\mu\kappa)`.

    dh = x + y: x from the move X of the upper level, :math:`|x| \le C X`; y from that of y itself, with
    :math:`\langle y, e\rangle \ge \mu |e|^2` and :math:`|y|^2 \le L^2 |e|^2 \le \kappa\beta\mu |e|^2`.
    """
    import sympy

    a, (d, free, x, y, X) = symbols(), reals("d w x y X")
    kappa = sympy.Symbol("kappa", positive=True)
    beta = a.step
    # kappa < 1, as a quotient that shows it
    kappa = kappa / (kappa + a.high)
    a.rho = (1 - kappa) * beta / (a.gamma * a.high)
    found = []
    for mean in (False, True):
        w = -(x + y) / beta if mean else free
        e = d - w
        values = dict(mode(a, d, w, x + y, mean=mean)) | {"other": X**2}
        squares = [(a.mu / (2 * beta), d + 2 * x / a.mu), (1 / (kappa * beta**2), y + kappa * beta * w)]
        s = 0 if mean else a.s
        squares += [((1 - kappa) * s / a.high, e), ((1 - kappa) * (1 - s / a.high), w)]
        facts = [
            (2 / (a.mu * beta), a.C**2 * X**2 - x**2),
            (2 / beta, y * e - a.mu * e**2),
            (1 / (kappa * beta**2), kappa * beta * a.mu * e**2 - y**2),
        ]
        found.append(certified(gap(line, a, values), (d, free, x, y, X), squares, facts))
    return all(found)


def dual_ascent(line: Line) -> bool:
    r"""Lemma 6 for any samples: three squares for the three parts of :math:`\rho A^\top A z^{r+1}`, and :math:`s \ge \tilde\sigma_{\min}`."""
    a, (d, w, dh) = symbols(), reals("d w dh")
    parts = (D(a) * w, dh, a.rho * (a.gamma - 1) * a.s * d)
    squares = spread(parts, (3, 3, 3), 1 / (a.rho * a.gamma * a.low))
    squares.append((a.s1 / (a.rho * a.gamma * a.low * a.s), sum(parts)))
    mean = mode(a, d, w, dh, mean=True)
    return certified(gap(line, a, mode(a, d, w, dh)), (d, w, dh), squares) and certified(
        gap(line, a, mean), (d, w, dh)
    )


def D(a: Any) -> Any:
    """The eigenvalue of D = step I - rho gamma A'A."""
    return a.step - a.rho * a.gamma * a.s


def potential(line: Line) -> bool:
    r"""(139) for :math:`\gamma \ge 1`: two squares, :math:`|x| \le (L/n) X` and :math:`|y| \le (L/n) |e|` for dh = x + y."""
    a, (d, free, x, y, X) = symbols(), reals("d w x y X")
    l, found = a.L / a.n, []
    for mean in (False, True):
        w = -(x + y) / a.step if mean else free
        values = dict(mode(a, d, w, x + y, mean=mean)) | {"other": X**2}
        squares = [(1 / (2 * l), x + l * d), (1 / (2 * l), y + l * d)]
        facts = [(1 / (2 * l), l**2 * X**2 - x**2), (1 / (2 * l), l**2 * (d - w) ** 2 - y**2)]
        found.append(certified(gap(line, a, values), (d, free, x, y, X), squares, facts))
    return all(found)


def upper_potential(line: Line) -> bool:
    r"""Lemma 7 for :math:`\gamma \ge 1`, one task: two squares, :math:`|x| \le (L/n) |e|` and :math:`|y| \le (C/n) X` for dh = x + y."""
    a, (d, free, x, y, X) = symbols(), reals("d w x y X")
    l, found = a.L / a.n, []
    for mean in (False, True):
        w = -(x + y) / a.step if mean else free
        values = dict(mode(a, d, w, x + y, mean=mean)) | {"other": X**2}
        squares = [(1 / (2 * l), x + l * d), (1 / l, y + l * d / 2)]
        facts = [(1 / (2 * l), l**2 * (d - w) ** 2 - x**2), (1 / l, (a.C / a.n) ** 2 * X**2 - y**2)]
        found.append(certified(gap(line, a, values), (d, free, x, y, X), squares, facts))
    return all(found)


def least_weight(high: Any, low: Any, l: Any, rho: Any, gamma: Any) -> Any:
    r"""The C that `ascent` asks for: :math:`6\sigma_{\max}/\tilde\sigma_{\min} + 12 L / (n\rho\gamma\tilde\sigma_{\min})`."""
    return 6 * high / low + 12 * l / (rho * gamma * low)


def ascent(line: Line) -> bool:
    r"""(140) for :math:`\gamma \ge 1` and a C of `least_weight` or more, from the squares of `dual_ascent` and `potential`.

    The four parts of :math:`\rho A^\top A z^{r+1}` get the weights 3, 3, 6, 6; what the last two need is in the potential.
    """
    import sympy

    a, (d, free, x, y, X) = symbols(), reals("d w x y X")
    l, found = a.L / a.n, []
    a.weight = least_weight(a.high, a.low, l, a.rho, a.gamma) + sympy.Symbol("more", positive=True)
    for mean in (False, True):
        w = -(x + y) / a.step if mean else free
        e = d - w
        values = dict(mode(a, d, w, x + y, mean=mean)) | {"other": X**2}
        half, scale = a.weight / (2 * l), 1 / (a.rho * a.gamma * a.low)
        squares = [(half, x + l * d), (half, y + l * d)]
        if mean:
            squares.append((3 * scale, x + y))
        else:
            parts = (D(a) * w, x, y, a.rho * (a.gamma - 1) * a.s * d)
            squares += [*spread(parts, (3, 3, 6, 6), scale), (a.s1 * scale / a.s, sum(parts))]
        facts = [(half + 3 * scale, l**2 * X**2 - x**2), (2 * half, l**2 * e**2 - y**2)]
        found.append(certified(gap(line, a, values), (d, free, x, y, X), squares, facts))
    return all(found)
