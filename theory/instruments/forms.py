r"""Whether a quadratic inequality holds for every state of an instance.

Where both sides of an inequality are quadratic polynomials of the state, "it holds for all states" is the
semidefiniteness of one matrix, which finitely many evaluations give: exactly, over the rationals, by
elimination; over floats by the smallest eigenvalue of the matrix scaled to comparable entries.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from spiritlevel.core.numbers import Array, Field, convert
from spiritlevel.synthetic.matrices import floats, positive_semidefinite

ROUNDING = 1e-9
"""A scaled excess up to this size is put down to rounding; exact arithmetic needs no such allowance."""

Excess = Callable[[Array], tuple[Array, Array]]
"""From states ``(R, k)`` to left minus right and the size of the terms, both ``(R,)`` or ``(R, l)``."""


class NotQuadratic(ValueError):
    """A function that was probed as a quadratic polynomial is none."""


@dataclass(frozen=True)
class Decision:
    """Whether ``left <= right`` for all states.

    Parameters
    ----------
    holds
        The answer: exact in exact arithmetic, else `largest` at most `ROUNDING`.
    largest
        The largest of (left - right) over the size of the terms, as the scaled matrices see it; in floats.
    size
        Number of coordinates of the state.
    """

    holds: bool
    largest: float
    size: int


def never_exceeds(function: Excess, size: int, field: Field) -> Decision:
    """Decide whether a quadratic inequality (or each of several) holds for all states.

    Parameters
    ----------
    function
        See `Excess`. Left minus right must be a polynomial of degree 2 in the state; the size of the
        terms only sets the scale in floats and may be anything of that order.
    size, field
        Number k of coordinates, and the number system of the states that the function is asked for.

    Raises
    ------
    NotQuadratic
        If left minus right is no quadratic polynomial (1e-9 relative in floats, exact otherwise).

    Examples
    --------
    >>> def young(z):
    ...     a, b = z[:, 0], z[:, 1]
    ...     return (a + b) ** 2 - 2 * a**2 - 2 * b**2, a**2 + b**2
    >>> never_exceeds(young, 2, "fraction").holds
    True
    >>> never_exceeds(lambda z: (z[:, 0] * z[:, 1], z[:, 0] ** 2 + z[:, 1] ** 2), 2, "float").holds
    False
    """
    points, pairs = _probes(size, field)
    excess, scale = function(points)
    columns = excess.reshape(len(points), -1).T, scale.reshape(len(points), -1).T
    holds, worst = True, -np.inf
    for values, sizes in zip(*columns, strict=True):
        form = _form(values, size, pairs, points[-1])
        unit = np.sqrt(np.abs(floats(sizes[: size + 1])))
        unit[unit == 0] = 1  # a direction that no term sees; its row is zero or shows up as it is
        largest = float(np.linalg.eigvalsh(floats(form) / np.outer(unit, unit))[-1])
        worst = max(worst, largest)
        exact = form.dtype == object
        holds = holds and (bool(positive_semidefinite(-form)) if exact else largest <= ROUNDING)
    return Decision(holds, worst, size)


def _probes(size: int, field: Field) -> tuple[Array, list[tuple[int, int]]]:
    """0, the basis, its negative, sums of two basis vectors, and one point to test the result on."""
    eye = np.eye(size, dtype=int)
    pairs = [(i, j) for i in range(size) for j in range(i)]
    k = np.arange(size)
    test = [(2 + 3 * k % 5) * (-1) ** k]  # no entry is 0 or 1, so that higher powers show
    rows = [
        np.zeros((1, size), dtype=int),
        eye,
        -eye,
        *(eye[[i]] + eye[[j]] for i, j in pairs),
        np.array(test),
    ]
    return convert(np.concatenate(rows), field), pairs


def _form(values: Array, size: int, pairs: list[tuple[int, int]], test: Array) -> Array:
    """The symmetric matrix A with value ``(1, z) A (1, z)'`` at z, from the values at the probes."""
    at0, plus, minus = values[0], values[1 : size + 1], values[size + 1 : 2 * size + 1]
    form = np.empty((size + 1, size + 1), dtype=values.dtype)
    form[0, 0] = at0
    form[0, 1:] = form[1:, 0] = (plus - minus) / 4
    for k in range(size):
        form[k + 1, k + 1] = (plus[k] + minus[k]) / 2 - at0
    for (i, j), value in zip(pairs, values[2 * size + 1 : -1], strict=True):
        form[i + 1, j + 1] = form[j + 1, i + 1] = (value - plus[i] - plus[j] + at0) / 2
    z = np.concatenate([test[:1] * 0 + 1, test])
    gap = z @ form @ z - values[-1]
    if gap != 0 if form.dtype == object else abs(gap) > 1e-9 * float(np.abs(values).max()) * size:
        raise NotQuadratic("the two sides differ by something that is no quadratic polynomial of the state")
    return form
