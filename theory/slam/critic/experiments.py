"""What the numbers that Section 4 and the supplement print say by themselves: Table 2, C.2, C.4, C.5."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from fractions import Fraction

import numpy as np

from spiritlevel.core.numbers import convert
from spiritlevel.synthetic.markov_game import game
from spiritlevel.theory.evidence import broken
from spiritlevel.theory.plots import Curve, Plot, fitted
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.critic.instances import digits
from spiritlevel.theory.slam.critic.witnesses import settings_witness
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict

TABLE_2 = {2: 62976, 4: 30336, 6: 19328, 8: 12672, 10: 6656}
"""Number of agents, samples passed until the test accuracy is 93.5 %."""
PASS, BATCH = 128, 32
"""Training samples per agent, and per step (C.5)."""
MNIST = 60000
"""Images in its training set."""


def slope(table: Mapping[int, float]) -> float:
    """Least-squares slope of log samples against log n.

    Examples
    --------
    >>> round(slope(TABLE_2), 3), round(slope({2: 60, 4: 30, 10: 12}), 3)
    (-1.316, -1.0)
    """
    return float(np.polyfit(np.log(list(table)), np.log(list(table.values())), 1)[0])


def local_slopes(table: Mapping[int, float]) -> list[float]:
    """Slopes between neighbouring entries."""
    return [math.log(table[b] / table[a]) / math.log(b / a) for a, b in itertools.pairwise(sorted(table))]


def at_least_linear(table: dict[int, int]) -> bool:
    """Whether every increase of n by a factor divides the samples by at least that factor.

    Examples
    --------
    >>> at_least_linear(TABLE_2), at_least_linear({2: 60, 4: 31})
    (True, False)
    """
    return all(
        Fraction(table[a], table[b]) >= Fraction(b, a) for a, b in itertools.combinations(sorted(table), 2)
    )


def _figure() -> Plot:
    n = sorted(TABLE_2)
    return Plot(
        title="Table 2",
        x_label="agents n",
        y_label="samples passed per agent",
        curves=(
            Curve("printed", n, [TABLE_2[k] for k in n], "points"),
            Curve("1/n through n = 2", n, fitted(n, -1.0, (2, TABLE_2[2])), "dashed"),
        ),
        log="xy",
        caption="Steeper than 1/n, and steeper and steeper: the slope between neighbours goes from -1.05 to -2.89.",
    )


def _check_speedup(ctx: Context) -> Finding:
    holds, work = at_least_linear(TABLE_2), [n * z for n, z in TABLE_2.items()]
    without = {n: z for n, z in TABLE_2.items() if n != 10}
    passes = [Fraction(z, PASS) for z in TABLE_2.values()]
    return Finding(
        verdict=Verdict.SUPPORTED if holds else Verdict.REFUTED,
        method=Method.RATIONAL,
        summary=f"n times samples falls: {', '.join(map(str, work))}; log-log slope {slope(TABLE_2):.3f}, without n = 10 {slope(without):.3f}, between neighbours "
        f"{', '.join(f'{s:.2f}' for s in local_slopes(TABLE_2))}; all entries are whole passes over 128 samples ({', '.join(map(str, passes))})",
        numbers={
            "n_times_samples": work,
            "slope": slope(TABLE_2),
            "slope_without_10": slope(without),
            "local_slopes": local_slopes(TABLE_2),
            "whole_passes": all(z.denominator == 1 for z in passes),
        },
        cases=10,
        figures=(_figure(),),
    )


SPEEDUP = Statement(
    id="slam/exp-speedup",
    paper=PAPER,
    location="C.5.1, 'there at least exists a linear speed-up'; Table 2, Figure 8",
    kind="speedup",
    sentence="In Table 2 the samples per agent until 93.5 % test accuracy fall at least like 1/n, between any two numbers of agents.",
    formula=r"N(n)/N(m) \ge m/n,\ n < m",
    because="True of the printed numbers, which fall faster than 1/n: slam/exp-linear, slam/exp-faster-than-noise.",
    check=_check_speedup,
    expected=Verdict.SUPPORTED,
)


def _check_linear(ctx: Context) -> Finding:
    # the test accuracy is looked at after whole passes: an entry may be late by less than one
    low, high = ({n: n * (z - late) for n, z in TABLE_2.items()} for late in (PASS, 0))
    apart = min(low.values()) > 0 and max(low.values()) > min(high.values())
    ratio = Fraction(max(n * z for n, z in TABLE_2.items()), min(n * z for n, z in TABLE_2.items()))
    least = Fraction(max(low.values()), min(high.values()))
    return Finding(
        verdict=Verdict.REFUTED if apart else Verdict.SUPPORTED,
        method=Method.RATIONAL,
        summary=f"n times samples would be constant; it varies by a factor {float(ratio):.3f}, at least {float(least):.3f} if every entry may be late by one pass over "
        f"128 samples",
        numbers={"factor": float(ratio), "factor_at_least": float(least), "resolution": PASS},
        cases=len(TABLE_2),
    )


LINEAR = Statement(
    id="slam/exp-linear",
    paper=PAPER,
    location="Table 2 and Figure 8(b), 'Linear speed-up'; C.5.1, 'consistent with the theoretical analysis'",
    kind="speedup",
    variant="added",
    sentence="Table 2 shows the linear speedup of 1/(n eps^2) and no other: samples per agent in proportion to 1/n.",
    formula=r"n N(n) = \mathrm{const}",
    because="The paper says 'at least' linear, which the table is (slam/exp-speedup). The speedup from 2 to 10 agents is 9.5, not 5: an upper bound O(1/(n eps^2)) is "
    "not contradicted, but averaging the noise of n samples does not explain it.",
    check=_check_linear,
    expected=Verdict.REFUTED,
)


def _check_same_task(ctx: Context) -> Finding:
    held = {n: n * PASS for n in TABLE_2}
    same = len(set(held.values())) == 1
    whole = any(total == MNIST for total in held.values())
    return Finding(
        verdict=Verdict.SUPPORTED if same else Verdict.REFUTED,
        method=Method.RATIONAL,
        summary=f"128 training samples per agent: {', '.join(f'{total} for n = {n}' for n, total in held.items())}; the parts are "
        f"{'' if whole else 'never '}all of MNIST's 60000 (that would be {float(Fraction(MNIST, PASS))} agents)",
        numbers={"training_samples": {str(n): total for n, total in held.items()}, "mnist": MNIST},
        cases=len(held),
    )


SAME_TASK = Statement(
    id="slam/exp-same-task",
    paper=PAPER,
    location="C.5, 'We divide the MNIST dataset as n parts, where each of them only includes 128 data samples'",
    kind="qualitative",
    variant="added",
    sentence="The rows of Table 2 are one task, the same training data divided among more and more agents.",
    formula=r"128\, n = \mathrm{const}",
    because="With 128 samples each, ten agents train on five times the data of two, and reach 93.5 % test accuracy on a larger problem: more data and more agents "
    "are not told apart.",
    check=_check_same_task,
    expected=Verdict.REFUTED,
)


def _check_conditions(ctx: Context) -> Finding:
    rho, agents = Fraction(1, 10), range(4, 11)
    meets = [n for n in agents if rho >= n]
    return Finding(
        verdict=Verdict.REFUTED if not meets else Verdict.SUPPORTED,
        method=Method.RATIONAL,
        summary=f"rho = 1/10 is below n = 4, .., 10 in all {len(agents)} cases; in the pursuit task rho = 5 allows up to 5 pursuers, whose number is not given",
        numbers={"rho": "1/10", "least_n": 4, "meets": meets},
        cases=len(agents),
    )


CONDITIONS = Statement(
    id="slam/exp-conditions",
    paper=PAPER,
    location="C.2, C.4.1; Corollary 1, 'rho >= n'",
    kind="step size",
    variant="added",
    sentence="The settings of the cooperative navigation task, where only critics are shared, meet Corollary 1's condition rho >= n.",
    formula=r"\rho = 10^{-1} \ge n \in \{4, \dots, 10\}",
    because="The experiments on SLAM-L use a penalty 40 to 100 times smaller than the corollary asks for.",
    check=_check_conditions,
    expected=Verdict.REFUTED,
)


def _check_settings(ctx: Context) -> Finding:
    return broken(
        settings_witness(),
        "two agents, frozen actors, C.2's critic step and rho: from consensus the first iterate is the same for all gamma, the second holds rho (1 + gamma)",
        numbers={"gammas": [1, 2]},
        cases=2,
    )


SETTINGS = Statement(
    id="slam/exp-settings",
    paper=PAPER,
    location="C.2, C.3, C.5",
    kind="qualitative",
    variant="added",
    sentence="The printed settings, step sizes and rho, determine the iterates of SLAM-AC.",
    because="gamma of (3), which scales penalty and multipliers, is not given; where the supplement writes gamma it is the discount factor.",
    check=_check_settings,
    expected=Verdict.REFUTED,
)


def variances(n: int) -> tuple[Fraction, Fraction]:
    """The variance of (212) per agent and its squared mean, both summed over an agent's two parameters, exactly.

    One state; agent i is paid 1 for its own first action, which all take with probability 1/2; discount factor 1/2;
    the mean reward for the reward model and V for the critic.

    Examples
    --------
    >>> variances(2)
    (Fraction(1, 8), Fraction(1, 8))
    """
    A = 2**n
    rewards = [[[1 - digits(a, n)[i] for a in range(A)]] for i in range(n)]
    made = game([[[1]] * A], rewards, [1], discount=Fraction(1, 2)).over("fraction")
    pi = convert(np.full((1, n, 1, 2), 0.5), "fraction")
    V, gamma = made.value(made.joint(pi))[0, 0], Fraction(made.discount)
    samples = []
    for a in range(A):
        gain = (made.mean_reward[0, a] + gamma * V - V) / (1 - gamma)
        samples.append([gain * ((b == digits(a, n)[0]) - Fraction(1, 2)) for b in range(2)])
    mean = [sum(z[b] for z in samples) / A for b in range(2)]
    square = sum((z[b] ** 2 for z in samples for b in range(2)), Fraction(0)) / A
    squared_mean = sum((m**2 for m in mean), Fraction(0))
    return square - squared_mean, squared_mean


def _check_variance(ctx: Context) -> Finding:
    found = {n: variances(n) for n in range(1, ctx.pick(7, 9))}
    ratios = {n: v / m for n, (v, m) in found.items()}
    stacked = {n: n * v for n, (v, _) in found.items()}
    grows = all(ratios[n + 1] > ratios[n] and stacked[n + 1] > stacked[n] for n in list(found)[:-1])
    line = all(ratio == n - 1 for n, ratio in ratios.items())
    alone = [v for v, _ in found.values()]
    return Finding(
        verdict=Verdict.SUPPORTED if grows and line else Verdict.REFUTED,
        method=Method.RATIONAL,
        summary=f"one state, agents paid for their own actions, n = 1..{max(found)}: over the squared gradient the variance of (212) is exactly n - 1, stacked over agents "
        f"{', '.join(str(v) for v in stacked.values())}; per agent, with the mean reward of (206), it is {', '.join(str(v) for v in alone)}: from n = 2 on it falls",
        numbers={
            "relative": [str(r) for r in ratios.values()],
            "stacked": [str(v) for v in stacked.values()],
            "per_agent": [str(v) for v in alone],
        },
        cases=len(found),
    )


VARIANCE = Statement(
    id="slam/exp-variance",
    paper=PAPER,
    location="C.4.1, 'the variance of the multi-agent policy gradient estimate grows as the number of agents increases'",
    kind="qualitative",
    sentence="The variance of the multi-agent policy gradient estimate (212) grows with the number of agents: stacked over agents, and relative to the "
    "gradient; shown for agents that are paid for their own actions.",
    formula=r"\mathrm{Var}\,\hat\nabla_{\theta_i} J / \|\nabla_{\theta_i} J\|^2 = n - 1",
    because="The other agents' actions are noise to each. With rewards averaged over agents, not summed, it is the gradient that becomes small.",
    check=_check_variance,
    expected=Verdict.SUPPORTED,
)
