"""Where the actors can settle: certain policies that no agent wants to leave, by the critic that it has; all enumerated, exactly."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from spiritlevel.core.numbers import Array, convert
from spiritlevel.synthetic.critics import minimiser
from spiritlevel.synthetic.markov_game import Game, Law, random_game
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.critic.instances import digits
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict

MARGIN = 1e-12
"""Differences above it, relative to Q, are not rounding: Q comes of solving 3 x 3 systems of condition below 1e3."""


def certain_policies(n: int, S: int) -> tuple[Array, Array]:
    """All policies without chance, ``(K, n, S, 2)``, and their joint actions, ``(K, S)``."""
    actions = np.array(list(itertools.product(range(2**n), repeat=S)))
    own = np.array([digits(a, n) for a in range(2**n)])[actions]  # (K, S, n)
    pi = np.stack([1 - own, own], axis=-1).swapaxes(1, 2)
    return convert(pi, "fraction"), actions


@dataclass(frozen=True)
class Settled:
    """Which certain policies attract the actors, J of all of them, and the least advantage that decided it, relative to Q."""

    places: frozenset[int]
    J: Array
    margin: float

    @property
    def mean(self) -> float:
        """The mean of J over the places."""
        return float(sum(self.J[sorted(self.places)]) / len(self.places))


def settled(made: Game, law: Law, exact_value: bool) -> Settled:
    r"""Where (212) with the solutions of (211c), (211d), or with the value function, attracts: every deviation of one agent
    in one state loses.

    Near such a policy the parameters of the chosen actions rise, since :math:`\dot\theta_{i,s,b} \propto \pi_i(b|s) (q_b - \bar q)`.

    Examples
    --------
    One state that pays 1 for the second action.

    >>> from spiritlevel.synthetic.markov_game import game
    >>> made = game([[[1], [1]]], [[[0, 1]]], [1], discount="1/2")
    >>> settled(made, "uniform", exact_value=False).places
    frozenset({1})
    """
    pi, actions = certain_policies(made.n, made.states)
    pi = convert(pi, made.field)
    joint = made.joint(pi)
    w = made.value(joint) if exact_value else minimiser(made, pi, law)
    Q = made.mean_reward + made.gamma * made.ahead(w)
    rows = np.arange(len(pi))[:, None], np.arange(made.states)[None]
    losses = np.stack([Q[(*rows, actions)] - Q[(*rows, actions ^ (1 << i))] for i in range(made.n)])
    margin = float(abs(losses).min() / abs(Q).max())
    good = (losses > 0).all(axis=(0, 2))
    return Settled(frozenset(np.flatnonzero(good).tolist()), made.objective(pi), margin)


def _check(ctx: Context) -> Finding:
    rows: dict[str, dict[str, float]] = {}
    confirmed, cases, margins = 0, 0, [1.0]
    for n, S in ((1, 3), (2, 3)):
        gains: list[float] = []
        other = nowhere = 0
        for k in range(ctx.pick(60, 400)):
            made = random_game(ctx.seed(n, S, k), n, S)
            value, critic = (settled(made, "stationary", exact) for exact in (True, False))
            margins += [value.margin, critic.margin]
            cases += 1
            if value.places == critic.places:
                continue
            other += 1
            if other <= 2:
                fractions = random_game(ctx.seed(n, S, k), n, S, rational=True)
                again = [settled(fractions, "stationary", exact).places for exact in (True, False)]
                confirmed += again == [value.places, critic.places]
            if value.places and critic.places:
                gains.append(critic.mean - value.mean)
            nowhere += not critic.places
        rows[f"{n} agents, {S} states"] = {
            "others": other,
            "nowhere": nowhere,
            "J_lower": sum(g < 0 for g in gains),
            "J_higher": sum(g > 0 for g in gains),
            "least": min(gains, default=0.0),
            "most": max(gains, default=0.0),
        }
    text = "; ".join(
        f"{name}: other places in {row['others']:.0f}, with a mean J that is lower in {row['J_lower']:.0f} and higher in {row['J_higher']:.0f} "
        f"({row['least']:.2g} to {row['most']:.2g})"
        for name, row in rows.items()
    )
    differ = any(row["others"] for row in rows.values())
    sure = min(margins) > MARGIN
    return Finding(
        verdict=(Verdict.REFUTED if confirmed else Verdict.INCONCLUSIVE) if differ else Verdict.SUPPORTED,
        method=Method.RATIONAL,
        summary=f"all certain policies of {cases} random games under the stationary law, {confirmed} of the differences again in exact rationals; {text}",
        numbers={
            "games": rows,
            "confirmed_exactly": confirmed,
            "least_margin": min(margins),
            "margins_are_sure": sure,
        },
        cases=cases,
    )


SETTLING = Statement(
    id="slam/ac-settling",
    paper=PAPER,
    location="(211), (212)",
    kind="qualitative",
    variant="added",
    sentence="The critic's bias does not matter in the end: with the solutions of (211c) and (211d) the actors can settle at the same policies as with the "
    "value function.",
    formula=r"\{\pi : \bar R + \gamma E w^*_\pi \text{ prefers } \pi\} = \{\pi : \bar R + \gamma E V_\pi \text{ prefers } \pi\}",
    because="(211c) smooths the values of states that follow by chance, which changes which action looks best. A single agent loses by it; several, who may be "
    "stuck with the exact values too, lose or gain.",
    check=_check,
    expected=Verdict.REFUTED,
)
