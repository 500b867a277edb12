r"""Algorithm 2 and the two baselines read literally, equation by equation, in exact fractions.

Plain loops over agents, samples and factors on lists of fractions. Nothing comes from
`spiritlevel.core.algorithms` or `spiritlevel.core.hypergradient`, nor from the problems' own derivatives:
agreement with the code means that two texts say the same. INTERACT (MobiHoc 2022), Sections 4.1, 5.1, 6.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from spiritlevel.core.samples import Picks

Vector = list[Fraction]
Matrix = list[list[Fraction]]


def plus(*vectors: Vector) -> Vector:
    """The sum of vectors."""
    return [sum(entries, Fraction(0)) for entries in zip(*vectors, strict=True)]


def times(c: Fraction, v: Vector) -> Vector:
    """A number times a vector."""
    return [c * entry for entry in v]


def apply(M: Matrix, v: Vector) -> Vector:
    """A matrix times a vector."""
    return [sum((a * b for a, b in zip(row, v, strict=True)), Fraction(0)) for row in M]


def product(M: Matrix, N: Matrix) -> Matrix:
    """A matrix times a matrix."""
    return [apply([list(column) for column in zip(*N, strict=True)], row) for row in M]


def solve(M: Matrix, v: Vector) -> Vector:
    """The solution of ``M z = v`` by Gauss-Jordan elimination.

    Examples
    --------
    >>> solve([[Fraction(0), Fraction(2)], [Fraction(1), Fraction(1)]], [Fraction(4), Fraction(5)])
    [Fraction(3, 1), Fraction(2, 1)]
    """
    rows = [[*row, entry] for row, entry in zip(M, v, strict=True)]
    for k in range(len(rows)):
        pivot = next(i for i in range(k, len(rows)) if rows[i][k] != 0)
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = times(1 / rows[k][k], rows[k])
        for i in range(len(rows)):
            if i != k:
                rows[i] = plus(rows[i], times(-rows[i][k], rows[k]))
    return [row[-1] for row in rows]


def mean(vectors: Iterable[Vector]) -> Vector:
    """The mean of vectors."""
    listed = list(vectors)
    return times(Fraction(1, len(listed)), plus(*listed))


def mean_matrix(matrices: Iterable[Matrix]) -> Matrix:
    """The mean of matrices."""
    return [mean(rows) for rows in zip(*matrices, strict=True)]


@dataclass(frozen=True)
class Term:
    r"""One sample's f and g, with one-letter blocks; a missing block is zero.

    :math:`f = x'Ax/2 + a'x + x'Ey + y'Qy/2 + e'y` and
    :math:`g = y'Hy/2 - y'(Bx + c) + \sum_k y_k^3 (Dx)_k / 6`.
    """

    p: int
    q: int
    blocks: Mapping[str, Any]

    def _matrix(self, name: str, rows: int, columns: int) -> Matrix:
        return self.blocks.get(name) or [[Fraction(0)] * columns for _ in range(rows)]

    def _vector(self, name: str, size: int) -> Vector:
        return self.blocks.get(name) or [Fraction(0)] * size

    def grad_x_f(self, x: Vector, y: Vector) -> Vector:
        """The x-gradient of f."""
        A, E = self._matrix("A", self.p, self.p), self._matrix("E", self.p, self.q)
        return plus(apply(A, x), self._vector("a", self.p), apply(E, y))

    def grad_y_f(self, x: Vector, y: Vector) -> Vector:
        """The y-gradient of f."""
        E, Q = self._matrix("E", self.p, self.q), self._matrix("Q", self.q, self.q)
        Ex = [sum((E[k][j] * x[k] for k in range(self.p)), Fraction(0)) for j in range(self.q)]
        return plus(Ex, apply(Q, y), self._vector("e", self.q))

    def grad_y_g(self, x: Vector, y: Vector) -> Vector:
        """The y-gradient of g."""
        H, B = self._matrix("H", self.q, self.q), self._matrix("B", self.q, self.p)
        bent = [y[k] ** 2 * d / 2 for k, d in enumerate(apply(self._matrix("D", self.q, self.p), x))]
        return plus(apply(H, y), bent, times(Fraction(-1), plus(apply(B, x), self._vector("c", self.q))))

    def hess_yy_g(self, x: Vector, y: Vector) -> Matrix:
        """The yy-Hessian of g."""
        bent = apply(self._matrix("D", self.q, self.p), x)
        H = [list(row) for row in self._matrix("H", self.q, self.q)]
        for k in range(self.q):
            H[k][k] += y[k] * bent[k]
        return H

    def hess_xy_g(self, x: Vector, y: Vector) -> Matrix:
        """The xy-Hessian of g, p rows and q columns."""
        B, D = self._matrix("B", self.q, self.p), self._matrix("D", self.q, self.p)
        return [[D[j][k] * y[j] ** 2 / 2 - B[j][k] for j in range(self.q)] for k in range(self.p)]


def surrogate(terms: Sequence[Term], x: Vector, y: Vector) -> Vector:
    """(5) with the agent's f and g, the means over its terms."""
    w = solve(mean_matrix(t.hess_yy_g(x, y) for t in terms), mean(t.grad_y_f(x, y) for t in terms))
    implicit = apply(mean_matrix(t.hess_xy_g(x, y) for t in terms), w)
    return plus(mean(t.grad_x_f(x, y) for t in terms), times(Fraction(-1), implicit))


