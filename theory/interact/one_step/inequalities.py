r"""The one-step inequalities (14), (15) and (19), as printed and as repaired, and the remark after (15)."""

from __future__ import annotations

from fractions import Fraction

from spiritlevel.synthetic.families import random_curved, random_quadratic
from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.interact import PAPER
from spiritlevel.theory.interact.assumptions import A1, A2
from spiritlevel.theory.interact.lemmas.lemma_witnesses import contraction_witness, descent_witness
from spiritlevel.theory.interact.lemmas.lipschitz import decomposition, witnessed
from spiritlevel.theory.interact.one_step import terms
from spiritlevel.theory.interact.one_step.cases import scalar_case
from spiritlevel.theory.interact.one_step.proofs import (
    contraction_step,
    descent,
    remark_minimum,
    surrogate_change,
    true_factor,
)
from spiritlevel.theory.interact.one_step.search import TOLERANCE, Evidence, decided, gather
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import check as recheck

DELTAS = (Fraction(1, 10), Fraction(1))


def judged(proof: bool, evidence: list[Evidence], what: str) -> Finding:
    """A proof with what was put to the inequalities; a counterexample outweighs the proof."""
    against = [e for e in evidence if not e.none_against]
    verdict = Verdict.REFUTED if against else Verdict.PROVED if proof else Verdict.SUPPORTED
    return Finding(
        verdict=verdict,
        method=Method.SYMBOLIC if verdict is Verdict.PROVED else Method.RATIONAL,
        summary=f"{what}; {evidence[0]}" if not against else str(against[0]),
        numbers={
            "proof": proof,
            "failing_quadratics": sum(e.failing for e in evidence),
            "worst_curved": [e.curved for e in evidence],
            "tolerance": TOLERANCE,
        },
        cases=sum(e.quadratics + e.states for e in evidence),
        audit=audit((*A1, *A2), [random_quadratic(1, n=2, p=1, q=1), random_curved(1, n=2, p=1, q=1)]),
    )


def _check_14(ctx: Context) -> Finding:
    witness = descent_witness()
    small, large = (
        decided(scalar_case(ctx, Fraction(s), Fraction(1)), terms.eq14("printed")).holds for s in ("1/4", "2")
    )
    return witnessed(
        recheck(witness).ok and not small,
        "f = h(y)/4, g = (y-x)^2/2, x = 1, y = 0: nothing moves, left side 0, right side -0.0234 alpha (-3 alpha/128 as L_gxy, "
        f"L_gyy -> 0); without the cut an exact form has such states for s = 1/4, for s = 2 {'none' if large else 'too'}",
        witness,
        {"holds_for_s_1/4": small, "holds_for_s_2": large},
    )


EQ14 = Statement(
    id="interact/eq14",
    paper=PAPER,
    location="(14)",
    kind="lemma",
    sentence="One step lowers the objective at the mean up to consensus, lower-level and tracking errors, with Lemma 1's L_l and L_f^2.",
    formula=r"\ell(\bar x_{t+1}) - \ell(\bar x_t) \le -\frac\alpha2 \|\nabla\ell(\bar x_t)\|^2 - \left(\frac\alpha2 - "
    r"\frac{L_\ell \alpha^2}2\right) \|\bar u_t\|^2 + \frac\alpha m \sum_i L_\ell \|\bar x_t - x_{i,t}\|^2 + \frac{2\alpha}m "
    r"\sum_i L_f^2 \|y_{i,t}^* - y_{i,t}\|^2 + 2\alpha \|\tfrac1m \sum_i \bar\nabla f_i - \bar u_t\|^2",
    because="L_f and L_l are squares already: L_f^2 is a fourth power, and L_l serves both as Lipschitz constant and as its "
    "square. Harmless once the plain L_f is at least 1, which the text nowhere asks.",
    assumptions=(*A1, *A2),
    about=("interact",),
    check=_check_14,
    expected=Verdict.REFUTED,
)


def _check_14_repaired(ctx: Context) -> Finding:
    claim = terms.eq14("plain")
    return judged(
        decomposition() and descent(claim),
        [gather(ctx, claim)],
        "right minus left is a sum of squares in the tested coefficients: polarisation and |a+b+c|^2 <= 2|a|^2 + 4|b|^2 + 4|c|^2",
    )


