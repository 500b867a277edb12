"""Lemma 4, its part about x: (40a) to (64)."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from spiritlevel.core.gossip import Gossip
from spiritlevel.core.numbers import convert
from spiritlevel.theory.evidence import broken, proved
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.assumptions import A1, A4
from spiritlevel.theory.slam.lemmas import movement_witnesses as seen
from spiritlevel.theory.slam.lemmas import proofs, response
from spiritlevel.theory.slam.lemmas.cases import GRAPHS, random_case
from spiritlevel.theory.slam.lemmas.findings import judged, unbounded
from spiritlevel.theory.slam.lemmas.lines import Coefficients, Letters, Line, gather
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict


def _check_movement(ctx: Context) -> Finding:
    return broken(
        seen.movement_witness(),
        "edge, f = 0, no noise, gamma = 10, T = 4, x^1 = (1, -1), (39) holds: x moves by 2 in the first step, D_x/alpha^2 = 0.1601",
    )


LEMMA4_X = Statement(
    id="slam/lemma4-x",
    paper=PAPER,
    location="Lemma 4, (40a)",
    kind="lemma",
    sentence="Every iteration moves x by at most D_x/alpha^2 in mean square, D_x as in (41b), (43).",
    formula=r"E\|x^{r+1} - x^r\|^2 \le D_x / \alpha^2 \quad \forall r",
    because="The induction of (51), (52) starts from no bound: the first step moves x by rho gamma A'A x^1/alpha, gamma times what D_x holds, "
    "and (39b) asks for gamma of the size of sqrt T. False without noise, for f = 0, in every normalisation. Beyond that (47), (48), (55), (59) are false.",
    assumptions=(*A1, A4),
    check=_check_movement,
    expected=Verdict.REFUTED,
)


def _check_movement_repaired(ctx: Context) -> Finding:
    found = [
        response.attack(ctx, graph, gamma, ctx.pick(10, 40))
        for graph in response.EIGENVALUES
        for gamma in (Fraction(3), Fraction(16), Fraction(40))
        if response.admitted(Fraction(*GRAPHS[graph]), gamma)
    ]
    broken_by = [r for r in found if r.worst > r.bound]
    proof = response.proof()
    nearest = max(found, key=lambda r: r.worst / r.bound)
    return Finding(
        verdict=Verdict.REFUTED if broken_by else Verdict.PROVED if proof else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL if broken_by else Method.SYMBOLIC,
        summary=f"a run moves {float(broken_by[0].worst):.3g} times the samples' square, bound {broken_by[0].bound}"
        if broken_by
        else f"partial fractions and geometric series, mode by mode; samples aimed at the worst, put to the algorithm, reach "
        f"{float(nearest.worst):.3g} of {nearest.bound}",
        numbers={
            "proof": proof,
            "worst": [float(r.worst) for r in found],
            "bounds": [r.bound for r in found],
        },
        cases=sum(r.runs for r in found),
        audit=unbounded(),
    )


LEMMA4_X_REPAIRED = Statement(
    id="slam/lemma4-x-repaired",
    paper=PAPER,
    location="Lemma 4, (40a)",
    kind="lemma",
    variant="repaired",
    repairs="slam/lemma4-x",
    sentence="From a consensus, with gamma >= 3, rho sigma_max <= tau_f and rho sigma_min/tau_f >= 16 gamma/(3 (1 + gamma)^2), every iteration "
    "moves x by at most (1 + 9 nu) sup E|h_f|^2/alpha^2, nu the number of distinct nonzero eigenvalues of A'A.",
    formula=r"E\|x^{r+1} - x^r\|^2 \le \tfrac{1 + 9\nu}{\alpha^2} \sup_k E\|h_f^k\|^2 \le \tfrac{(1 + 9\nu)\, n (G^2 + \sigma_f^2)}{\alpha^2}",
    because="Bounds the response to the samples in the place of an induction, so that neither x nor its heterogeneity need be bounded; a "
    "start that is no consensus adds its own decay. Local h; G bounds the implicit gradients.",
    assumptions=(*A1, A4),
    about=("slam",),
    check=_check_movement_repaired,
    expected=Verdict.PROVED,
)


def _check_44(ctx: Context) -> Finding:
    return broken(seen.sign_witness(), "f = x^2/2, alpha = 2, from 1: xbar is 1, 1/2, 1/4; (44) says -1/4")


EQ44 = Statement(
    id="slam/eq44",
    paper=PAPER,
    location="(44)",
    kind="identity",
    sentence="The mean of x moves by its last move plus the change of the mean sample over alpha.",
    formula=r"\bar x^{r+1} - \bar x^r = \bar x^r - \bar x^{r-1} + \tfrac1\alpha (\bar h_f^r - \bar h_f^{r-1})",
    because="Misprint: (6b) has minus. Harmless, as (46) takes norms.",
    check=_check_44,
    expected=Verdict.REFUTED,
)


def _check_44_repaired(ctx: Context) -> Finding:
    wrong, cases = 0, ctx.pick(5, 20)
    for k in range(cases):
        case = random_case(ctx, k, scale=("local", "mean")[k % 2])
        rng = np.random.default_rng(ctx.seed("states", k))
        z = convert(rng.integers(-6, 7, (6, case.coordinates)), "fmpq")
        noise = list(convert(rng.integers(-3, 4, (2, 6, case.n, 1)), "fmpq"))
        at = case.window(z, noise).level("x")
        left = (at.new - 2 * at.now + at.old) + (at.h - at.h_old) / case.alpha
        wrong += int((left.sum(axis=1) != 0).sum())
        wrong += int(((at.new - at.now + at.h / case.alpha).sum(axis=1) != 0).sum())
    finding = proved(
        wrong == 0,
        f"1'A' = 0 leaves xbar^(r+1) = xbar^r - hbar^r/alpha; (53) and (44) are exact at random states and noise of {cases} cases",
        f"{wrong} entries differ",
        {"wrong": wrong},
    )
    return (
        finding
        if not wrong
        else Finding(verdict=Verdict.REFUTED, method=Method.RATIONAL, summary=finding.summary)
    )


EQ44_REPAIRED = Statement(
    id="slam/eq44-repaired",
    paper=PAPER,
    location="(44), (53)",
    kind="identity",
    variant="repaired",
    repairs="slam/eq44",
    sentence="The mean of x moves by its last move minus the change of the mean sample over alpha.",
    formula=r"\bar x^{r+1} - \bar x^r = \bar x^r - \bar x^{r-1} - \tfrac1\alpha (\bar h_f^r - \bar h_f^{r-1})",
    because="Takes the sign of (6b).",
    about=("slam",),
    check=_check_44_repaired,
    expected=Verdict.PROVED,
)


def _check_49(ctx: Context) -> Finding:
    return broken(
        seen.largest_witness(),
        "a star of 4 has the eigenvalues 1 and 4; with tau = rho a vector is stretched by 3, where (46) says 0",
    )


EQ49 = Statement(
    id="slam/eq49",
    paper=PAPER,
    location="(49), for (46)",
    kind="lemma",
    variant="added",
    sentence="tau_f >= rho sigma_min is enough for the contraction of (46).",
    formula=r"\big\|(I - \tfrac{\rho}{\tau_f} A^\top A) v\big\| \le \big(1 - \tfrac{\rho\tilde\sigma_{\min}}{\tau_f}\big) \|v\|, \quad 1^\top v = 0",
    because="What (49) lets tau_f be, where (46) needs (39d), tau_f >= rho sigma_max: the largest eigenvalue decides as well. The lemma has (39d).",
    check=_check_49,
    expected=Verdict.REFUTED,
)


def disagreement(a: Letters) -> tuple[Coefficients, Coefficients]:
    """(48) with the change of the samples, and with |A'A x| for sigma_max |x|."""
    kept = (1 + a.theta) * (1 - a.rho * a.gamma * a.low / a.step) ** 2
    added = 2 * (1 + 1 / a.theta) / a.step**2
    return {"d apart": 1}, {"e apart": kept, "dh apart": added, "L now": added * a.rho**2}


