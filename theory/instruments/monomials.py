r"""Inequalities between monomials of positive numbers, decided by exact certificates.

A step-size entry :math:`\alpha \le c \prod v^e` says that a monomial is at most 1. In the logarithms of
the variables such facts are linear, so "how large can this monomial be under these facts" is a linear
programme. Floats only guess the answer; what is returned was verified in rationals: multipliers whose
combination of facts *is* the monomial, or a direction along which it grows while every fact stays true.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from spiritlevel.core.errors import InputError

_ROUND = 1e-9  # multipliers below this are taken as 0 before the exact solve
_DIGITS = 10**6


@dataclass(frozen=True)
class Monomial:
    r"""``coefficient * prod(v ** e)`` with a positive rational coefficient and rational exponents.

    Examples
    --------
    >>> area = Monomial.of(2, x=1, y=1)
    >>> str(area / Monomial.of(4, x=3)), area.at({"x": Fraction(3), "y": Fraction(1, 2)})
    ('1/2 x^-2 y', Fraction(3, 1))
    """

    coefficient: Fraction
    exponents: tuple[tuple[str, Fraction], ...]
    """Sorted by name, without zeros."""

    def __post_init__(self) -> None:
        if self.coefficient <= 0:
            raise InputError(f"the coefficient is {self.coefficient}; a monomial here is positive")

    @classmethod
    def build(cls, coefficient: Fraction | int, exponents: Mapping[str, Fraction | int]) -> Monomial:
        """From a mapping of exponents."""
        kept = sorted((name, Fraction(e)) for name, e in exponents.items() if e)
        return cls(Fraction(coefficient), tuple(kept))

    @classmethod
    def of(cls, coefficient: Fraction | int = 1, **exponents: Fraction | int) -> Monomial:
        """From exponents by keyword."""
        return cls.build(coefficient, exponents)

    def __mul__(self, other: Monomial) -> Monomial:
        powers = dict(self.exponents)
        for name, e in other.exponents:
            powers[name] = powers.get(name, Fraction(0)) + e
        return Monomial.build(self.coefficient * other.coefficient, powers)

    def __pow__(self, power: int) -> Monomial:
        return Monomial.build(self.coefficient**power, {name: power * e for name, e in self.exponents})

    def __truediv__(self, other: Monomial) -> Monomial:
        return self * other**-1

    def exponent(self, name: str) -> Fraction:
        """The exponent of a variable; 0 if it does not occur."""
        return dict(self.exponents).get(name, Fraction(0))

    def substitute(self, values: Mapping[str, Monomial]) -> Monomial:
        """Put monomials in the place of variables; their exponents here must be whole.

        Examples
        --------
        >>> str(Monomial.of(3, x=2, y=1).substitute({"x": Monomial.of(2, z=1)}))
        '12 y z^2'
        """
        result = Monomial.build(self.coefficient, {v: e for v, e in self.exponents if v not in values})
        for name, e in self.exponents:
            if name in values:
                result = result * values[name] ** _whole(name, e)
        return result

    def at(self, values: Mapping[str, Fraction]) -> Fraction:
        """The value at a point; every exponent must be whole."""
        result = self.coefficient
        for name, e in self.exponents:
            result *= values[name] ** _whole(name, e)
        return result

    def __str__(self) -> str:
        powers = [name if e == 1 else f"{name}^{e}" for name, e in self.exponents]
        return " ".join([str(self.coefficient), *powers] if self.coefficient != 1 or not powers else powers)


def _whole(name: str, e: Fraction) -> int:
    if e.denominator != 1:
        raise InputError(f"{name} has the exponent {e}; it must be whole here")
    return int(e)


@dataclass(frozen=True)
class Fact:
    """That a monomial is at most 1, under a name."""

    name: str
    monomial: Monomial


@dataclass(frozen=True)
class Bounded:
    """A monomial is at most ``powered ** (1 / power)``: it is the product of facts to the multipliers."""

    multipliers: tuple[tuple[str, Fraction], ...]
    powered: Fraction
    power: int

    def at_most(self, value: Fraction | int) -> bool:
        """Whether the bound is at most a value, compared exactly."""
        return self.powered <= Fraction(value) ** self.power

    @property
    def upper(self) -> Fraction:
        """The bound itself where it is rational, else rounded up to six digits."""
        root = Fraction(
            _root(self.powered.numerator, self.power), _root(self.powered.denominator, self.power)
        )
        if root**self.power == self.powered:
            return root
        scaled = self.powered * _DIGITS**self.power
        return Fraction(_root(math.floor(scaled), self.power) + 1, _DIGITS)

    def __str__(self) -> str:
        return (
            " * ".join(f"({name})" if e == 1 else f"({name})^{e}" for name, e in self.multipliers)
            or "a constant"
        )


@dataclass(frozen=True)
class Unbounded:
    """Along ``v -> v * t**ray[v]`` no fact's monomial grows, and this one does: a shape of counterexamples."""

    ray: tuple[tuple[str, int], ...]

    def __str__(self) -> str:
        return ", ".join(f"{name} ~ t^{e}" for name, e in self.ray)