def shrunk(H: Matrix, L_g: Fraction) -> Matrix:
    """``I - H / L_g``."""
    return [[int(i == j) - entry / L_g for j, entry in enumerate(row)] for i, row in enumerate(H)]


def geometric(terms: Sequence[Term], x: Vector, y: Vector, K: int, L_g: Fraction) -> Vector:
    r"""(22) with every term replaced by the mean and averaged over k: the sum of K powers."""
    factor = shrunk(mean_matrix(t.hess_yy_g(x, y) for t in terms), L_g)
    power = mean(t.grad_y_f(x, y) for t in terms)
    total = [Fraction(0)] * len(power)
    for _ in range(K):
        total, power = plus(total, power), apply(factor, power)
    implicit = apply(mean_matrix(t.hess_xy_g(x, y) for t in terms), total)
    return plus(mean(t.grad_x_f(x, y) for t in terms), times(-1 / L_g, implicit))


def estimate(xi: Term, zeta: Sequence[Term], k: int, x: Vector, y: Vector, L_g: Fraction) -> Vector:
    r"""(22) for one sample, the product written from left to right as printed; K is ``len(zeta)``."""
    matrix = zeta[0].hess_xy_g(x, y)
    for j in range(1, k + 1):
        matrix = product(matrix, shrunk(zeta[j].hess_yy_g(x, y), L_g))
    implicit = times(-Fraction(len(zeta)) / L_g, apply(matrix, xi.grad_y_f(x, y)))
    return plus(xi.grad_x_f(x, y), implicit)


@dataclass(frozen=True)
class Setting:
    """Hyper-parameters, named as the algorithms name them; ``q`` and ``S`` are 0 for the root of N."""

    alpha: Fraction
    beta: Fraction
    L_g: Fraction
    K: int
    S: int
    q: int = 0
    own: bool = True
    one: bool = False
    lower: str = "xi"
    refresh: str = "exact"


@dataclass(frozen=True)
class Agents:
    """The state, one vector per agent and letter; D-SGD leaves ``u``, ``v``, ``p`` empty."""

    x: list[Vector]
    y: list[Vector]
    u: list[Vector]
    v: list[Vector]
    p: list[Vector]