DISAGREEMENT = Line(disagreement)


def _check_46(ctx: Context) -> Finding:
    wrong, cases = 0, ctx.pick(5, 20)
    for k in range(cases):
        case = random_case(ctx, k)
        rng = np.random.default_rng(ctx.seed("states", k))
        z = convert(rng.integers(-6, 7, (6, case.coordinates)), "fmpq")
        at, net = case.window(z).level("x"), Gossip(case.network)
        kept = (at.now - at.old) - case.rho * case.gamma / case.alpha * net.differences(at.now - at.old)
        left = at.new - at.now - kept
        right = -(case.rho * net.differences(at.now) + at.h - at.h_old) / case.alpha
        wrong += int((left != right).sum())
    finding = proved(
        wrong == 0 and proofs.movement(DISAGREEMENT),
        f"(1-q)^2 <= (1-q_min)^2 for all eigenvalues under (39d); the identity before it is exact on {cases} cases",
        f"{wrong} entries differ",
        {"wrong": wrong},
    )
    return (
        finding
        if not wrong
        else Finding(verdict=Verdict.REFUTED, method=Method.RATIONAL, summary=finding.summary)
    )


EQ46 = Statement(
    id="slam/eq46",
    paper=PAPER,
    location="(46)",
    kind="lemma",
    sentence="The disagreement of the moves contracts by 1 - rho sigma_min/tau_f under (39d), up to rho A'A x and the change of the samples over alpha.",
    formula=r"\|\tilde x^{r+1} - \tilde x^r\| \le \big(1 - \tfrac{\rho\tilde\sigma_{\min}}{\tau_f}\big) \|\tilde x^r - \tilde x^{r-1}\| + "
    r"\tfrac1\alpha \|\rho A^\top A x^r\| + \tfrac1\alpha \|\tilde h_f^r - \tilde h_f^{r-1}\|",
    about=("slam",),
    check=_check_46,
    expected=Verdict.PROVED,
)


