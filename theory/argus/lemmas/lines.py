"""(46), (48) and (49) as printed, and readings of them: one exact step against each, and how often runs break them."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.argus.lemmas import lines_witnesses as witnesses
from spiritlevel.theory.argus.lemmas.claims import refuting
from spiritlevel.theory.argus.lemmas.kink_witness import line46_l1
from spiritlevel.theory.argus.lemmas.lines_runs import AGED, AWAKE, TURNS, failing, measured, needed, slack
from spiritlevel.theory.evidence import broken, plain, sides
from spiritlevel.theory.statement import Context, Finding, Statement, Verdict
from spiritlevel.theory.witness import Witness


def line(number: str, witness: Callable[[], Witness], sentence: str, because: str, what: str) -> Statement:
    """A line as printed, the step that breaks it, and exact runs: all awake, and one at a time."""

    def check(ctx: Context) -> Finding:
        awake, turns = measured(ctx, AWAKE)[number], measured(ctx, TURNS, tau_k_1=AGED)[number]
        found, stretched = witness(), needed(ctx)
        left, right = (float(Fraction(side)) for side in sides(found)[0])
        return broken(
            found,
            f"{what}: {left:.5g} against {right:.5g}; in exact runs it fails in {failing(turns)} of {len(turns)} cases where agents take turns, in {failing(awake)} of "
            f"{len(awake)} with all awake, right over left being {slack(awake)[0]:.4g} or more there, {slack(awake)[1]:.3g} in the middle",
            {
                "failing_in_turns": failing(turns),
                "failing_awake": failing(awake),
                "right_over_left_awake": slack(awake),
                "tau_k_1_awake": 1,
                "tau_k_1_in_turns": AGED,
                "tau_k_1_needed_in_turns": plain(stretched),
            },
            cases=1 + len(awake) + len(turns),
            audit=()
            if stretched <= AGED
            else (f"1(c) violated: runs in turns need tau k_1 = {stretched:.3g}, {AGED} is on the right",),
        )

    return Statement(
        id=f"argus/{number}",
        paper=PAPER,
        location=f"({number})",
        kind="lemma",
        sentence=sentence,
        because=because,
        about=("argus",),
        check=check,
        expected=Verdict.REFUTED,
    )


MAPPING = line(
    "46",
    witnesses.line46,
    "The proximal gradient mapping at d, summed over agents, and the consensus error of x are at most the right side of (46), with 2/eta^2 times the sum of |x_i^{t+1} - d_i|^2.",
    "|x_i^{t+1} - d_i|^2 is 0 for whoever sleeps, but the mean gradient on the left counts all agents: with fewer than half of them awake, and R = 0, two steps cannot make up "
    "for it. Theorem 1 asks for E[eta_i] = eta; with equal virtual rates, E[tilde eta_i] = eta, it holds where R = 0, with the age of what is read in the place of tau k_1 times movements: argus/46-repaired. (46) has the mapping at d, (31) at x. With R = |x| it fails with all awake: argus/46-l1.",
    "three identical agents, G = x^2/2, R = 0, that take turns, at t = 2",
)
MAPPING_L1 = refuting(
    "argus/46-l1",
    line46_l1,
    "With everyone awake and R = |x|, (46) holds.",
    "The mapping of the mean gradient is not the mean of the mappings: two agents of three rest where they are, and the mean gradient would take all three to the kink. "
    "It makes no difference whether the proximal map in P has weight 1, as printed, or eta, or is that of r = 0, (27) having r in the place of R.",
    "the third round of three agents that agreed at t = 0, with (x + 1)^2/2, (x - 1)^2/2, (x - 1)^2/2 for G, eta = 1/90000",
    variant="added",
)
LAMBDA = line(
    "48",
    witnesses.line48,
    "The squared gradient of the regularised Lagrangian in a multiplier of a cut is at most the right side of (48).",
    "The argument puts (lambda^{t+1} - lambda^t)/eta in the place of the gradient, which is right for whoever is awake. Asleep, lambda does not change, however violated the cut is. "
    "Theorem 1 asks for E[eta_i] = eta; with equal virtual rates, E[tilde eta_i] = eta, the first inequality is proved with 2/p for 3 (argus/48-repaired) and the second fails (argus/48-movement-rates); with all awake both hold.",
    "two identical agents, the second asleep since the cut was made, t = T_1 + 2 = 4",
)
THETA = line(
    "49",
    witnesses.line49,
    "The squared gradient of the regularised Lagrangian in theta_ij is at most the right side of (49).",
    "theta of an agent asleep does not change, as lambda in argus/48, and its gradient, x_i - x_j - c theta, outlasts the x that come together, be c that of t or "
    "of t - 1. "
    "Of readings of the rates the same holds as for (48).",
    "three agents that take turns, G_1 = (x - 24)^2/4, G_2 = G_3 = (x - 1)^2/4, at t = 5",
)
RATES = refuting(
    "argus/48-movement-rates",
    witnesses.movement,
    "With equal virtual rates, E[tilde eta_i] = eta, the expected movement is within the terms that (48) and (49) put in its place.",
    "The step eta/p of an agent that is awake with probability p has the mean square eta^2/p, not eta^2. So no one reading of the rates saves the whole argument: with equal steps "
    "those who sleep break (46), (48) and (49), with equal virtual rates those who are awake break this step of it.",
    "two identical agents that agree, G = y^2/2, awake with probabilities 1 and 1/4",
    variant="added",
)
