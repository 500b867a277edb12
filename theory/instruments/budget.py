"""One false-alarm budget for the whole catalogue, and seeds that nobody chose.

A hundred checks at a false-alarm rate of 1 % each would fail a correct catalogue two times in three.
So one family-wise rate is fixed for all statements that sample, and each gets an equal share of it
(Bonferroni): whatever the dependence between the checks, the chance that even one verdict of the whole
catalogue is wrong through bad luck is at most the total.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from spiritlevel.core.errors import InputError

FAMILY_WISE = 1e-3
"""The false-alarm rate of the whole catalogue."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How the family-wise false-alarm rate is split.

    Parameters
    ----------
    total
        Chance, over the whole catalogue, that at least one verdict is wrong by bad luck.
    statements
        How many statements have a check that samples; exact checks need no share.
    """

    total: float
    statements: int

    @property
    def each(self) -> float:
        """The false-alarm rate left for one statement.

        Examples
        --------
        >>> Budget(1e-3, 40).each
        2.5e-05
        """
        return share(self.statements, total=self.total)

    def __str__(self) -> str:
        """The line that the command line prints.

        Examples
        --------
        >>> print(Budget(1e-3, 40))
        false-alarm budget 0.001 for the whole catalogue: 2.5e-05 for each of 40 statements that sample
        """
        if self.statements == 0:
            return f"false-alarm budget {self.total:g} for the whole catalogue: unspent, no statement samples"
        return (
            f"false-alarm budget {self.total:g} for the whole catalogue: "
            f"{self.each:g} for {'the one statement' if self.statements == 1 else f'each of {self.statements} statements'} "
            f"that {'samples' if self.statements == 1 else 'sample'}"
        )


def share(statements_that_sample: int, total: float = FAMILY_WISE) -> float:
    """The false-alarm rate of one statement when all together may spend `total` (Bonferroni).

    A statement that runs several tests divides its share again.

    Raises
    ------
    InputError
        If there is no statement, or `total` is not between 0 and 1.

    Examples
    --------
    >>> share(20)
    5e-05
    """
    if statements_that_sample < 1:
        raise InputError(
            f"statements_that_sample is {statements_that_sample}; give a positive whole number of statements"
        )
    if not 0 < total < 1:
        raise InputError(f"total is {total}; give a probability strictly between 0 and 1")
    return total / statements_that_sample


def seed_of(*names: str) -> int:
    """The seed that belongs to a statement (and to a part of its check): a hash of the names.

    Nobody picks it, so nobody can pick it for its result.

    Examples
    --------
    >>> seed_of("interact/rate") == seed_of("interact/rate")
    True
    >>> seed_of("interact/rate", "pilot") == seed_of("interact/rate")
    False
    """
    digest = hashlib.sha256("\0".join(names).encode()).digest()
    return int.from_bytes(digest[:8], "big")
