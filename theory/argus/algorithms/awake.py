"""Section III-B's activation probabilities beside Assumption 1(c), 'active at least once every tau iterations'."""

from __future__ import annotations

from fractions import Fraction

from spiritlevel.core.activity import Chances
from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.evidence import broken
from spiritlevel.theory.statement import Context, Finding, Statement, Verdict
from spiritlevel.theory.witness import Condition, Witness

F = Fraction
CHANCE, TAU, AGENTS = F(1, 2), 5, 10
HORIZONS = (100, 1000)


def kept(p: Fraction, tau: int, rounds: int) -> Fraction:
    """The probability that an agent, awake with probability p each time, is never idle ``tau`` iterations running.

    Examples
    --------
    >>> kept(Fraction(1, 2), 2, 3)  # 5 of 8 words of three letters have no two idles in a row
    Fraction(5, 8)
    """
    idle = [F(1), *[F(0)] * (tau - 1)]  # by the number of idle iterations just before
    for _ in range(rounds):
        idle = [p * sum(idle), *[(1 - p) * v for v in idle[:-1]]]
    return sum(idle, F(0))


def idle_witness() -> Witness:
    """tau = 5, p = 1/2: five idle iterations in a row have the probability 1/32, in every block of five.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(idle_witness()).ok
    True
    """
    return Witness(
        statement="argus/active-once",
        paper=PAPER,
        location="Section III-B; Assumption 1(c)",
        claim_text="with probability more than a thousandth each of 10 agents is active once in each of 40 blocks of 5 iterations",
        note="blocks do not overlap, so that they are independent; the assumption asks for more, any 5 iterations",
        given={"p": "1/2", "tau": 5, "N": 10, "blocks": 40},
        define=(("once", "1 - (1 - p)**tau"), ("all", "(once**blocks)**N")),
        assume=(Condition("a probability below 1", "0 < p and p < 1"),),
        claim=Condition("more than a thousandth", "all > 1/1000"),
    )


def seen_idle(p: Fraction, tau: int, rounds: int, seed: int) -> tuple[int, int]:
    """The longest idle stretch of ten agents in the model of ``core``, with no bound and with ``tau``."""
    longest = []
    for bound in (0, tau):
        stream, idle, most = Chances((float(p),), bound).source(seed, range(1)), [0] * AGENTS, 0
        for _ in range(rounds):
            awake = stream.next(AGENTS)[0, :, 0]
            idle = [0 if on else k + 1 for on, k in zip(awake, idle, strict=True)]
            most = max(most, *idle)
        longest.append(most)
    return longest[0], longest[1]


def _check_once(ctx: Context) -> Finding:
    chances = [float(kept(CHANCE, TAU, T) ** AGENTS) for T in HORIZONS]
    free, forced = seen_idle(CHANCE, TAU, 1000, ctx.seed())
    return broken(
        idle_witness(),
        f"N = {AGENTS}, p = 1/2, tau = {TAU}: Assumption 1(c) holds over {HORIZONS[0]} iterations with probability {chances[0]:.2g}, over {HORIZONS[1]} with {chances[1]:.2g}, exact recursion; "
        f"in 1000 iterations the longest idle stretch is {free}, and {forced} where agents are forced awake",
        {"chances": chances, "longest": [free, forced]},
        cases=len(HORIZONS),
    )


ONCE = Statement(
    id="argus/active-once",
    paper=PAPER,
    location="Section III-B, 'each agent i is active with probability p_i^t'; Assumption 1(c)",
    kind="network",
    variant="added",
    sentence="Agents that are active with a probability of their own in every iteration, independently, are active at least once every tau iterations.",
    formula=r"P(\text{some agent idle in } t+1, \dots, t+\tau \text{ for some } t) = 0",
    because="For every p_i < 1 it fails with a probability that tends to 1 with the number of iterations. Both hold where idle agents are forced awake, and then the rate is no "
    "longer p_i: argus/virtual-rate-forced.",
    check=_check_once,
    expected=Verdict.REFUTED,
)
