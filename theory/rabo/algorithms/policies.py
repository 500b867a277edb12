"""The mask policies written out once more, with lists, beside `spiritlevel.core.masks`.

The paper has :math:`M(x_q, R_i)` (3) and no policy; Section V splits "according to the weight importance" and
assigns segments by hand.
"""

from __future__ import annotations

from fractions import Fraction

from spiritlevel.theory.rabo.algorithms.literal import Mask, Vector


def masks(policy: str, q: int, n: int, z: Vector) -> list[Mask]:
    """The clients' masks in round q = 0, 1, .. for the model z.

    Examples
    --------
    >>> masks("segment:1:2", 0, 3, [Fraction(0)] * 3)
    [[1, 1, 0], [0, 0, 1], [0, 0, 1]]
    """
    name, _, given = policy.partition(":")
    d, words = len(z), given.split(":")
    if name == "full":
        return [[1] * d for _ in range(n)]
    if name == "table":
        return [[int(letter) for letter in row] for row in words]
    if name == "nested":
        capacities = [Fraction(word) for word in words]
        sizes = [max(1, int(capacities[i % len(capacities)] * d)) for i in range(n)]
        return [[1] * size + [0] * (d - size) for size in sizes]
    if name == "magnitude":
        ranked = sorted(range(d), key=lambda k: (-abs(z[k]), k))[: int(words[0])]
        return [[1 if k in ranked else 0 for k in range(d)] for _ in range(n)]
    if name == "segment":
        return _segments([int(word) for word in words], d)
    shift = q if name == "rolling" else 0
    held = []
    for i in range(n):
        row = [0] * d
        for step in range(int(words[0])):
            row[(i * d // n + shift + step) % d] = 1
        held.append(row)
    return held


def _segments(clients: list[int], d: int) -> list[Mask]:
    """Blocks as equal as possible, the longer ones first; one block per entry, held by so many clients."""
    held, first = [], 0
    for block, many in enumerate(clients):
        length = d // len(clients) + (1 if block < d % len(clients) else 0)
        held += [[1 if first <= k < first + length else 0 for k in range(d)] for _ in range(many)]
        first += length
    return held


def coverage(held: list[Mask]) -> list[int]:
    """How many clients hold each coordinate, ``C_q^k``.

    Examples
    --------
    >>> coverage([[1, 0], [1, 0]])
    [2, 0]
    """
    return [sum(column) for column in zip(*held, strict=True)]


def least_coverage(held: list[Mask]) -> int:
    """(12), (13) for one round: over the coordinates that somebody holds, of which there must be one.

    Examples
    --------
    >>> least_coverage([[1, 0, 1], [1, 0, 0]])
    1
    """
    return min(c for c in coverage(held) if c > 0)