@dataclass(frozen=True)
class Literal:
    """The three algorithms on one replica.

    Parameters
    ----------
    problem
        Every agent's terms.
    W, c, replica
        Mixing matrix, hyper-parameters, and which replica's picks to follow.
    """

    problem: Sequence[Sequence[Term]]
    W: Matrix
    c: Setting
    replica: int = 0

    def period(self) -> int:
        """q, the root of the number of terms rounded up unless given."""
        return self.c.q or self._root()

    def batch(self) -> int:
        """|S|."""
        return self.c.S or self._root()

    def _root(self) -> int:
        return next(r for r in range(1, 1 + len(self.problem[0])) if r * r >= len(self.problem[0]))

    def start(self, x: list[Vector], y: list[Vector]) -> Agents:
        """(26), and p_0 = u_0."""
        p = [surrogate(terms, x[i], y[i]) for i, terms in enumerate(self.problem)]
        return Agents(x, y, p, self._exact_lower(x, y), p)

    def step(self, t: int, s: Agents, picks: Picks | None) -> Agents:
        """One iteration of Algorithm 2; a refresh uses no picks."""
        x, y = self._moved(s)
        if t % self.period() == 0:
            p, v = self._refreshed(x, y), self._exact_lower(x, y)  # (8), (9)
        else:
            assert picks is not None
            p, v = [], []
            for i in range(len(self.problem)):
                now, before = self._sampled(i, picks, x[i], y[i]), self._sampled(i, picks, s.x[i], s.y[i])
                p.append(plus(s.p[i], now[0], times(Fraction(-1), before[0])))  # (23)
                v.append(plus(s.v[i], now[1], times(Fraction(-1), before[1])))  # (24)
        return Agents(x, y, self._tracked(s, p), v, p)

    def gt_start(self, x: list[Vector], y: list[Vector], picks: Picks) -> Agents:
        """GT-DSGD starts from estimates, too."""
        both = [self._sampled(i, picks, x[i], y[i]) for i in range(len(self.problem))]
        return Agents(x, y, [p for p, _ in both], [v for _, v in both], [p for p, _ in both])

    def gt_step(self, t: int, s: Agents, picks: Picks) -> Agents:
        """One iteration of GT-DSGD."""
        x, y = self._moved(s)
        both = [self._sampled(i, picks, x[i], y[i]) for i in range(len(self.problem))]
        p = [p for p, _ in both]
        return Agents(x, y, self._tracked(s, p), [v for _, v in both], p)

    def dsgd_step(self, t: int, s: Agents, picks: Picks) -> Agents:
        """One iteration of D-SGD, with the estimates at t - 1."""
        both = [self._sampled(i, picks, s.x[i], s.y[i]) for i in range(len(self.problem))]
        x = [plus(Wx, times(-self.c.alpha, p)) for Wx, (p, _) in zip(self._sums(s.x), both, strict=True)]
        y = [plus(y, times(-self.c.beta, v)) for y, (_, v) in zip(s.y, both, strict=True)]
        return Agents(x, y, [], [], [])

    def _sums(self, z: list[Vector]) -> list[Vector]:
        """The sums over j of W_ij z_j in (6) and (10)."""
        agents = range(len(z))
        return [
            plus(*(times(self.W[i][j] if self.c.own or i != j else Fraction(0), z[j]) for j in agents))
            for i in agents
        ]

    def _moved(self, s: Agents) -> tuple[list[Vector], list[Vector]]:
        x = [plus(Wx, times(-self.c.alpha, u)) for Wx, u in zip(self._sums(s.x), s.u, strict=True)]  # (6)
        y = [plus(y, times(-self.c.beta, v)) for y, v in zip(s.y, s.v, strict=True)]  # (7)
        return x, y

    def _tracked(self, s: Agents, p: list[Vector]) -> list[Vector]:
        rows = zip(self._sums(s.u), p, s.p, strict=True)
        return [plus(Wu, new, times(Fraction(-1), old)) for Wu, new, old in rows]  # (10)

    def _exact_lower(self, x: list[Vector], y: list[Vector]) -> list[Vector]:
        return [mean(t.grad_y_g(x[i], y[i]) for t in terms) for i, terms in enumerate(self.problem)]

    def _refreshed(self, x: list[Vector], y: list[Vector]) -> list[Vector]:
        if self.c.refresh == "exact":
            return [surrogate(terms, x[i], y[i]) for i, terms in enumerate(self.problem)]
        return [geometric(terms, x[i], y[i], self.c.K, self.c.L_g) for i, terms in enumerate(self.problem)]

    def _sampled(self, i: int, picks: Picks, x: Vector, y: Vector) -> tuple[Vector, Vector]:
        """The batch means of (22) and of the y-gradient of g, for one agent at one point."""
        r, terms, p, v = self.replica, self.problem[i], [], []
        for s in range(self.batch()):
            xi = terms[picks.xi[r, i, s]]
            zeta = [xi if self.c.one else terms[picks.zeta[j, r, i, s]] for j in range(self.c.K)]
            p.append(estimate(xi, zeta, int(picks.k[r, i, s]), x, y, self.c.L_g))
            v.append((xi if self.c.lower == "xi" else zeta[0]).grad_y_g(x, y))
        return mean(p), mean(v)
