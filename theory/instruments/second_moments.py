r"""Exact means and second moments of a process whose steps are random affine maps, for any number of steps.

With :math:`Z_t = E[(z_t, 1)(z_t, 1)^T]` and independent maps, :math:`Z_t = E[G_t Z_{t-1} G_t^T]` is linear in
:math:`Z_{t-1}`. Periods of several iterations compose, and doubling reaches 2^40 of them. Everything is kept in
coordinates around the fixed point of the mean, on the subspace that conserved quantities leave: a process
whose noise vanishes there is followed down to rounding of its own size.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.linalg

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.networks import Network
from spiritlevel.core.numbers import Array, convert, field_of
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.theory.instruments.affine import Layout
from spiritlevel.theory.instruments.enumeration import RandomMap, random_maps, random_start
from spiritlevel.theory.instruments.moments import Unstable


def half(X: Array) -> Array:
    """The upper triangle of a symmetric matrix, row by row.

    Examples
    --------
    >>> half(np.array([[1, 2], [2, 5]]))
    array([1, 2, 5])
    """
    return X[np.triu_indices(len(X))]


def symmetric(x: Array) -> Array:
    """The symmetric matrix whose upper triangle is given; the inverse of `half`."""
    d = (int(np.sqrt(8 * len(x) + 1)) - 1) // 2
    X = np.empty((d, d), dtype=x.dtype)
    rows, columns = np.triu_indices(d)
    X[rows, columns] = X[columns, rows] = x
    return X


def mean_matrix(m: RandomMap) -> Array:
    """E G with its last row."""
    G = np.concatenate([m.mean, m.mean[:1] * 0])
    G[-1, -1] = G[-1, -1] + 1
    return G


def second_operator(m: RandomMap) -> Array:
    r""":math:`Z \mapsto E[G Z G^T]` on upper triangles, shape ``((D+1)(D+2)/2, B(B+1)/2)``."""
    D = len(m.base)
    G = mean_matrix(m)
    product = np.multiply.outer(G, G)
    product[:D, :, :D] = m.products()
    return on_halves(product)


def on_halves(product: Array) -> Array:
    """``E[G_ai G_bj]`` at ``[a, i, b, j]`` as an operator on upper triangles, with as many rows and columns as these have."""
    rows, columns = np.triu_indices(product.shape[1])
    on = product.transpose(0, 2, 1, 3)[np.triu_indices(product.shape[0])]
    return on[:, rows, columns] + np.where(rows == columns, 0, 1) * on[:, columns, rows]


def weights(read: Array) -> Array:
    """What to multiply the upper triangle of ``E[z z']`` with for ``E|read z|^2``."""
    Q = read.T @ read
    rows, columns = np.triu_indices(len(Q))
    return Q[rows, columns] * np.where(rows == columns, 1, 2)


def composed(steps: Sequence[Array]) -> Array:
    """The operator of all steps, the first one first."""
    whole = steps[0]
    for step in steps[1:]:
        whole = step @ whole
    return whole


def over_a_period(f: Array, steps: Sequence[Array]) -> Array:
    """The functional that sums ``f`` over the starts of all steps of a period, by Horner's rule."""
    row = f
    for step in reversed(steps[:-1]):  # f + (f + (f + ..) step_2) step_1
        row = f + row @ step
    return row


@dataclass(frozen=True, eq=False)
class Process:
    """Second moments of ``z = origin + columns w`` where one period consists of the given steps.

    Parameters
    ----------
    steps
        Second-moment operators of the iterations of one period, on upper triangles of E[(w, 1)(w, 1)'].
    means
        Their mean matrices.
    start
        Upper triangle of the start.
    origin, columns, layout
        How w lies in the state.
    outcomes
        How many outcomes of one agent's draw were enumerated.
    """

    steps: tuple[Array, ...]
    means: tuple[Array, ...]
    start: Array
    origin: Array
    columns: Array
    layout: Layout
    outcomes: int

    @cached_property
    def period(self) -> Array:
        """The operator of one whole period."""
        return composed(self.steps)

    @cached_property
    def radius(self) -> float:
        """Spectral radius of one period on second moments, without the eigenvalue 1 of the constant."""
        return float(abs(np.linalg.eigvals(self.period[:-1, :-1])).max())

    @cached_property
    def mean_radius(self) -> float:
        """Spectral radius of one period on the mean."""
        whole = composed(self.means)
        return float(abs(np.linalg.eigvals(whole[:-1, :-1])).max())

    def at(self, t: int) -> Array:
        """``E[(w_t, 1)(w_t, 1)']`` as an upper triangle."""
        periods, rest = divmod(t, len(self.steps))
        Z, power = self.start, self.period
        while periods:
            if periods & 1:
                Z = power @ Z
            power = power @ power
            periods >>= 1
        for step in self.steps[:rest]:
            Z = step @ Z
        return _finite(Z, t)

    def moments(self, t: int) -> Array:
        """``E[(z_t, 1)(z_t, 1)']``, shape ``(D + 1, D + 1)``; its last column is the mean."""
        D, d = self.columns.shape
        into = np.zeros((D + 1, d + 1), dtype=self.columns.dtype) + self.origin[0] * 0
        into[:D, :d], into[:D, d], into[D, d] = self.columns, self.origin, into[D, d] + 1
        return into @ symmetric(self.at(t)) @ into.T

    def functional(self, L: Array, c: Array) -> Array:
        r"""What to multiply `at` with for :math:`E\|L z + c\|^2`."""
        read = np.concatenate([L @ self.columns, (L @ self.origin + c)[:, None]], axis=1)
        return weights(read)

    def expected_square(self, L: Array, c: Array, t: int) -> float:
        r""":math:`E\|L z_t + c\|^2`."""
        return float(self.functional(L, c) @ self.at(t))

    def trace(self, L: Array, c: Array, T: int) -> Array:
        r""":math:`E\|L z_t + c\|^2` for t = 0 .. T, one by one."""
        f, Z, out = self.functional(L, c), self.start, []
        for t in range(T + 1):
            out.append(f @ Z)
            Z = self.steps[t % len(self.steps)] @ Z
        return np.array(out)

    def sums(self, L: Array, c: Array, doublings: int) -> Array:
        r""":math:`\sum_{t < q 2^k} E\|L z_t + c\|^2` for k = 0 .. doublings, q the length of a period."""
        total = over_a_period(self.functional(L, c), self.steps)
        out, power = [total @ self.start], self.period
        with np.errstate(over="ignore", invalid="ignore"):
            for _ in range(doublings):
                total = total + total @ power
                power = power @ power
                out.append(total @ self.start)
        return _finite(np.array(out), len(self.steps) << doublings)

    def limit(self, L: Array, c: Array) -> float:
        r""":math:`\lim_n E\|L z_{nq} + c\|^2`, the exact fixed point.

        Raises
        ------
        Unstable
            If the spectral radius of a period is not below 1.
        """
        if not self.radius < 1 - 1e-12:
            raise Unstable(
                f"second moments do not contract: one period has the spectral radius {self.radius:.6g}"
            )
        P = self.period
        Z = np.linalg.solve(np.eye(len(P) - 1) - P[:-1, :-1], P[:-1, -1])
        return float(self.functional(L, c) @ np.r_[Z, 1.0])


def _finite(a: Array, t: int) -> Array:
    if a.dtype != object and not np.isfinite(a).all():
        raise Unstable(f"the moments at t = {t} are not finite: the process is unstable")
    return a


def process(
    algorithm: Algorithm,
    problem: SolvedProblem,
    network: Network,
    *,
    period: int,
    x0: Array | None = None,
    y0: Array | None = None,
    centre: bool = True,
) -> Process:
    """The exact second moments of an algorithm whose iterations repeat with a period.

    Parameters
    ----------
    period
        Iterations of one period: the q of SVR-INTERACT, 1 for GT-DSGD. Each is read off or recognised.
    x0, y0
        Start, shapes ``(n, p)`` and ``(n, q)``; the problem's own by default.
    centre
        Whether to work around the fixed point of the mean, in floats. Without it the origin is the mean of
        the start; exact number systems keep their numbers and the state's own coordinates.

    Raises
    ------
    NotAffine, ValueError, InputError
        As `random_map`.
    Unstable
        If the mean of a period has no attracting fixed point and ``centre`` asks for one.

    Examples
    --------
    >>> from spiritlevel.core.algorithms.svr_interact import SVRInteract
    >>> from spiritlevel.core.graphs import named
    >>> from spiritlevel.synthetic.families import random_finite_sum
    >>> problem = random_finite_sum(seed=1, n=2, p=1, q=1, samples=4, spread=0.3)
    >>> svr = SVRInteract(alpha=0.02, q=2, S=2, K=2, L_g=problem.sample_constants.L_g)
    >>> found = process(svr, problem, named("path:2"), period=2)
    >>> found.radius < 1, found.moments(3).shape
    (True, (11, 11))
    """
    start = random_start(algorithm, problem, network, x0, y0)
    maps = list(random_maps(algorithm, problem, network, range(1, period + 1)))
    exact = field_of(start.base) != "float"
    D = len(start.base)
    columns: Array = convert(np.eye(D, dtype=int), field_of(start.base))
    origin = columns[0] * 0
    if not exact:
        C = maps[0].C
        columns = scipy.linalg.null_space(C) if C.shape[0] else columns
        origin = start.mean[:, 0]
        if centre:
            origin = _fixed_point(maps, columns, origin)
        start = start.within(columns, origin)
        maps = _each_once(maps, columns, origin)
    operators = {id(m): second_operator(m) for m in {id(m): m for m in maps}.values()}
    return Process(
        steps=tuple(operators[id(m)] for m in maps),
        means=tuple(mean_matrix(m) for m in maps),
        start=second_operator(start)[:, 0],
        origin=origin,
        columns=columns,
        layout=maps[0].layout,
        outcomes=max(m.outcomes for m in (start, *maps)),
    )


def _each_once(maps: list[RandomMap], columns: Array, origin: Array) -> list[RandomMap]:
    """All maps in the new coordinates; one that occurs several times is moved once."""
    moved = {id(m): m.within(columns, origin) for m in {id(m): m for m in maps}.values()}
    return [moved[id(m)] for m in maps]


def _fixed_point(maps: list[RandomMap], columns: Array, origin: Array) -> Array:
    """Of the mean of one period, within ``origin + columns w``."""
    means = [dataclasses.replace(m, base=m.mean, parts=()) for m in maps]
    for _ in range(2):  # the second time polishes rounding
        whole = np.eye(columns.shape[1] + 1)
        for m in means:
            whole = mean_matrix(m.within(columns, origin)) @ whole
        M, r = whole[:-1, :-1], whole[:-1, -1]
        radius = float(abs(np.linalg.eigvals(M)).max())
        if not radius < 1 - 1e-12:
            raise Unstable(
                f"the mean of one period has the spectral radius {radius:.6g}: no attracting fixed point"
            )
        origin = origin + columns @ np.linalg.solve(np.eye(len(M)) - M, r)
    return origin
