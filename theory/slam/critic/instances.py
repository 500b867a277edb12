"""Games and policies in exact rationals for the checks of this folder, and (212) by plain loops."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.numbers import Array, convert
from spiritlevel.synthetic.markov_game import Game, game, random_game, random_policy
from spiritlevel.theory.statement import Context

HALF = Fraction(1, 2)
SIZES = ((1, 2), (2, 2), (2, 3), (3, 2))
"""Numbers of agents and states."""


def games(ctx: Context, each: int, sizes: tuple[tuple[int, int], ...] = SIZES) -> list[tuple[Game, Array]]:
    """Random rational games of each size with a random policy ``(1, n, S, 2)`` of each agent's own."""
    found = []
    for (n, S), k in itertools.product(sizes, range(each)):
        discount = (HALF, Fraction(3, 4), Fraction(9, 10))[k % 3]
        made = random_game(ctx.seed("game", n, S, k), n, S, discount=discount, rational=True)
        found.append((made, random_policy(ctx.seed("policy", n, S, k), made)))
    return found


def walk(n: int = 1) -> Game:
    """Stay safe in state 0 for reward 1, or leave for states 1 and 2, which pay 0 and 2 and lead on at random.

    The first agent chooses in state 0; nothing else depends on actions. Discount factor 3/4. Its reward is n times
    that of the game, so that the mean is.

    Examples
    --------
    >>> made = walk()
    >>> stay = convert([[[[p, 1 - p], [1, 0], [1, 0]]] for p in (0, 1)], "fraction")
    >>> list(map(str, made.objective(stay)))
    ['9/2', '132/31']
    """
    after = {"stay": [1, 0, 0], "leave": [0, HALF, HALF]}
    rest = [[HALF, 0, HALF], [0, HALF, HALF]]
    others = 2 ** (n - 1)
    first = [after["stay"]] * others + [after["leave"]] * others
    P = [first, *([row] * (2 * others) for row in rest)]
    own = [[n * r] * (2 * others) for r in (1, 0, 2)]
    none = [[0] * (2 * others)] * 3
    return game(P, [own, *[none] * (n - 1)], [Fraction(1, 3)] * 3, discount=Fraction(3, 4))


def staying(p: Any, n: int = 1) -> Array:
    """Policies for `walk`: the first agent stays with probability p, and all else is even; ``(1, n, 3, 2)``."""
    pi = convert(np.full((1, n, 3, 2), 0.5), "fraction")
    pi[0, 0, 0] = convert([p, 1 - Fraction(p)], "fraction")
    return pi


def digits(a: int, n: int) -> list[int]:
    """The agents' actions of a joint action.

    Examples
    --------
    >>> digits(4, 3)
    [1, 0, 0]
    """
    return [(a >> (n - 1 - i)) & 1 for i in range(n)]


def chance(pi: Array, s: int, a: int, n: int) -> Fraction:
    """The probability of a joint action."""
    found = Fraction(1)
    for i, b in enumerate(digits(a, n)):
        found *= pi[0, i, s, b]
    return found


def literal_estimate(made: Game, pi: Array, law: Any, w: Any, phi: Any, base: Any) -> list[Any]:
    r"""The mean of (212) by loops over s, a, s': nested lists ``n, S, 2``.

    ``w[i][s]``, ``phi[i][s][a]``; ``base[i][s]`` stands in the place of the subtracted :math:`\varphi(s)^\top w_i`.
    """
    n, S, A = made.n, made.states, made.actions
    gamma = Fraction(made.discount)
    total = [[[Fraction(0)] * 2 for _ in range(S)] for _ in range(n)]
    for s, a in itertools.product(range(S), range(A)):
        weight = law[s] * chance(pi, s, a, n) / (1 - gamma)
        for i, own in enumerate(digits(a, n)):
            gain = sum(
                made.transitions[s, a, t] * (phi[i][s][a] + gamma * w[i][t] - base[i][s]) for t in range(S)
            )
            for b in range(2):
                total[i][s][b] += weight * gain * ((b == own) - pi[0, i, s, b])
    return total


def moebius(values: list[Fraction], at: list[Fraction]) -> Fraction:
    r"""The derivative at ``at[0]`` of the function :math:`(a + bp)/(c + dp)` with these values at three points: exact.

    Examples
    --------
    >>> moebius([Fraction(1), Fraction(1, 2), Fraction(1, 3)], [Fraction(1), Fraction(2), Fraction(3)])
    Fraction(-1, 1)
    """
    (f, g, h), (x, y, z) = values, at
    if g == h:  # it takes no value twice, unless it is constant
        return Fraction(0)
    return (f - g) * (f - h) / (g - h) * (y - z) / ((x - y) * (x - z))


def differentiated(made: Game, pi: Array, i: int, s: int) -> tuple[Fraction, bool]:
    r"""The derivative of J in :math:`\theta_{i,s,0}` from values of J alone, and whether a fourth value confirms their form.

    One row of the transition matrix moves with :math:`p = \pi_i(0|s)`, affinely: so J is a Moebius function of p, and
    three values determine it. :math:`\partial p / \partial \theta_{i,s,0} = p(1-p)`.
    """
    p = pi[0, i, s, 0]
    at = [p, p / 2, (1 + p) / 2, (1 + 2 * p) / 3]
    moved = np.repeat(pi, 4, axis=0)
    for k, value in enumerate(at):
        moved[k, i, s] = np.array([value, 1 - value], dtype=object)
    J = list(made.objective(moved))
    same = moebius([J[0], J[1], J[3]], [at[0], at[1], at[3]]) == moebius(J[:3], at[:3])
    return p * (1 - p) * moebius(J[:3], at[:3]), same
