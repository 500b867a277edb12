"""Which client holds which coordinate: the submodels of resource-limited clients, by policy."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from spiritlevel.core.errors import InputError, unknown
from spiritlevel.core.numbers import Array, parse_number

POLICIES = {
    "full": "full",
    "window": "window:2",
    "rolling": "rolling:2",
    "magnitude": "magnitude:2",
    "nested": "nested:1:1/2:1/4",
    "segment": "segment:3:3:3:1",
    "table": "table:110:011",
}
"""Every policy with an example of its spelling."""


@dataclass(frozen=True)
class Masks:
    r"""A mask policy :math:`M(\cdot, R_i)` of RABO (3).

    ============= =====================================================================================
    ``full``      every client holds everything
    ``window:k``  client i of n holds k neighbouring coordinates from ``i d // n`` on, cyclically
    ``rolling:k`` the same, moved on by one coordinate in every round
    ``magnitude:k`` every client holds the k coordinates that are largest in size (the first of equals)
    ``nested:c:..`` client i holds the first ``c d`` coordinates, rounded down, but one at least; the
                  capacities are dealt out in turn
    ``segment:a:b`` d is cut into as many blocks, as evenly as possible; a clients hold the first, ..
    ``table:110:011`` a row of 0 and 1 per client
    ============= =====================================================================================

    Raises
    ------
    InputError
        For an unknown policy, or a size that is missing or out of range; `at` says so for n and d.

    Examples
    --------
    >>> Masks("rolling:2").at(2, n=2, d=4, z=np.zeros((1, 1, 4))).tolist()
    [[0, 1, 1, 0], [1, 0, 0, 1]]
    """

    text: str

    def __post_init__(self) -> None:
        if self.policy not in POLICIES:
            raise unknown("mask policy", self.text, POLICIES)
        if (self.policy == "full") != (not self._sizes):
            raise InputError(f"masks {self.text!r}: give them as in {POLICIES[self.policy]!r}")
        if self.policy == "table":
            if {len(row) for row in self._table} != {len(self._table[0])} or set("".join(self._table)) - {
                "0",
                "1",
            }:
                raise InputError(
                    f"masks {self.text!r}: rows of equal length of 0 and 1, as in {POLICIES['table']!r}"
                )
        elif self.policy == "nested":
            if not all(0 < c <= 1 for c in self._numbers):
                raise InputError(f"masks {self.text!r}: capacities lie above 0 and up to 1")
        elif not all(c == int(c) and c >= (self.policy != "segment") for c in self._numbers):
            raise InputError(f"masks {self.text!r}: give whole numbers, as in {POLICIES[self.policy]!r}")
        if self.policy in ("window", "rolling", "magnitude") and len(self._numbers) != 1:
            raise InputError(f"masks {self.text!r}: give one size, as in {POLICIES[self.policy]!r}")

    @property
    def policy(self) -> str:
        """The policy's name."""
        return self.text.partition(":")[0]

    @property
    def steady(self) -> bool:
        """Whether the masks are the same in every round, whatever the model."""
        return self.policy not in ("rolling", "magnitude")

    @property
    def _sizes(self) -> str:
        return self.text.partition(":")[2]

    @property
    def _table(self) -> list[str]:
        return self._sizes.split(":")

    @property
    def _numbers(self) -> list[Fraction | float]:
        if self.policy == "full":
            return []
        return [parse_number(size, f"masks {self.text!r}") for size in self._sizes.split(":")]

    def at(self, t: int, n: int, d: int, z: Array) -> Array:
        """Masks of round ``t = 1, 2, ..`` for n clients and d coordinates of the model ``z``, shape ``(R, 1, d)``.

        Returns
        -------
        Whole numbers 0 and 1 of shape ``(n, d)``; ``(R, n, d)`` where they depend on the model.
        """
        if self.policy == "full":
            return np.ones((n, d), dtype=int)
        if self.policy == "table":
            return self._from_table(n, d)
        if self.policy == "nested":
            held = [max(1, int(c * d)) for c in self._numbers]
            return np.array([[int(k < held[i % len(held)]) for k in range(d)] for i in range(n)])
        sizes = [int(c) for c in self._numbers]
        if self.policy == "segment":
            return self._from_segments(sizes, n, d)
        size = sizes[0]
        if size > d:
            raise InputError(f"masks {self.text!r}: there are {d} coordinates only")
        if self.policy == "magnitude":
            order = np.argsort(-abs(z), axis=-1, kind="stable")[..., :size]
            largest = np.zeros(z.shape, dtype=int)
            np.put_along_axis(largest, order, 1, axis=-1)
            return np.repeat(largest, n, axis=1)
        first = np.arange(n) * d // n + (t - 1 if self.policy == "rolling" else 0)
        return np.asarray(((np.arange(d) - first[:, None]) % d < size).astype(int))

    def _from_table(self, n: int, d: int) -> Array:
        table = np.array([[int(c) for c in row] for row in self._table])
        if table.shape != (n, d):
            raise InputError(
                f"masks {self.text!r}: {table.shape[0]} clients by {table.shape[1]} coordinates; give {n} by {d}"
            )
        return table

    def _from_segments(self, sizes: list[int], n: int, d: int) -> Array:
        if sum(sizes) != n or len(sizes) > d:
            raise InputError(
                f"masks {self.text!r}: {sum(sizes)} clients for {len(sizes)} segments; give {n} for at most {d}"
            )
        blocks = np.array_split(np.arange(d), len(sizes))
        held = np.zeros((n, d), dtype=int)
        for i, block in enumerate(np.repeat(np.arange(len(sizes)), sizes)):
            held[i, blocks[block]] = 1
        return held
