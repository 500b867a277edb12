r"""Critics of a Markov game, as the linear systems that they solve, and the policy gradient with a critic plugged in.

.. math:: w^*(\theta) = \arg\min_w \tfrac1n \sum_i \mathbb E (R_i(s, a) + \gamma w(s') - w(s))^2 \qquad (211c)

and two others that (211c) may be meant for. Policies, laws and number systems as in `spiritlevel.synthetic.markov_game`.

Lu et al., NeurIPS 2022 (SLAM), supplement, Section C.1.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from spiritlevel.core.numbers import Array, convert, inverse
from spiritlevel.synthetic.markov_game import Game, Law

Critic = Literal["residual", "td", "double"]
CRITICS: tuple[Critic, ...] = ("residual", "td", "double")
"""(211c); its semi-gradient, temporal differences; (211c) with the mean over a and s' inside the square."""


def critic_system(made: Game, pi: Array, law: Law, critic: Critic = "residual") -> tuple[Array, Array]:
    r"""H and :math:`b_i` of agent i's critic, which moves against :math:`H w - b_i`; shapes ``(R, S, S)``, ``(R, n, S)``.

    With D the diagonal matrix of the law :math:`\nu` of s, :math:`K = I - \gamma P` and :math:`r_i(s) = E_a R_i`:

    ============ ==================================================================== ===========================================
    critic       H / 2                                                                b_i / 2
    ============ ==================================================================== ===========================================
    ``residual`` :math:`D - \gamma (DP + P^\top D) + \gamma^2 diag(P^\top \nu)`        :math:`D r_i - \gamma E R_i(s, a) e_{s'}`
    ``td``       :math:`D K`                                                           :math:`D r_i`
    ``double``   :math:`K^\top D K`                                                    :math:`K^\top D r_i`
    ============ ==================================================================== ===========================================

    Examples
    --------
    Two states that follow each other at random, the first with reward 1: V = (3/2, 1/2).

    >>> from fractions import Fraction
    >>> from spiritlevel.synthetic.markov_game import game
    >>> half = Fraction(1, 2)
    >>> made = game([[[half] * 2] * 2] * 2, [[[1, 1], [0, 0]]], [half, half], discount=half)
    >>> pi = np.full((1, 1, 2, 2), half)
    >>> [list(map(str, minimiser(made, pi, "uniform", critic)[0])) for critic in CRITICS]
    [['7/5', '3/5'], ['3/2', '1/2'], ['3/2', '1/2']]
    """
    joint = made.joint(pi)
    nu, P = made.law(law, joint), made.chain(joint)
    eye = convert(np.eye(made.states, dtype=int), made.field)
    D, K = nu[..., None] * eye, eye - made.gamma * P
    r = (made.rewards[None] * joint[:, None]).sum(axis=-1)
    if critic == "td":
        return 2 * (D @ K), 2 * nu[:, None] * r
    if critic == "double":
        KD = np.swapaxes(K, 1, 2) @ D
        return 2 * (KD @ K), 2 * (KD[:, None] @ r[..., None])[..., 0]
    DP, after = D @ P, (nu[:, None, :] @ P)[:, 0]
    H = D - made.gamma * (DP + np.swapaxes(DP, 1, 2)) + made.gamma**2 * after[..., None] * eye
    weights = nu[:, None, :, None] * joint[:, None] * made.rewards[None]
    carried = (weights[..., None] * made.transitions).sum(axis=(2, 3))
    return 2 * H, 2 * (nu[:, None] * r - made.gamma * carried)


def minimiser(made: Game, pi: Array, law: Law, critic: Critic = "residual") -> Array:
    """The agents' common critic: where the mean of ``H w - b_i`` vanishes; shape ``(R, S)``."""
    H, b = critic_system(made, pi, law, critic)
    return (inverse(H) @ (b.sum(axis=1) / made.n)[..., None])[..., 0]


def plugged_in(made: Game, pi: Array, law: Law, w: Array, phi: Array) -> Array:
    """The mean of (212) with s drawn from a law, ``w`` of shape ``(R, n or 1, S)`` and ``phi`` ``(R, n or 1, S, A)``.

    Returns
    -------
    Shape ``(R, n, S, 2)``; the derivative of J for the discounted law, ``w = V`` and ``phi`` the mean reward.
    """
    joint = made.joint(pi)
    k = phi + made.gamma * made.ahead(w) - w[..., None]
    weights = (made.law(law, joint)[..., None] * joint)[:, None]
    return made.scores(weights * k, pi) / (1 - made.gamma)
