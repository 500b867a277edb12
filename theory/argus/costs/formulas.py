"""Theorems 2 and 3: floats and operations as printed, and as counted.

N agents, upper variables of size n, lower ones of size m; degrees d_i leave the agent itself out; |P_i| cuts per agent.
Floats are numbers sent to one neighbour each; the paper has 32 bits for each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Floats:
    """What is sent: per iteration x, y and multipliers of those awake; per update the estimate and the polytopes."""

    primal: Any
    dual: Any
    estimate: Any
    polytopes: Any


def printed(N: int, n: int, m: int, K: int, cuts: Sequence[int], d: Any) -> Floats:
    """(55), (56) over 32, with everyone awake and a d that the caller chooses.

    Examples
    --------
    >>> printed(10, 2, 3, 1, [0] * 10, 1)
    Floats(primal=50, dual=20, estimate=60, polytopes=60)
    """
    return Floats(
        primal=d * N * (m + n),
        dual=d * sum(P + n * d for P in cuts),
        estimate=N * d * K * (m + m * d),
        polytopes=N * d * (d * (n + m) + 1),
    )


def sent(degrees: Sequence[int], n: int, m: int, K: int, cuts: Sequence[int]) -> Floats:
    """The right numbers, where agent i has ``cuts[i]`` cuts before an update and one more after it.

    Examples
    --------
    >>> sent([9] * 10, 2, 3, 1, [0] * 10).primal
    450
    """
    pairs = list(zip(degrees, cuts, strict=True))
    return Floats(
        primal=sum(degrees) * (n + m),
        dual=sum(d * (P + n * d) for d, P in pairs),
        estimate=K * sum(d * (m + m * d) for d in degrees),
        polytopes=sum(d * (P + 1) * ((d + 1) * (n + m) + 2) for d, P in pairs),
    )


def iteration(d: Any, n: Any, m: Any, P: Any) -> Any:
    """Operations of one agent in (15)-(20), gradients and proximal map of G and R left out.

    Examples
    --------
    >>> iteration(2, 1, 1, 0)
    26
    """
    mixing = (2 * d + 1) * (n + m)
    steps = 2 * (n + m) * P + d * n + 2 * (n + m)
    return mixing + steps + multipliers(d, n, m, P)


def multipliers(d: Any, n: Any, m: Any, P: Any) -> Any:
    """Its share of (19), (20)."""
    return P * (2 * (d + 1) * (n + m) + 4) + 5 * d * n


def update(d: Any, n: Any, m: Any, K: Any) -> Any:
    """Operations of one agent in an update with a derivative by K = 1's formula; gradients of g left out.

    Examples
    --------
    >>> update(1, 1, 1, 1)
    38
    """
    rounds = K * ((10 * d + 3) * m)
    derivative = 3 * n * m - n
    norms = (d + 1) * 7 * m
    return rounds + derivative + norms + 2 * (d + 1) * (n + m) + 1
