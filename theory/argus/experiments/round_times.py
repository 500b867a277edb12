"""Expected round times of the wall clock of `spiritlevel.core.activity.Stragglers`, exactly, by order statistics."""

from __future__ import annotations

from fractions import Fraction

LOW, HIGH = Fraction(4, 5), Fraction(6, 5)
"""Every agent's time is uniform between these, in units of the mean."""


def ordered(k: int, m: int) -> Fraction:
    """Expectation of the k-th least of m independent times.

    Examples
    --------
    >>> ordered(1, 1), ordered(8, 9)
    (Fraction(1, 1), Fraction(28, 25))
    """
    return LOW + (HIGH - LOW) * Fraction(k, m + 1)


def expected(n: int, wait: int, slow: int, factor: Fraction) -> Fraction:
    """What a round takes on average: n agents, ``slow`` of them delayed, over once ``wait`` have answered.

    The delayed ones come last: ``factor`` is 1 or at least 3/2.

    Raises
    ------
    ValueError
        If ``factor`` is neither, or ``wait`` or ``slow`` does not fit n.

    Examples
    --------
    >>> expected(10, 8, 0, Fraction(1)), expected(10, 8, 2, Fraction(10)), expected(10, 10, 2, Fraction(10))
    (Fraction(12, 11), Fraction(52, 45), Fraction(32, 3))
    """
    if not 1 <= wait <= n or not 0 <= slow <= n:
        raise ValueError(f"wait is {wait} and slow {slow}; give 1 to {n} and 0 to {n}")
    if factor == 1:
        return ordered(wait, n)
    if factor * LOW < HIGH:
        raise ValueError(f"factor is {factor}; give 1 or 3/2 or more, so that delayed agents come last")
    fast = n - slow
    return ordered(wait, fast) if wait <= fast else factor * ordered(wait - fast, slow)


def ratio(n: int, wait: int, slow: int, factor: Fraction) -> Fraction:
    """How much longer a round takes that waits for all n agents.

    Examples
    --------
    >>> ratio(10, 8, 0, Fraction(1)), ratio(10, 8, 2, Fraction(10))
    (Fraction(16, 15), Fraction(120, 13))
    """
    return expected(n, n, slow, factor) / expected(n, wait, slow, factor)
