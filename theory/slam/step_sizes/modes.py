r"""SLAM on one eigenvector of the Laplacian: its characteristic polynomial, and when it is stable.

Where all agents have the same scalar curvatures, an iteration sends a state whose every field is a multiple of an
eigenvector u of :math:`A^\top A` to another one, and on these states :math:`A^\top A` is the eigenvalue s
(`slam/moments-split`). With :math:`q = \rho\gamma s/\alpha`, :math:`u = l/\alpha` the part of x is

.. math:: z^2 - (2 - q - q/\gamma - u) z + (1 - q - u).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.families import quadratic
from spiritlevel.theory.instruments.affine import Layout

LETTERS = ("alpha", "beta", "gamma", "rho", "s", "l", "kappa", "h", "b")
r"""Of SLAM, the eigenvalue, :math:`f = l x^2/2 + \kappa y^2/2`, :math:`g = h y^2/2 - b x y`."""


class Eigenvector:
    """A network on the multiples of one eigenvector: the Laplacian is a number."""

    def __init__(self, eigenvalue: Any) -> None:
        self.eigenvalue = eigenvalue

    def differences(self, *fields: Array) -> Any:
        """See `spiritlevel.core.gossip.Gossip.differences`."""
        found = tuple(z * self.eigenvalue for z in fields)
        return found[0] if len(found) == 1 else found


def polynomial(algorithm: Callable[..., Algorithm]) -> tuple[Any, Any, dict[str, Any]]:
    """The characteristic polynomial of one step, its variable and its letters, all of them symbols.

    Examples
    --------
    >>> from spiritlevel.core.algorithms.slam import SLAM
    >>> p, z, a = polynomial(SLAM)
    >>> p.subs({k: 1 for k in a.values()}).subs(z, -1)  # z^2 times the coupled polynomial of both levels
    -3
    """
    import sympy

    a = {name: sympy.Symbol(name, positive=True) for name in LETTERS}
    problem = quadratic([[[a["h"]]]], [[[a["b"]]]], [[0]], A=[[[a["l"]]]], Q=[[[a["kappa"]]]], shared=True)
    problem = problem.over("symbol")
    made = algorithm(**{name: a[name] for name in LETTERS[:4]})
    oracle, net = Oracle(problem), Eigenvector(a["s"])
    network: Any = net
    x, y = (z[None] for z in problem.start())
    layout = Layout.of(made.init(x, y, oracle, network))
    before = sympy.symbols(f"z:{layout.size}")
    state = layout.unflatten(np.array([before], dtype=object))
    after = layout.flatten(made.step(1, state, oracle, network))
    z = sympy.Symbol("z")
    matrix = sympy.Matrix([sympy.expand(entry) for entry in after[0]]).jacobian(before)
    return matrix.charpoly(z).as_expr(), z, a


def quadratic_mode(z: Any, q: Any, gamma: Any, u: Any) -> Any:
    """The polynomial of one level, from :math:`q` and :math:`u` as above.

    Examples
    --------
    >>> quadratic_mode(-1, 1, 0.5, 0)  # the root -1 at q = 1, gamma = 1/2: the edge
    0.0
    """
    return z**2 - (2 - q - q / gamma - u) * z + (1 - q - u)


def stable(q: Any, gamma: Any, u: Any) -> bool:
    r"""Whether both roots lie inside the unit circle, by Schur and Cohn: :math:`q > 0,\ q + u > 0,\ q(2 + 1/\gamma) < 4 - 2u`.

    Examples
    --------
    >>> from fractions import Fraction
    >>> half = Fraction(1, 2)
    >>> stable(1, half, 0), stable(1, half + Fraction(1, 10**9), 0), stable(Fraction(19, 10), 100, 0)
    (False, True, True)
    """
    return bool(q > 0 and q + u > 0 and q * (2 + 1 / gamma) < 4 - 2 * u)


def inside(q: Any, gamma: Any, u: Any) -> bool:
    """The same from the roots themselves: their product if they are not real, else the signs at 1 and -1 and their mean.

    Examples
    --------
    >>> inside(1, 0.5, 0), inside(1, 0.6, 0)
    (False, True)
    """
    total, product = 2 - q - q / gamma - u, 1 - q - u
    if total**2 < 4 * product:
        return bool(product < 1)
    return all(quadratic_mode(end, q, gamma, u) > 0 for end in (1, -1)) and abs(total) < 2
