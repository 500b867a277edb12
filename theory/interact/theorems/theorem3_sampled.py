r"""All of SVR-INTERACT's sum of the metric on finite sums without linear terms, in exact rationals.

Linear terms cancel in the differences (23) and (24) and only move the solution, so nothing is lost by leaving them
out: the solution is 0, and second moments follow a linear recursion that is solved exactly.
"""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.networks import Network
from spiritlevel.core.numbers import Array, convert
from spiritlevel.synthetic.families import finite_sum
from spiritlevel.synthetic.finite_sum import FiniteSumQuadratic
from spiritlevel.synthetic.matrices import solve
from spiritlevel.theory.instruments.affine import probe
from spiritlevel.theory.instruments.enumeration import RandomMap, random_maps, random_start
from spiritlevel.theory.instruments.second_moments import composed, half, on_halves, over_a_period, weights
from spiritlevel.theory.interact.potential import metric_readout


def without_linear_terms(seed: int, m: int, terms: int, size: tuple[int, int, int]) -> FiniteSumQuadratic:
    """Random scalar rational terms; ``size``: powers of ten of the coupling, of f in x and of f in y."""
    rng = np.random.default_rng(seed)

    def draw(low: int, high: int, power: int) -> Array:
        whole = rng.integers(low, high, (m, terms))
        return np.vectorize(lambda v: Fraction(int(v), 10) * Fraction(10) ** power, otypes=[object])(whole)

    coupling, in_x, in_y = size
    blocks: dict[str, Any] = {"H": draw(10, 20, 0), "A": draw(5, 15, in_x), "Q": draw(5, 15, in_y)}
    return finite_sum(
        B=draw(5, 15, coupling)[..., None, None],
        c=np.zeros((m, terms, 1), dtype=int),
        x0=[Fraction(0)],
        y0=[Fraction(1)],
        **{name: block[..., None, None] for name, block in blocks.items()},
    ).over("fmpq")


def _free(C: Array) -> tuple[Array, Array]:
    """``into, onto``: z = into w on the null space of ``C``, whose pivots are eliminated, and w = onto z."""
    from flint import fmpq_mat

    k, D = C.shape
    reduced, rank = fmpq_mat(k, D, convert(C, "fmpq").reshape(-1).tolist()).rref()
    rows = np.array([[reduced[i, j] for j in range(D)] for i in range(rank)], dtype=object).reshape(rank, D)
    pivots = [next(j for j in range(D) if row[j] != 0) for row in rows]
    free = [j for j in range(D) if j not in pivots]
    into = convert(np.eye(D, dtype=int)[:, free], "fmpq")
    into[pivots] = -rows[:, free]
    return into, convert(np.eye(D, dtype=int)[free], "fmpq")


def _reduced(m: RandomMap, into: Array, onto: Array) -> RandomMap:
    """The map on w, its constant column left out for a step (it is 0 here) and kept for a start."""
    if m.base.shape[1] == 1:
        return dataclasses.replace(m, base=onto @ m.base, parts=())
    parts = tuple(dataclasses.replace(p, change=onto @ p.change[:, :, :-1] @ into) for p in m.parts)
    return dataclasses.replace(m, base=onto @ m.base[:, :-1] @ into, parts=parts)


def whole_sum(
    algorithm: Algorithm, reader: Algorithm, problem: FiniteSumQuadratic, network: Network, period: int
) -> Fraction:
    r""":math:`\sum_{t \ge 0} E\,\mathfrak M_t`, exactly, for a stable process on a problem without linear terms.

    Parameters
    ----------
    reader
        INTERACT, whose state has the same fields, to read the metric off.
    """
    maps = random_maps(algorithm, problem, network, range(1, period + 1))
    into, onto = _free(maps[0].C)
    start = _reduced(random_start(algorithm, problem, network), into, onto).mean[:, 0]
    steps = [on_halves(_reduced(m, into, onto).products()) for m in maps]
    L, _ = metric_readout(problem, probe(reader, problem, network))
    row, whole = over_a_period(weights(L @ into), steps), composed(steps)
    found = solve(
        convert(np.eye(len(whole), dtype=int), "fmpq") - whole, half(np.multiply.outer(start, start))
    )
    if found is None:
        raise ArithmeticError("second moments have an eigenvalue 1: the sum is not finite")
    return Fraction(str(row @ found))
