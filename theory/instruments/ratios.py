"""Quotients of polynomials in positive letters: enough arithmetic to run a step-size list on letters.

A list's own code is evaluated on letters in the place of numbers. Where a comparison depends on their values, or a float
is asked for, `Undecided` is raised: no proof, rather than a wrong one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

LARGEST = 1000  # terms of a quotient; arithmetic is abandoned above


class Undecided(ArithmeticError):
    """The answer depends on the letters' values, or does not follow from the signs of coefficients."""


class Letters:
    """Positive letters by name, and spare ones for square roots.

    Examples
    --------
    >>> letters = Letters(["a", "b"])
    >>> a, b = letters["a"], letters["b"]
    >>> (1 / a - 1 / (a + b)).sign(), (a + b) ** 2 > 4 * a * b / 2
    (1, True)
    """

    def __init__(self, names: Iterable[str], roots: int = 4) -> None:
        from flint import Ordering, fmpq_mpoly_ctx

        self._names = list(names)
        self._ring = fmpq_mpoly_ctx.get([*self._names, *(f"root{k}" for k in range(roots))], Ordering.lex)
        self._letters = [Ratio(self, g, self._ring.constant(1)) for g in self._ring.gens()]
        self._roots: dict[tuple[str, str], Ratio] = {}
        self._squares: list[Ratio] = []

    def __getitem__(self, name: str) -> Ratio:
        return self._letters[self._names.index(name)]

    def places(self, names: Iterable[str]) -> list[int]:
        """Which letters may be 0 where those with these names may: they, and square roots of what may vanish there."""
        found = list(map(self._names.index, names))
        for k, value in enumerate(self._squares):
            if not value.kept_without(found):
                found.append(len(self._names) + k)
        return found

    def number(self, value: int | Fraction) -> Ratio:
        """A constant."""
        from flint import fmpq

        exact = Fraction(value)
        return Ratio(self, *(self._ring.constant(fmpq(part)) for part in exact.as_integer_ratio()))

    def root(self, value: Ratio) -> Ratio:
        """The square root as a letter of its own, the same for the same quotient."""
        key = (str(value.num), str(value.den))
        if key not in self._roots:
            if len(self._names) + len(self._roots) == len(self._letters):
                raise Undecided("more square roots than spare letters")
            self._roots[key] = self._letters[len(self._names) + len(self._roots)]
            self._squares.append(value)
        return self._roots[key]


class Ratio:
    """A quotient of two polynomials without a common factor."""

    def __init__(self, letters: Letters, num: Any, den: Any) -> None:
        if len(num) + len(den) > LARGEST:
            raise Undecided(f"a quotient has more than {LARGEST} terms")
        self.letters, self.num, self.den = letters, num, den

    def _of(self, other: Any) -> Ratio:
        if isinstance(other, Ratio):
            return other
        if isinstance(other, int | Fraction):
            return self.letters.number(other)
        raise Undecided(f"{other!r} is no exact number")

    def __add__(self, other: Any) -> Ratio:
        b = self._of(other)
        common = self.den.gcd(b.den)
        mine, theirs = self.den / common, b.den / common
        num, common = _shortened(self.num * theirs + b.num * mine, common)
        return Ratio(self.letters, num, mine * theirs * common)

    def __neg__(self) -> Ratio:
        return Ratio(self.letters, -self.num, self.den)

    def __sub__(self, other: Any) -> Ratio:
        return self + -self._of(other)

    def __rsub__(self, other: Any) -> Ratio:
        return self._of(other) - self

    def __mul__(self, other: Any) -> Ratio:
        b = self._of(other)
        (one, below), (two, under) = _shortened(self.num, b.den), _shortened(b.num, self.den)
        return Ratio(self.letters, one * two, below * under)

    def __truediv__(self, other: Any) -> Ratio:
        b = self._of(other)
        if b.num == 0:
            raise ZeroDivisionError("division by a quotient that is 0")
        return self * Ratio(self.letters, b.den, b.num)

    def __rtruediv__(self, other: Any) -> Ratio:
        return self._of(other) / self

    def __pow__(self, power: int) -> Ratio:
        if power < 0:
            return 1 / self**-power
        return Ratio(self.letters, self.num**power, self.den**power)

    __radd__, __rmul__ = __add__, __mul__

    def __mod__(self, other: int) -> int:
        """0 for 1: what is proved for all numbers holds for the whole ones."""
        if other != 1:
            raise Undecided(f"a remainder by {other} is asked for")
        return 0

    def root(self) -> Ratio:
        """The square root, a letter of its own; that of 0 is 0."""
        return self if self.num == 0 else self.letters.root(self)

    def free_of(self, names: Iterable[str]) -> bool:
        """Whether numerator and denominator each have a term without any of these letters.

        If so, a quotient whose sign is known keeps it where some of these letters are 0.
        """
        return self.kept_without(self.letters.places(names))

    def kept_without(self, places: list[int]) -> bool:
        """`free_of`, by the places of the letters."""
        return all(
            any(all(powers[k] == 0 for k in places) for powers in part.monoms())
            for part in (self.num, self.den)
        )

    def sign(self) -> int:
        """1, 0 or -1 if the coefficients' signs show it for all positive letters.

        Raises
        ------
        Undecided
            If they do not.
        """
        if self.num == 0:
            return 0
        signs = [{c > 0 for c in part.coeffs()} for part in (self.num, self.den)]
        if any(len(each) > 1 for each in signs):
            raise Undecided("the coefficients have both signs")
        return 1 if signs[0] == signs[1] else -1

    def __eq__(self, other: object) -> bool:
        return not _infinite(other) and (self - other).sign() == 0

    __hash__ = None  # type: ignore[assignment]

    def __lt__(self, other: Any) -> bool:
        return _infinite(other) or (self - other).sign() < 0

    def __le__(self, other: Any) -> bool:
        return _infinite(other) or (self - other).sign() <= 0

    def __gt__(self, other: Any) -> bool:
        return not _infinite(other) and (self - other).sign() > 0

    def __ge__(self, other: Any) -> bool:
        return not _infinite(other) and (self - other).sign() >= 0

    def __float__(self) -> float:
        raise Undecided("a float is asked for")

    def __int__(self) -> int:
        raise Undecided("a whole number is asked for")


def _infinite(value: object) -> bool:
    return isinstance(value, float) and value == math.inf


def _shortened(num: Any, den: Any) -> tuple[Any, Any]:
    common = num.gcd(den)
    return num / common, den / common
