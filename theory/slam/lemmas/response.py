r"""How far bounded samples can move x in one iteration: the impulse response of SLAM, mode by mode.

From a consensus with zero multipliers, and with :math:`q = \rho s/\tau_f`, :math:`c = q/\gamma`, the move of x along an eigenvector
of :math:`A^\top A` is :math:`-\frac1\alpha \sum_k d_k h^{r-k}`, where the :math:`d_k` have the generating function

.. math:: \frac{(z-1)^2}{(z-p_1)(z-p_2)}, \qquad p_1 + p_2 = 2 - q - c, \quad p_1 p_2 = 1 - q .

For :math:`\gamma \ge 3`, :math:`q \le 1` and :math:`(q+c)^2 \ge \frac{16}{3} c` both :math:`p_i` are real, in [0, 1), and
:math:`\sum_k |d_k| \le 1 + \frac{(1-p_1) + (1-p_2)}{p_2-p_1} \le 3`. Hence :math:`E|\cdot|^2 \le 9 \sup_k E|h_s^k|^2/\alpha^2` in the mode, by
Cauchy and Schwarz, 9 times as much in all modes of one eigenvalue, and once in the mean, where d is 1, 0, 0, ..
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from spiritlevel.core.arrays import squared_norm
from spiritlevel.core.numbers import Array, convert
from spiritlevel.synthetic.families import quadratic
from spiritlevel.theory.instruments.signs import certified
from spiritlevel.theory.slam.lemmas.cases import GRAPHS, Case, Prescribed, build, number
from spiritlevel.theory.statement import Context

LIMIT = 9
"""The square of the bound on the sum of the |d_k|."""

EIGENVALUES = {"complete:3": (3,), "path:3": (1, 3), "path:2": (2,), "star:4": (1, 4), "ring:4": (2, 4)}
"""The distinct eigenvalues of A'A but 0."""


def admitted(q: Fraction, gamma: Fraction) -> bool:
    r"""The condition on one mode; on :math:`q \le 1` it is hardest for the smallest eigenvalue.

    Examples
    --------
    >>> admitted(Fraction(1), Fraction(3)), admitted(Fraction(1, 3), Fraction(3)), admitted(Fraction(1, 3), Fraction(16))
    (True, False, True)
    """
    c = q / gamma
    return gamma >= 3 and q <= 1 and (q + c) ** 2 >= Fraction(16, 3) * c


def weights(q: Fraction, gamma: Fraction, count: int) -> list[Fraction]:
    """The first d_k of a mode.

    Examples
    --------
    >>> [str(d) for d in weights(Fraction(1), Fraction(4), 4)]
    ['1', '-5/4', '1/16', '3/64']
    """
    d: list[Fraction] = []
    for k in range(count):
        drive = (1, -2, 1)[k] if k < 3 else 0
        before = [d[k - j] if k >= j else Fraction(0) for j in (1, 2)]
        d.append(drive + (2 - q - q / gamma) * before[0] - (1 - q) * before[1])
    return d


def proof(limit: int = LIMIT) -> bool:
    """The algebra of this file's head, in symbols; the sums of geometric series are the only thing left to words."""
    import sympy

    q, g, z, x, v, h, h_new, p1, more = sympy.symbols("q g z x v h h_new p1 more", positive=True)
    gamma = 3 + g
    c = q / gamma
    # (5b), (4d) of one mode, v = gamma A'lambda / alpha: two steps, and the recursion without v
    x1 = (1 - q) * x - v - h
    v1 = v + c * x1
    x2 = (1 - q) * x1 - v1 - h_new
    recursion = sympy.expand(x2 - ((2 - q - c) * x1 - (1 - q) * x - (h_new - h)))
    p2 = p1 + more
    split = 1 - (1 - p1) ** 2 / (more * (z - p1)) + (1 - p2) ** 2 / (more * (z - p2))
    fractions = sympy.simplify(split - (z - 1) ** 2 / ((z - p1) * (z - p2)))
    # (p2 - p1)^2 = (q + c)^2 - 4c, and (q + c)/(p2 - p1) <= room if (q + c)^2 >= 16c/3
    room = sympy.sqrt(limit) - 1
    roots = sympy.expand((2 - q - c) ** 2 - 4 * (1 - q) - ((q + c) ** 2 - 4 * c))
    slack = sympy.Symbol("slack", positive=True)
    square = sympy.Rational(16, 3) * slack + more  # (q + c)^2, where slack is c
    apart = sympy.Rational(room**2) * (square - 4 * slack) - square
    # in [0, 1): for gamma >= 3 and q <= 1 the sum 2 - q - c is at least 2/3
    inside = certified((2 - q - c).subs(q, 1 / (1 + more)), ())
    return bool(recursion == 0 and fractions == 0 and roots == 0) and certified(apart, ()) and inside


@dataclass(frozen=True)
class Response:
    """The largest squared move found, times alpha^2 and over the samples' largest squared norm, and its bound."""

    worst: Fraction
    bound: int
    runs: int


def setting(ctx: Context, graph: str, gamma: Fraction) -> Case:
    """f = 0 and no lower level to speak of; the largest eigenvalue has q = 1."""
    n, high = int(graph[-1]), GRAPHS[graph][1]
    problem = quadratic([[[1]]] * n, [[[0]]] * n, [[0]] * n, shared=True)
    rho = Fraction(1, 2)
    numbers = {"alpha": rho * gamma * high, "beta": rho * gamma * high * 2, "gamma": gamma, "rho": rho}
    return build(ctx.algorithm("slam"), problem, graph, (1, 1, 0), numbers)


def attack(ctx: Context, graph: str, gamma: Fraction, steps: int) -> Response:
    """Samples of norm 1 or less that push every mode the worst way, and random ones, put to the algorithm."""
    case = setting(ctx, graph, gamma)
    L = convert(case.network.laplacian, "float")
    values, vectors = np.linalg.eigh(L)
    rng = np.random.default_rng(ctx.seed(graph, str(gamma)))
    sequences = [rng.integers(-1, 2, (steps, case.n))]
    for s, v in zip(values[1:], vectors.T[1:], strict=True):
        q = number(case.rho * case.gamma / case.alpha) * Fraction(round(s))
        signs = [1 if d >= 0 else -1 for d in weights(q, gamma, steps)]
        sequences.append(np.outer(signs[::-1], np.round(v * 1000)).astype(int))
    h = convert(np.stack(sequences, axis=1)[..., None], "fmpq")
    s, net = case.state(convert(np.zeros((h.shape[1], case.coordinates), dtype=int), "fmpq"))
    states = case.follow(s, net, Prescribed(f=list(h)), steps)
    moved = [squared_norm(b.x - a.x) * case.alpha**2 for a, b in itertools.pairwise(states)]
    largest = _largest_norm(h)
    worst = max(number(m) / top for move in moved for m, top in zip(move, largest, strict=True))
    return Response(worst, 1 + LIMIT * len(EIGENVALUES[graph]), len(sequences))


def _largest_norm(h: Array) -> list[Fraction]:
    """The largest squared norm in each sequence."""
    norms = [squared_norm(step) for step in h]
    return [max(number(step[k]) for step in norms) for k in range(h.shape[1])]
