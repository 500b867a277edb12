"""Lemmas 1 to 5 and (50), (51) as printed: exact steps of two or three agents against each."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.argus.assumptions import ALL
from spiritlevel.theory.argus.lemmas import witnesses
from spiritlevel.theory.argus.lemmas.fifth_witness import lemma5
from spiritlevel.theory.evidence import broken, sides
from spiritlevel.theory.statement import Context, Finding, Kind, Statement, Variant, Verdict
from spiritlevel.theory.witness import Witness
from spiritlevel.theory.witness import check as recheck


def refuting(
    id: str,
    witness: Callable[[], Witness],
    sentence: str,
    because: str,
    what: str,
    kind: Kind = "lemma",
    variant: Variant = "printed",
) -> Statement:
    """A line as printed and the step that breaks it."""

    def check(ctx: Context) -> Finding:
        found = witness()
        if not recheck(found).ok:
            return broken(found, what)
        ((left, right),) = sides(found)
        return broken(
            found, f"{what}: {float(Fraction(left)):.5g} against at most {float(Fraction(right)):.5g}"
        )

    shown = witness()
    return Statement(
        id=id,
        paper=PAPER,
        location=shown.location,
        kind=kind,
        variant=variant,
        sentence=sentence,
        because=because,
        assumptions=ALL if kind == "lemma" else (),
        check=check,
        expected=Verdict.REFUTED,
    )


LEMMA_1 = refuting(
    "argus/lemma1",
    witnesses.lemma1,
    "One step in x changes E L_p at the means by at most the right side of (37), whose leading terms are -N/(2 eta) times the sums of squared steps.",
    "The descent that is claimed is about N times what a step of size eta can gain: for N identical agents -N^2 eta against -N eta.",
    "two identical agents, G = x^2/2, eta = 1/8000, which Theorem 1 admits",
)
LEMMA_2 = refuting(
    "argus/lemma2",
    witnesses.lemma2,
    "One step in y changes E L_p at the means by at most the right side of (38), with -eta N (1 - beta/2) times the sum of all squared gradients.",
    "The mean moves along the mean gradient, while (38) counts the gradients of all agents, which may cancel; and again N times too much, for identical agents as well where N >= 3.",
    "the second round of two agents that agree at t = 0, with (y - 3)^2/2 and (y + 1)^2/2 for G, eta = 1/10000",
)
LEMMA_3 = refuting(
    "argus/lemma3",
    witnesses.lemma3,
    "One iteration changes E L_p at the means by at most the right side of (39).",
    "It adds up Lemmas 1 and 2 and inherits the factor N.",
    "two identical agents, G = x^2/2, lambda = theta = 0, eta = 1/8000",
)
LEMMA_4 = refuting(
    "argus/lemma4",
    witnesses.lemma4,
    "The consensus error of x after an iteration is at most the right side of (40).",
    "Gradients that differ where all agree drive them apart by eta, and (40) allows 40 eta^2 L^2/(1 - rho) <= 1/40 of that: "
    "a bound on how much the agents' gradients differ is missing. Identical agents come apart too, when one of them sleeps: argus/lemma4-asleep.",
    "the second round of two agents that agree at t = 0, with (x - 3)^2/2 and (x + 1)^2/2 for G, eta = 1/10000",
)
LEMMA_4_Y = refuting(
    "argus/lemma4-y",
    lambda: witnesses.lemma4(True),
    "The consensus error of y after an iteration is at most the right side of (41).",
    "The own gradients enter with eta^4 where one step moves by eta.",
    "the second round of two agents that agree at t = 0, with (y - 3)^2/2 and (y + 1)^2/2 for G, eta = 1/10000",
)
LEMMA_4_ASLEEP = refuting(
    "argus/lemma4-asleep",
    witnesses.asleep,
    "For identical agents that agree the consensus error of x after an iteration is at most the right side of (40).",
    "Homogeneous data, which Section VIII assumes, do not save Lemma 4: one agent moves by eta, the other sleeps, and (40) allows a fortieth of that.",
    "two identical agents that agree, G = x^2/2, the second asleep, eta = 1/8000",
    variant="added",
)
LEMMA_5 = refuting(
    "argus/lemma5",
    lemma5,
    "The weighted squares on the left of (45) are at most the decrease of F and the damping terms.",
    "It rests on Lemmas 1 to 4; for identical agents without multipliers F is L_p and falls by N eta, while the first term alone is N^2 eta/2. "
    "The paper leaves gamma_1, gamma_2 open: it fails for all that leave C_2 >= 0, which (53) needs.",
    "the third step of three identical agents, G = x^2/2, eta = 1/16000, without the term of C_2",
)
GAP = refuting(
    "argus/50-51",
    witnesses.gap,
    "Psi is at most the metric of the regularised Lagrangian and the sums of |c_1^{t-1} lambda|^2 and |c_2^{t-1} theta|^2; (51) adds this up.",
    "A difference of squares |a|^2 - |b|^2 is not at most |a - b|^2: with a = 2 and b = 1 it is 3, not 1. With c^{t-1} in the regularised metric too the step breaks it, "
    "theta being less than the gradient over c^{t-1}.",
    "two identical agents, the second asleep in the third round, t = 3, eta = 1/16000",
)
PARENTHESIS = refuting(
    "argus/51-parenthesis",
    witnesses.parenthesis,
    "The sum of |theta|^2 enters (51) with 4((c_2^{t-1})^2 - 3(c_2^t)^2).",
    "A parenthesis is misplaced: (49) and (50) give 4(c_2^{t-1})^2 - 3(c_2^t)^2, as for lambda; the printed factor is negative for every t >= 1. It may be a slip of the text, or of the copy that we have.",
    "t = 3 with eta = 1",
    "identity",
)