EQ14_REPAIRED = Statement(
    id="interact/eq14-repaired",
    paper=PAPER,
    location="(14)",
    kind="lemma",
    variant="repaired",
    repairs="interact/eq14",
    sentence="(14) holds with plain Lipschitz constants: L_l in the alpha^2 term, L_l^2 for consensus, L_f^2 for y; for any u.",
    formula=r"\dots + \frac{L \alpha^2}2 \|\bar u_t\|^2 + \frac{\alpha L^2}m \sum_i \|\bar x_t - x_{i,t}\|^2 + "
    r"\frac{2 \alpha F^2}m \sum_i \|y_{i,t}^* - y_{i,t}\|^2 + \dots, \quad F = \sqrt{L_f},\ L = F(1 + C_{g_{xy}}/\mu_g)",
    because="Squares the Lipschitz constants once.",
    assumptions=(*A1, *A2),
    about=("interact",),
    check=_check_14_repaired,
    expected=Verdict.PROVED,
)


def _check_15(ctx: Context) -> Finding:
    witness = contraction_witness()
    small, large = (
        decided(scalar_case(ctx, Fraction(1), Fraction(b)), terms.eq15("printed", Fraction(1))).holds
        for b in ("1/10", "2")
    )
    return witnessed(
        recheck(witness).ok and not small,
        "f = +-x, g = (y - x/10)^2/2, y_0 = y*_0: the solution moves by 1/10, left side 1/100, right side 0.0013; with "
        f"C_gxy/mu_g = 2 an exact form finds {'no such state' if large else 'such states too'}",
        witness,
        {"holds_for_C_1/10": small, "holds_for_C_2": large},
    )


EQ15 = Statement(
    id="interact/eq15",
    paper=PAPER,
    location="(15)",
    kind="lemma",
    sentence="One step contracts the lower-level error up to the movement of x, with Lemma 1's L_y squared.",
    formula=r"\|y_{i,t+1} - y_{i,t+1}^*\|^2 \le (1+r)^2 (1 - 2\beta \tfrac{\mu_g L_g}{\mu_g+L_g}) \|y_{i,t} - y_{i,t}^*\|^2 + "
    r"(\delta - 1)(1+r)^2 (\tfrac{2\beta}{\mu_g+L_g} - \beta^2) \|v_{i,t}\|^2 + (1 + \tfrac1r) L_y^2 \|x_{i,t+1} - x_{i,t}\|^2 + \dots",
    because="L_y is (C_gxy/mu_g)^2 already: false where C_gxy < mu_g, harmless otherwise. delta is nowhere introduced; the terms 1/delta exclude 0.",
    assumptions=(*A1, *A2),
    about=("interact",),
    check=_check_15,
    expected=Verdict.REFUTED,
)


def _check_15_repaired(ctx: Context) -> Finding:
    import sympy

    evidence = [gather(ctx, terms.eq15("plain", delta), free=True) for delta in DELTAS]
    symbol = sympy.Symbol("delta", positive=True)
    return judged(
        contraction_step(terms.eq15("plain", symbol), symbol),
        evidence,
        "right minus left is a sum of squares in the tested coefficients: strong convexity by eigenvalues of the mean Hessian, Young twice, and a square in delta; v arbitrary",
    )


EQ15_REPAIRED = Statement(
    id="interact/eq15-repaired",
    paper=PAPER,
    location="(15)",
    kind="lemma",
    variant="repaired",
    repairs="interact/eq15",
    sentence="(15) holds with (C_gxy/mu_g)^2 for L_y^2, for every delta in (0, 1], beta <= 1/(mu_g+L_g) and every v, not only the gradient.",
    formula=r"\dots + (1 + \tfrac1r) (C_{g_{xy}}/\mu_g)^2 \|x_{i,t+1} - x_{i,t}\|^2 + [(\tfrac1\delta - 1)(1+r)^2 "
    r"(\tfrac{2\beta}{\mu_g+L_g} - \beta^2) + (1+r)(1+\tfrac1r)\beta^2] \|\nabla_y g_i - v_{i,t}\|^2, \quad 0 < \delta \le 1",
    because="Squares C_gxy/mu_g once and says which delta: any positive one, as 1/delta is undefined at 0.",
    assumptions=(*A1, *A2),
    about=("interact",),
    check=_check_15_repaired,
    expected=Verdict.PROVED,
)