def _check_48(ctx: Context) -> Finding:
    return broken(
        seen.gradient_change_witness(),
        "f_1 = 2h(x), f_2 = 2h(x+1), alpha = 2, from 1: consensus at 1 and at 0, then the agents part by 1/2, where (48) allows 0",
    )


EQ48 = Statement(
    id="slam/eq48",
    paper=PAPER,
    location="(47), (48), (51)",
    kind="lemma",
    sentence="The disagreement of the moves contracts up to the noise of (47) and rho^2 sigma_max^2 |x|^2.",
    formula=r"E\|\tilde x^{r+1} - \tilde x^r\|^2 \le \eta_x E\|\tilde x^r - \tilde x^{r-1}\|^2 + \big(1 + \tfrac1\theta\big) \tfrac{2}{\alpha^2} "
    r"\big(\tfrac{2\sigma_f^2}{n} + \rho^2\sigma_{\max}^2 \|x^r\|^2\big)",
    because="Gradients that differ between agents change differently along the way: no noise is needed, nor does a normalisation help.",
    assumptions=A1,
    check=_check_48,
    expected=Verdict.REFUTED,
)


def _check_48_repaired(ctx: Context) -> Finding:
    return judged(
        proofs.movement(DISAGREEMENT),
        gather(ctx, DISAGREEMENT),
        "Young twice and the eigenvalues of I - rho A'A/tau, in the tested coefficients, both levels, any h",
    )


EQ48_REPAIRED = Statement(
    id="slam/eq48-repaired",
    paper=PAPER,
    location="(48)",
    kind="lemma",
    variant="repaired",
    repairs="slam/eq48",
    sentence="(48) holds for realised samples with their change in the place of 2 sigma_f^2/n, and with |A'A x| for sigma_max |x|.",
    formula=r"\eta_x \|\tilde x^r - \tilde x^{r-1}\|^2 + \big(1 + \tfrac1\theta\big) \tfrac{2}{\alpha^2} \big(\|\tilde h_f^r - \tilde h_f^{r-1}\|^2 + "
    r"\rho^2 \|A^\top A x^r\|^2\big)",
    because="Keeps the samples. |A'A x| sees the disagreement only, so that x itself need not be bounded.",
    assumptions=A1,
    about=("slam",),
    check=_check_48_repaired,
    expected=Verdict.PROVED,
)
