r"""Means over agents of products of matrices, formally: proofs for any number of agents and any dimensions.

A product is a word of non-commuting letters. Letters named in ``of`` depend on the agent, the others do not. The mean is
linear; a word with one letter of the agents' becomes the word with that letter's mean, and one with several is left as
it stands, for the mean of that product. ``laws`` are pairs of neighbouring letters and what they come to.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Laws = Mapping[tuple[Any, Any], tuple[Any, ...]]


def mean(expression: Any, of: Mapping[Any, Any], laws: Laws | None = None) -> Any:
    """The mean over agents of a sum of words.

    Parameters
    ----------
    expression
        A sympy expression in non-commuting symbols.
    of
        The mean of every letter that depends on the agent.
    laws
        ``{(a, b): word}`` for products ``a b`` that are known; applied before and after the mean.

    Examples
    --------
    The mean product of two deviations is the mean product less the product of the means.

    >>> import sympy
    >>> a, b, a_mean, b_mean = sympy.symbols("a b a_mean b_mean", commutative=False)
    >>> mean((a - a_mean) * (b - b_mean), {a: a_mean, b: b_mean})
    a*b - a_mean*b_mean
    """
    import sympy

    total = sympy.Integer(0)
    for term in sympy.Add.make_args(sympy.expand(expression)):
        numbers, letters = term.args_cnc()
        word = _reduced(letters, laws or {})
        if sum(letter in of for letter in word) == 1:
            word = _reduced([of.get(letter, letter) for letter in word], laws or {})
        total += sympy.Mul(*numbers) * sympy.Mul(*word)
    return sympy.expand(total)


def _reduced(word: list[Any], laws: Laws) -> list[Any]:
    for k in range(len(word) - 1):
        found = laws.get((word[k], word[k + 1]))
        if found is not None:
            return _reduced([*word[:k], *found, *word[k + 2 :]], laws)
    return word


def letters(names: str) -> tuple[Any, ...]:
    """Non-commuting symbols."""
    import sympy

    return tuple(sympy.symbols(names, commutative=False))


def root_mean_square_is_larger() -> bool:
    r""":math:`(\frac1n\sum a_i)^2 \le \frac1n\sum a_i^2` for any n: the difference is the mean of a square."""
    a, a_mean = letters("a a_mean")
    return bool(mean((a - a_mean) ** 2, {a: a_mean}) == a**2 - a_mean**2)