def _check_remark(ctx: Context) -> Finding:
    least, wide = remark_minimum(), remark_minimum(2)
    never = bool(least > 1)
    return Finding(
        verdict=Verdict.VACUOUS if never else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary=f"in rho = 2 beta mu L/(mu+L) <= 1/2 the left side 2(1 + rho/6)(1 - rho) falls, so it is at least {least} "
        f"{'>' if never else '<='} 1 for beta <= 1/(mu+L); with beta up to 2/(mu+L) it would reach {wide}",
        numbers={"least": str(least), "least_with_beta_twice_as_large": str(wide)},
    )


REMARK = Statement(
    id="interact/eq15-remark",
    paper=PAPER,
    location="Step 2, last sentence",
    kind="lemma",
    sentence="The lower-level error shrinks if 2(1+r)(1 - 2 beta mu L/(mu+L)) <= 1.",
    formula=r"2(1+r)\left(1 - 2\beta \tfrac{\mu_g L_g}{\mu_g+L_g}\right) \le 1",
    because="No beta that Theorem 1 admits satisfies the condition; probably a slip for (1+r)^2 (1 - 2 beta mu L/(mu+L)) <= 1.",
    assumptions=(*A1, *A2),
    check=_check_remark,
    expected=Verdict.VACUOUS,
)


def _check_remark_repaired(ctx: Context) -> Finding:
    coefficients = true_factor(terms.eq15("plain", 1))
    good = coefficients[0] == 1 and all(k <= 0 for k in coefficients[1:]) and any(coefficients[1:])
    return Finding(
        verdict=Verdict.PROVED if good else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary=f"2 beta mu L/(mu+L) = 6r, and (1+r)^2(1-6r) has the coefficients {', '.join(map(str, coefficients))} in powers of r > 0",
        numbers={"coefficients": list(coefficients)},
    )


REMARK_REPAIRED = Statement(
    id="interact/eq15-remark-repaired",
    paper=PAPER,
    location="Step 2, last sentence",
    kind="lemma",
    variant="repaired",
    repairs="interact/eq15-remark",
    sentence="The factor of the lower-level error in (15) is below 1 for every beta > 0, without a condition.",
    formula=r"(1+r)^2 (1 - 6r) = 1 - 4r - 11r^2 - 6r^3 < 1",
    because="Takes the factor that (15) has in the place of the condition.",
    assumptions=(*A1, *A2),
    check=_check_remark_repaired,
    expected=Verdict.PROVED,
)


def _check_19(ctx: Context) -> Finding:
    claim = terms.eq19(True)
    return judged(
        decomposition() and surrogate_change(claim),
        [gather(ctx, claim)],
        "Lemma 2 agent by agent with y_t - y_(t-1) = -beta v, summed, and m >= 1, in the tested coefficients",
    )


EQ19 = Statement(
    id="interact/eq19",
    paper=PAPER,
    location="(19)",
    kind="lemma",
    sentence="The change of the surrogates is at most L_K^2 m times the movement of x and y.",
    formula=r"\|p_t - p_{t-1}\|^2 \le L_K^2 m (\|x_t - x_{t-1}\|^2 + \beta^2 \|v_{t-1}\|^2)",
    assumptions=(*A1, *A2),
    about=("interact",),
    check=_check_19,
    expected=Verdict.PROVED,
)


def _check_19_sharp(ctx: Context) -> Finding:
    claim = terms.eq19(False)
    return judged(
        decomposition() and surrogate_change(claim),
        [gather(ctx, claim)],
        "Lemma 2 agent by agent, summed, in the tested coefficients: no factor m arises",
    )


EQ19_SHARP = Statement(
    id="interact/eq19-sharp",
    paper=PAPER,
    location="(19)",
    kind="lemma",
    variant="added",
    sentence="(19) holds without the factor m.",
    formula=r"\|p_t - p_{t-1}\|^2 \le L_K^2 (\|x_t - x_{t-1}\|^2 + \beta^2 \|v_{t-1}\|^2)",
    because="Not printed: the factor m is true but superfluous; the step sizes of Theorem 1 are those without it.",
    assumptions=(*A1, *A2),
    about=("interact",),
    check=_check_19_sharp,
    expected=Verdict.PROVED,
)