def largest(target: Monomial, facts: Sequence[Fact]) -> Bounded | Unbounded:
    r"""How large a monomial can be over all positive variables that satisfy the facts.

    Parameters
    ----------
    target
        The monomial.
    facts
        Each says that its monomial is at most 1; an equation is two of them.

    Returns
    -------
    Bounded or Unbounded
        With a certificate that was verified in rationals (see `verify`).

    Raises
    ------
    InputError
        If the facts contradict each other.
    ArithmeticError
        If no exact certificate was found near the floating-point solution.

    Notes
    -----
    With :math:`z = \log v` the facts are :math:`A z \le b`. The dual multipliers solve
    :math:`A^T \mu = t,\ \mu \ge 0` and minimise :math:`b^T \mu`; if there are none, Farkas' lemma gives
    a ray.

    Examples
    --------
    >>> facts = [Fact("x <= 1/y", Monomial.of(x=1, y=1)), Fact("x <= 4 y^3", Monomial.of(Fraction(1, 4), x=1, y=-3))]
    >>> found = largest(Monomial.of(x=1), facts)
    >>> found.upper, str(found)
    (Fraction(707107, 500000), '(x <= 1/y)^3/4 * (x <= 4 y^3)^1/4')
    >>> str(largest(Monomial.of(x=1, y=2), facts))
    'x ~ t^-1, y ~ t^1'
    """
    from scipy.optimize import linprog

    names = sorted({name for m in (target, *(f.monomial for f in facts)) for name, _ in m.exponents})
    A = [[f.monomial.exponent(v) for v in names] for f in facts]
    t = [target.exponent(v) for v in names]
    if not any(t):
        return Bounded((), target.coefficient, 1)
    columns = [[float(row[k]) for row in A] for k in range(len(names))]
    b = [-log_of(f.monomial.coefficient) for f in facts]
    dual = linprog(b, A_eq=columns, b_eq=[float(e) for e in t], method="highs-ds") if facts else None
    if dual is not None and dual.status == 3:
        raise InputError("the facts contradict each other: no positive numbers satisfy them")
    found = _ray(names, A, t) if dual is None or dual.status != 0 else _combined(target, facts, A, t, dual.x)
    if found is None or not verify(target, facts, found):
        raise ArithmeticError(f"no exact certificate was found for {target}")
    return found


def _combined(
    target: Monomial,
    facts: Sequence[Fact],
    A: list[list[Fraction]],
    t: list[Fraction],
    guess: Iterable[float],
) -> Bounded | None:
    used = [k for k, value in enumerate(guess) if value > _ROUND]
    exact = _solve([[A[k][i] for k in used] for i in range(len(t))], t)
    if exact is None:
        return None
    power = math.lcm(*(e.denominator for e in exact), 1)
    powered = target.coefficient**power
    for k, e in zip(used, exact, strict=True):
        powered /= facts[k].monomial.coefficient ** int(e * power)
    return Bounded(tuple((facts[k].name, e) for k, e in zip(used, exact, strict=True) if e), powered, power)


def _ray(names: list[str], A: list[list[Fraction]], t: list[Fraction]) -> Unbounded | None:
    """The ray of least absolute sum with ``t . d = 1``."""
    from scipy.optimize import linprog

    double = [[float(s * e) for s in (1, -1) for e in row] for row in A]
    found = linprog(
        [1.0] * (2 * len(names)),
        A_ub=double or None,
        b_ub=[0.0] * len(A) or None,
        A_eq=[[float(s * e) for s in (1, -1) for e in t]],
        b_eq=[1.0],
        method="highs-ds",
    )
    if found.status != 0:
        return None
    n = len(names)
    d = [Fraction(found.x[k] - found.x[n + k]).limit_denominator(1000) for k in range(n)]
    scale = math.lcm(*(e.denominator for e in d))
    return Unbounded(tuple((v, int(e * scale)) for v, e in zip(names, d, strict=True) if e))


def verify(target: Monomial, facts: Sequence[Fact], certificate: Bounded | Unbounded) -> bool:
    """Re-check a certificate in rationals, from the facts alone.

    Examples
    --------
    >>> verify(Monomial.of(x=1), [Fact("x <= 2", Monomial.of(Fraction(1, 2), x=1))], Unbounded((("x", 1),)))
    False
    """
    if isinstance(certificate, Unbounded):
        ray = dict(certificate.ray)

        def growth(m: Monomial) -> Fraction:
            return sum((e * ray.get(name, 0) for name, e in m.exponents), Fraction(0))

        return growth(target) > 0 and all(growth(f.monomial) <= 0 for f in facts)
    named = {f.name: f.monomial for f in facts}
    if len(named) < len(facts) or any(e < 0 for _, e in certificate.multipliers):
        return False
    product = Monomial.of()
    for name, e in certificate.multipliers:
        if (e * certificate.power).denominator != 1 or name not in named:
            return False
        product = product * named[name] ** int(e * certificate.power)
    rest = target**certificate.power / product  # what is left of the target once the facts are used
    return not rest.exponents and rest.coefficient <= certificate.powered


def log_of(value: Fraction) -> float:
    """The logarithm of a rational of any size."""
    return math.log(value.numerator) - math.log(value.denominator)


def _root(value: int, power: int) -> int:
    """The whole part of a root."""
    low, high = 0, 1 << (value.bit_length() // power + 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle**power <= value else (low, middle)
    return low


def _solve(rows: list[list[Fraction]], right: list[Fraction]) -> list[Fraction] | None:
    """The solution of a linear system with independent columns, in rationals; None if there is none."""
    table = [[*row, value] for row, value in zip(rows, right, strict=True)]
    width = len(rows[0]) if rows else 0
    for column in range(width):
        pivot = next((k for k in range(column, len(table)) if table[k][column]), None)
        if pivot is None:
            return None
        table[column], table[pivot] = table[pivot], table[column]
        head = table[column] = [e / table[column][column] for e in table[column]]
        for k in itertools.chain(range(column), range(column + 1, len(table))):
            factor = table[k][column]
            if factor:
                table[k] = [e - factor * h for e, h in zip(table[k], head, strict=True)]
    return None if any(row[-1] for row in table[width:]) else [row[-1] for row in table[:width]]
