"""Signs of expressions in positive symbols, and the leading power in T and n."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Powers:
    """The leading term of an expression for T to infinity: its power of T, and then that of n."""

    T: Any
    n: Any

    def reaches(self) -> bool:
        """Whether it is O(1/sqrt(nT)): below in T (then for T beyond a power of n), or equal in T and no more in n.

        Examples
        --------
        >>> import sympy
        >>> half = sympy.Rational(1, 2)
        >>> Powers(-1, 3).reaches(), Powers(-half, -half).reaches(), Powers(-half, half).reaches(), Powers(0, -1).reaches()
        (True, True, False, False)
        """
        return bool(2 * self.T < -1 or (2 * self.T == -1 and 2 * self.n <= -1))

    def __str__(self) -> str:
        """Such as ``T^(-1/2) n^1``."""
        return f"T^({self.T}) n^({self.n})"


def powers(expression: Any, T: Any, n: Any) -> Powers:
    """The leading powers of an expression in positive symbols.

    Examples
    --------
    >>> import sympy
    >>> T, n, c = sympy.symbols("T n c", positive=True)
    >>> str(powers(c * sympy.sqrt(n / T) + n**3 / T, T, n))
    'T^(-1/2) n^(1/2)'
    """
    from spiritlevel.theory.instruments.orders import order_in

    found = order_in(expression, T)
    return Powers(found.power, order_in(found.coefficient, n).power)


def told(orders: Mapping[str, Powers], only: bool | None = None) -> str:
    """Terms with their powers in one line; ``only`` those that do (or do not) reach 1/sqrt(nT)."""
    listed = [f"{name} {p}" for name, p in orders.items() if only is None or p.reaches() is only]
    return "; ".join(listed) or "none"


def counted(orders: Mapping[str, Powers]) -> str:
    """How many terms have which powers, the most frequent first."""
    from collections import Counter

    return ", ".join(f"{count} {text}" for text, count in Counter(map(str, orders.values())).most_common())
