"""Lemma 4, its part about y: (40b), (65) to (73)."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np

from spiritlevel.core.arrays import squared_norm
from spiritlevel.core.numbers import Array, convert
from spiritlevel.theory.evidence import Evidence, broken, proved
from spiritlevel.theory.instruments import signs
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.assumptions import A1, A5
from spiritlevel.theory.slam.lemmas import lower_witnesses as seen
from spiritlevel.theory.slam.lemmas import proofs
from spiritlevel.theory.slam.lemmas.cases import Case, Prescribed, number, random_case
from spiritlevel.theory.slam.lemmas.findings import judged
from spiritlevel.theory.slam.lemmas.lines import Coefficients, Letters, Line, gather
from spiritlevel.theory.statement import Context, Finding, Statement, Verdict


def recursion(a: Letters) -> tuple[Coefficients, Coefficients]:
    """(72) with both sides divided as the display before it says, and C_xy^2 in front of the move of x."""
    t = a.mu / a.step
    right = {
        "e": 1 - t,
        "other": 2 * a.C**2 / (a.mu * a.step),
        "A new": -a.rho / a.step,
        "A now": a.rho / a.step,
    }
    return {"d": 1 - t / 2}, right


def printed_recursion(a: Letters) -> tuple[Coefficients, Coefficients]:
    """(72)."""
    t = a.mu / a.step
    right = {"e": (1 - 2 * t) / (1 - t), "other": 1 / (a.mu * a.step)}
    return {"d": 1}, right | {"A new": -a.rho / (2 * a.step), "A now": a.rho / (2 * a.step)}


RECURSION = Line(recursion, "y")
PRINTED_RECURSION = Line(printed_recursion, "y")


def _check_start(ctx: Context) -> Finding:
    return broken(
        seen.start_witness(),
        "g = (y-1)^2/2, f = 0, no noise, from 0, T = 4, (39) holds: the mean squared move is 0.166, D_y/beta^2 is 2.7e-6",
    )


LEMMA4_Y = Statement(
    id="slam/lemma4-y",
    paper=PAPER,
    location="Lemma 4, (40b)",
    kind="lemma",
    sentence="On average an iteration moves y by at most D_y/beta^2 in mean square, D_y as in (41c).",
    formula=r"\tfrac1T \sum_{r=1}^T E\|y_k^{r+1} - y_k^r\|^2 \le D_y / \beta^2",
    because="(73)-(75) forget the first move: D_y has no distance of y^1 from its solution, so it vanishes with the noise. False in every "
    "normalisation; with local h the noise alone gives n sigma_g^2/beta^2 at every step, more than D_y can be for n >= 2 under (39b). "
    "Besides, (75) says S >= for a sum S that was defined, where an upper bound is meant.",
    assumptions=(*A1, A5),
    check=_check_start,
    expected=Verdict.REFUTED,
)


def summed(case: Case, z: Array, steps: int) -> list[Fraction]:
    """Right minus left of the repaired (40b), times T, along runs without noise from states with zero multipliers."""
    s, net = case.state(z)
    states = case.follow(s, net, Prescribed(), steps)
    dy = [squared_norm(b.y - a.y) for a, b in itertools.pairwise(states)]
    dx = [squared_norm(b.x - a.x) for a, b in itertools.pairwise(states)]
    second = states[1].y
    apart = (second * net.differences(second)).reshape(len(z), -1).sum(axis=-1)
    beta, mu = case.beta, case.mu
    right = (2 * beta / mu - 2) * dy[0] + 2 * case.rho / mu * apart + 4 * case.C**2 / mu**2 * sum(dx[:-1])
    return [number(value) for value in right - sum(dy[1:])]


def telescoped() -> bool:
    r"""From (72) repaired to its sum: :math:`\frac{\mu}{2\beta} d_{r+1} \le V_r - V_{r+1} + \dots`, :math:`V_r = (1 - \frac\mu\beta) d_r + \frac\rho\beta a_r`."""
    import sympy

    t, rho, beta, d0, d1, a0, a1, X = sympy.symbols("t rho beta d0 d1 a0 a1 X", positive=True)
    line = (1 - t) * d0 + X - rho / beta * (a1 - a0) - (1 - t / 2) * d1
    V = [(1 - t) * d + rho / beta * a for d, a in ((d0, a0), (d1, a1))]
    return sympy.expand(line - (V[0] - V[1] + X - t / 2 * d1)) == 0


def _check_sum(ctx: Context) -> Finding:
    failing, cases, steps = 0, ctx.pick(4, 20), ctx.pick(5, 9)
    for k in range(cases):
        case = random_case(ctx, k)
        z = convert(
            np.random.default_rng(ctx.seed("start", k)).integers(-4, 5, (8, case.coordinates)), "fmpq"
        )
        z[:, case.coordinates // 2 :] = z[:, case.coordinates // 2 :] * 0  # multipliers 0
        failing += any(value < 0 for value in summed(case, z, steps))
    return judged(
        telescoped() and proofs.lower_movement(RECURSION),
        Evidence(cases, failing, f"exact cases, runs of {steps} steps"),
        "the sum of slam/eq72-repaired, whose V_r telescopes",
    )


LEMMA4_Y_REPAIRED = Statement(
    id="slam/lemma4-y-repaired",
    paper=PAPER,
    location="Lemma 4, (40b)",
    kind="lemma",
    variant="repaired",
    repairs="slam/lemma4-y",
    sentence="Without noise in h_g, with beta >= tau_g, kappa = 1 - rho sigma_max/tau_g > 0 and beta >= L_{g,1}^2/(mu_g kappa), the squared moves of y "
    "after the first one add up to at most 2 beta/mu_g of the first one, 2 rho/mu_g |A y^2|^2, and 4 C_xy^2/mu_g^2 times those of x.",
    formula=r"\sum_{r=2}^{T} \|y^{r+1} - y^r\|^2 \le \tfrac{2\beta}{\mu_g} \|y^2 - y^1\|^2 + \tfrac{2\rho}{\mu_g} \|A y^2\|^2 + "
    r"\tfrac{4 C_{xy}^2}{\mu_g^2} \sum_{r=2}^{T} \|x^r - x^{r-1}\|^2",
    because="Keeps the first move and the disagreement; any g with A1 and A5, local h. With noise at least n sigma_g^2/beta^2 a step comes on top.",
    assumptions=(*A1, A5),
    about=("slam",),
    check=_check_sum,
    expected=Verdict.PROVED,
)


def _check_cross(ctx: Context) -> Finding:
    return broken(
        seen.cross_witness(), "g = y^2/2 - 10xy, x moves by 1, beta = 10: left 10, right 5/4 (times beta)"
    )


EQ66_X = Statement(
    id="slam/eq66-x",
    paper=PAPER,
    location="display between (65) and (66)",
    kind="lemma",
    sentence="The part of (65) from the move of x is at most |x^r - x^{r-1}|^2/(mu_g beta) and mu_g/(4 beta) times the squared move of y.",
    formula=r"\tfrac{E\|x^r - x^{r-1}\|^2}{\mu_g\beta} + \tfrac{\mu_g \|E[y^{r+1} - y^r]\|^2}{4\beta}",
    because="C_xy^2 (or L_{g,1}^2) in front of the move of x is lost, here and in (72)-(79). The display also has values g_k for gradients.",
    assumptions=(*A1, A5),
    check=_check_cross,
    expected=Verdict.REFUTED,
)


def _check_66(ctx: Context) -> Finding:
    return broken(seen.young_witness(), "g = 5y^2, beta = 20, T = 4, y = 1, 1/2, 1/4: -0.0625 > -0.10875")


EQ66 = Statement(
    id="slam/eq66",
    paper=PAPER,
    location="(66)",
    kind="lemma",
    sentence="Strong convexity and Young's inequality for the part of (65) from the move of y, with sqrt(T)/(2 beta^2).",
    formula=r"-\tfrac1\beta \langle \nabla g(y^r) - \nabla g(y^{r-1}), E[y^r - y^{r-1} + v^{r+1}]\rangle \le -\tfrac{\mu_g}{\beta} \|E[y^r - y^{r-1}]\|^2 + "
    r"\tfrac{\sqrt T}{2\beta^2} E\|y^r - y^{r-1}\|^2 + \tfrac{1}{2\sqrt T} \|E v^{r+1}\|^2",
    because="L_{g,1}^2 in front of the squared move is lost; so beta_0 >= 1/mu_g of (39b) should be L_{g,1}^2/mu_g.",
    assumptions=(*A1, A5),
    check=_check_66,
    expected=Verdict.REFUTED,
)


def _check_means(ctx: Context) -> Finding:
    return broken(
        seen.means_witness(),
        "Hessian rising from 1 to 5, y^2 = -4 or 3 with the chances 10/11, 1/11: the mean rises while the mean gradient falls; 5.6e-6 > 1.5e-6",
    )


EQ66_MEANS = Statement(
    id="slam/eq66-means",
    paper=PAPER,
    location="(66), (a)",
    kind="lemma",
    variant="added",
    sentence="(66) with L_{g,1}^2 holds for the means of noisy iterates, by strong convexity.",
    formula=r"\langle E[\nabla g(y^r) - \nabla g(y^{r-1})], E[y^r - y^{r-1}]\rangle \ge \mu_g \|E[y^r - y^{r-1}]\|^2",
    because="Strong convexity does not pass to means: a rare fast move where g is steep outweighs the gradients of frequent slow ones. True where g is "
    "quadratic. With E given the past it holds, but then (73) does not telescope: y^{r+1} - y^r has the noise that its conditional mean has not.",
    assumptions=(*A1, A5),
    check=_check_means,
    expected=Verdict.REFUTED,
)


def _check_66_repaired(ctx: Context) -> Finding:
    e, w, y, x, d, X = signs.reals("e w y x d X")
    import sympy

    beta, mu, L, C, root = sympy.symbols("beta mu L C root", positive=True)
    own = -mu / beta * e**2 + root * L**2 / (2 * beta**2) * e**2 + w**2 / (2 * root) + y * (e + w) / beta
    facts = [(1 / beta, y * e - mu * e**2), (root / (2 * beta**2), L**2 * e**2 - y**2)]
    holds = signs.certified(own, (e, w, y), [(root / (2 * beta**2), y + beta / root * w)], facts)
    cross = C**2 * X**2 / (mu * beta) + mu * d**2 / (4 * beta) + x * d / beta
    young = [(mu / (4 * beta), d + 2 * x / mu)]
    holds = holds and signs.certified(cross, (d, x, X), young, [(1 / (mu * beta), C**2 * X**2 - x**2)])
    return proved(
        holds,
        "one square each, |y| <= L|e|, <y, e> >= mu|e|^2, |x| <= C X for the two parts of the gradient's change",
        "a minus is left",
    )


EQ66_REPAIRED = Statement(
    id="slam/eq66-repaired",
    paper=PAPER,
    location="(66) and the display before it",
    kind="lemma",
    variant="repaired",
    repairs="slam/eq66",
    sentence="For realised iterates both lines hold with L_{g,1}^2 sqrt(T)/(2 beta^2) and with C_xy^2/(mu_g beta).",
    formula=r"-\tfrac{\mu_g}{\beta} \|e\|^2 + \tfrac{L_{g,1}^2\sqrt T}{2\beta^2} \|e\|^2 + \tfrac{1}{2\sqrt T} \|v\|^2, \qquad "
    r"\tfrac{C_{xy}^2 \|x^r - x^{r-1}\|^2}{\mu_g\beta} + \tfrac{\mu_g}{4\beta} \|y^{r+1} - y^r\|^2",
    because="Puts the constants back, and takes the iterates themselves for their means.",
    assumptions=(*A1, A5),
    check=_check_66_repaired,
    expected=Verdict.PROVED,
)


def _check_72(ctx: Context) -> Finding:
    found = gather(ctx, PRINTED_RECURSION)
    return broken(
        seen.recursion_witness(),
        f"y stands still for a step, then moves towards consensus: 1/32 > 15/512; broken on {found.failing} of {found.cases} exact cases",
        {"failing": found.failing, "cases": found.cases},
    )


EQ72 = Statement(
    id="slam/eq72",
    paper=PAPER,
    location="(71), (72)",
    kind="lemma",
    sentence="The squared move of y contracts by (1 - 2 mu_g/beta)/(1 - mu_g/beta), up to the move of x, the change of |Ay|^2 and noise.",
    formula=r"\|E y^{r+1} - y^r\|^2 \le \tfrac{1 - 2\mu_g/\beta}{1 - \mu_g/\beta} \|E y^r - y^{r-1}\|^2 + \tfrac{E\|x^r - x^{r-1}\|^2}{\mu_g\beta} - "
    r"\tfrac\rho\beta \Big(\tfrac{\|A E y^{r+1}\|^2}{2} - \tfrac{\|A E y^r\|^2}{2}\Big) + \dots",
    because="The line before it has 1/2 - mu_g/(4 beta) on the left; the division by it forgets the factor 2 of all terms but the first, whose factor "
    "comes out as (1 - mu_g/beta)/(1 - mu_g/(2 beta)), not as printed. Any state with y^r = y^{r-1}, h alike and no consensus breaks it.",
    assumptions=(*A1, A5),
    check=_check_72,
    expected=Verdict.REFUTED,
)


def _check_72_repaired(ctx: Context) -> Finding:
    return judged(
        proofs.lower_movement(RECURSION),
        gather(ctx, RECURSION),
        "two squares, strong convexity and Lipschitz bounds, in the tested coefficients; no noise, local h",
    )


EQ72_REPAIRED = Statement(
    id="slam/eq72-repaired",
    paper=PAPER,
    location="(71), (72)",
    kind="lemma",
    variant="repaired",
    repairs="slam/eq72",
    sentence="Without noise, for gamma >= 1, kappa = 1 - rho sigma_max/tau_g > 0 and beta >= L_{g,1}^2/(mu_g kappa), (72) holds with the division carried out and C_xy^2.",
    formula=r"\big(1 - \tfrac{\mu_g}{2\beta}\big) \|y^{r+1} - y^r\|^2 \le \big(1 - \tfrac{\mu_g}{\beta}\big) \|y^r - y^{r-1}\|^2 + "
    r"\tfrac{2 C_{xy}^2}{\mu_g\beta} \|x^r - x^{r-1}\|^2 - \tfrac\rho\beta (\|A y^{r+1}\|^2 - \|A y^r\|^2)",
    because="Carries out the division; with kappa for 1/sqrt(T), so that T is not needed. Any g with A1 and A5.",
    assumptions=(*A1, A5),
    about=("slam",),
    check=_check_72_repaired,
    expected=Verdict.PROVED,
)


def _check_73(ctx: Context) -> Finding:
    return broken(seen.telescoped_witness(), "a triangle, y^1 = (1, -1, 0): |A y^1|^2/2 = 3 > |y^1|^2 = 2")


EQ73 = Statement(
    id="slam/eq73",
    paper=PAPER,
    location="(73)",
    kind="bound",
    sentence="The start's share in the sum of (72) is rho |y^1|^2/(T beta).",
    formula=r"\tfrac{\rho}{2\beta T} \big(\|A y^1\|^2 - \|A y^{T+1}\|^2\big) \le \tfrac{\rho\|y^1\|^2}{T\beta}",
    because="The sum leaves |A y^1|^2/2 (|A y^1|^2 once (72) is right), up to sigma_max |y^1|^2; (73) to (79) and D_y have |y^1|^2, which is no measure of disagreement. "
    "True for sigma_max <= 2.",
    check=_check_73,
    expected=Verdict.REFUTED,
)
