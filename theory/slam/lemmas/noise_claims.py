"""Variances and first moves: (47), (55), (69), (70), (141), (142), (176)."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from spiritlevel.core.arrays import squared_norm
from spiritlevel.core.numbers import convert
from spiritlevel.synthetic.families import quadratic
from spiritlevel.theory.evidence import broken, proved
from spiritlevel.theory.instruments.signs import certified
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.lemmas import noise_witnesses as seen
from spiritlevel.theory.slam.lemmas.cases import Prescribed, build, number, signs
from spiritlevel.theory.slam.lemmas.dual_witnesses import variance_witness
from spiritlevel.theory.slam.lemmas.noise import (
    SCALES,
    START,
    exact_differences,
    homogeneous,
    moments,
    traces,
)
from spiritlevel.theory.slam.lemmas.proofs import symbols
from spiritlevel.theory.statement import Check, Context, Finding, Kind, Method, Statement, Verdict
from spiritlevel.theory.witness import Witness


def _statement(
    id: str,
    location: str,
    kind: Kind,
    sentence: str,
    formula: str,
    because: str,
    check: Check,
    repairs: str | None = None,
    about: str = "slam",
    added: bool = False,
) -> Statement:
    return Statement(
        id=id,
        paper=PAPER,
        location=location,
        kind=kind,
        sentence=sentence,
        formula=formula,
        because=because,
        variant="repaired" if repairs else "added" if added else "printed",
        repairs=repairs,
        about=(about,) if repairs else (),
        check=check,
        expected=Verdict.PROVED if repairs else Verdict.REFUTED,
    )


def _breaks(witness: Witness, summary: str) -> Check:
    return lambda ctx: broken(witness, summary)


def _equals(*names: str) -> Check:
    def check(ctx: Context) -> Finding:
        differing, compared = exact_differences(ctx, names)
        finding = proved(
            traces() and differing == 0,
            f"traces, for every n; {compared} moments of steps of random exact cases, noise enumerated, equal it in both normalisations",
            f"{differing} of {compared} enumerated moments differ",
            {"differing": differing, "compared": compared},
        )
        if not differing:
            return finding
        return Finding(
            verdict=Verdict.REFUTED, method=Method.RATIONAL, summary=finding.summary, numbers=finding.numbers
        )

    return check


def _check_mean_step(ctx: Context) -> Finding:
    import sympy

    a = symbols()
    gradient, slack, sigma2 = sympy.symbols("gradient slack sigma2", positive=True)
    G = gradient + slack
    # n E hbar^2 = n (E hbar)^2 + n sigma^2/n, and |E hbar| <= G as for every agent
    holds = certified(a.n * G**2 + sigma2 - a.n * (gradient**2 + sigma2 / a.n), ())
    wrong, values = 0, {}
    for scale in SCALES:
        here = moments(homogeneous(ctx, scale))
        share = Fraction(1) if scale == "local" else Fraction(1, here.n)
        values[scale] = str(here["mean step"])
        wrong += here["mean step"] != (here.n + 1) * share**2
    return proved(
        holds and traces() and wrong == 0,
        f"mean and variance of the mean of n independent samples; three equal agents with slope and noise 1 attain it: {values}",
        f"{wrong} of 2 enumerated steps differ from n G^2 + sigma^2: {values}",
        values,
    )


def _check_176_repaired(ctx: Context) -> Finding:
    n, one = 3, [[[1]]] * 3
    problem = quadratic(one, [[[0]]] * n, [[0]] * n, a=[[1]] * n, shared=True)
    case = build(ctx.algorithm("slam-l"), problem, "complete:3", (1, 1, 0), START)
    f = signs(n, 1)
    z = convert(np.random.default_rng(ctx.seed("state")).integers(-4, 5, (1, case.coordinates)), "fmpq")
    s, net = case.state(z.repeat(len(f), axis=0))
    _, new = case.follow(s, net, Prescribed([f]), 1)
    moved = number((squared_norm(new.x - s.x) * case.alpha**2).sum() / len(f))
    return proved(
        traces() and moved == 2 * n,
        f"E|h|^2 = sum of |E h_i|^2 + sigma^2, at most n(G^2 + sigma^2); three agents with slope and noise 1, enumerated: {moved}",
        f"the enumerated move is {moved}, not n(G^2 + sigma^2) = {2 * n}",
        {"move": str(moved)},
    )


CLAIMS = (
    _statement(
        "slam/eq47",
        "(47)",
        "lemma",
        "The samples h_f deviate from their mean over agents by noise only.",
        r"E\|h_f^r - 1\bar h_f^r\|^2 \le 2\sigma_f^2 / n",
        "The gradients of the agents differ too: false in every normalisation unless the agents are alike; and with local h the noise alone gives (n-1) sigma_f^2.",
        _breaks(seen.deviation_witness(), "slopes 1 and -1, no noise: 2 > 0 with local h, 1/2 > 0 with 1/n h; three equal agents with noise and local h: 2 > 2/3"),
    ),
    _statement(
        "slam/eq47-repaired",
        "(47)",
        "identity",
        "E|h - 1 hbar|^2 is the mean gradients' deviation plus (n - 1) sigma_f^2, the latter over n^2 if h is 1/n of the local gradients.",
        r"E\|h_f^r - 1\bar h_f^r\|^2 = \|E h_f^r - 1 E\bar h_f^r\|^2 + (n-1)\sigma_f^2",
        "Adds the deviation of the gradients, and the trace of I - J. Independent agents; sigma_f^2 for equality, an upper bound in general.",
        _equals("h apart"),
        "slam/eq47",
    ),
    _statement(
        "slam/eq55",
        "(54), (55)",
        "lemma",
        "The mean of x moves by at most 2(sigma_f^2 + L_{f,0}^2)/(n alpha^2), stacked.",
        r"\|1\bar x^{r+1} - 1\bar x^r\|^2 \le \tfrac{2(\sigma_f^2 + L_{f,0}^2)}{n\alpha^2}",
        "h_f is the implicit gradient, which L_{f,0} does not bound: its coupling part can be C_xy/mu_g times as large. With local h it is "
        "n L_{f,0}^2 + sigma_f^2 even without coupling; and the expectation is missing.",
        _breaks(seen.mean_step_witness(), "f = h(y), g = y^2/2 - 3xy: (23) is 3 > L_f0 = 1, left 9/2 > right 1 with 1/n h (18 > 1 with local h)"),
    ),
    _statement(
        "slam/eq55-repaired",
        "(54), (55)",
        "lemma",
        "With local h, E|1 xbar^{r+1} - 1 xbar^r|^2 <= (n G^2 + sigma_f^2)/alpha^2, G = L_{f,0}(1 + m C_xy/mu_g); over n^2 for 1/n h.",
        r"E\|1\bar x^{r+1} - 1\bar x^r\|^2 \le \tfrac{n G^2 + \sigma_f^2}{\alpha^2}",
        "Bounds the implicit gradient, and keeps n.",
        _check_mean_step,
        "slam/eq55",
    ),
    _statement(
        "slam/eq69",
        "(69)",
        "identity",
        "y^{r+1} deviates from its mean by the noise of h_g over alpha.",
        r"E\|y^{r+1} - E y^{r+1}\|^2 = E\|\tfrac1\alpha (E h_g^r - h_g^r)\|^2",
        "Misprint: the step of y is 1/beta, as (70) has it. (68), (69) also name xi for zeta.",
        _breaks(seen.inverse_witness(), "alpha = 3, beta = 2: 2 on the left, 8/9 on the right"),
    ),
    _statement(
        "slam/eq70",
        "(70)",
        "lemma",
        "Read for h_g as in Algorithm 1 and A3: y^{r+1} deviates from its mean by at most sigma_g^2/(n beta^2), stacked.",
        r"E\|y^{r+1} - E y^{r+1}\|^2 \le \tfrac{\sigma_g^2}{n\beta^2}",
        "Every one of n agents has the variance sigma_g^2/beta^2. Right for 1/n h, the other reading, which the rest of the proof does not bear (slam/normalisation).",
        _breaks(seen.lower_variance_witness(), "two agents, beta = 2: 1/2 > 1/8"),
        added=True,
    ),
    _statement(
        "slam/eq70-repaired",
        "(70)",
        "identity",
        "E|y^{r+1} - E y^{r+1}|^2 is n sigma_g^2/beta^2 with local h, sigma_g^2/(n beta^2) with 1/n h.",
        r"E\|y^{r+1} - E y^{r+1}\|^2 = \tfrac{n\sigma_g^2}{\beta^2}",
        "The trace of I; an upper bound where sigma_g^2 only bounds the variances.",
        _equals("y", "ybar"),
        "slam/eq70",
    ),
    _statement(
        "slam/eq141",
        "(141)",
        "identity",
        "The variance of omega's rise is rho^2/(gamma^2 beta^2) times that of A y^{r+1}.",
        r"E\|\omega^{r+1} - \omega^r - E[\cdot]\|^2 = \tfrac{\rho^2}{\gamma^2\beta^2} E\|A y^{r+1} - E A y^{r+1}\|^2",
        "Misprint: 1/beta^2 belongs to the noise of h_g and is in y^{r+1} already; (142) has it once.",
        _breaks(variance_witness(), "beta = 2: 1/18 on the left, 1/72 on the right"),
    ),
    _statement(
        "slam/eq142",
        "(142)",
        "lemma",
        "Read for h_g as in Algorithm 1 and A3: the variance of omega's rise is at most rho^2 sigma_max sigma_g^2/(n gamma^2 beta^2).",
        r"\tfrac{\rho^2}{\gamma^2\beta^2} \sigma_{\max} E\|h_g^r - E h_g^r\|^2 \le \tfrac{\rho^2 \sigma_{\max} \sigma_g^2}{n\gamma^2\beta^2}",
        "With the agents' own gradients for h, as in (70), the factor is n where 1/n is printed; it is right for 1/n h. The same term is the last of (130), (138), (144), (146).",
        _breaks(seen.dual_variance_witness(), "two agents on an edge: 1/18 > 1/36"),
        added=True,
    ),
    _statement(
        "slam/eq142-repaired",
        "(141), (142)",
        "identity",
        "The variance of omega's rise is rho^2 sigma_g^2/(gamma^2 beta^2) times the trace of A'A, twice the number of edges, with local h; over n^2 for 1/n h.",
        r"E\|\omega^{r+1} - \omega^r - E[\cdot]\|^2 = \tfrac{2|E| \rho^2\sigma_g^2}{\gamma^2\beta^2} \le \tfrac{(n-1)\sigma_{\max}\rho^2\sigma_g^2}{\gamma^2\beta^2}",
        "The trace of A'A in the place of sigma_max, and 1/beta^2 once.",
        _equals("Ay"),
        "slam/eq142",
    ),
    _statement(
        "slam/eq156-variance",
        "A3, (96), (155) to (156)",
        "lemma",
        "A3 by its words alone gives the mean of the samples h_f the variance sigma_f^2/n.",
        r"\tfrac{L_f}{2\alpha^2} E\|\bar h_f^r - E\bar h_f^r\|^2 \le \tfrac{L_f\sigma_f^2}{2n\alpha^2}",
        "A3 does not say that the agents' samples are independent; without that the mean may have the variance sigma_f^2, and nothing of the speedup is left. "
        "Independence is surely meant, and granted everywhere else here.",
        _breaks(seen.dependence_witness(), "two agents with the same sign of noise: variance 1 > 1/2"),
        added=True,
    ),
    _statement(
        "slam/eq176",
        "(176)",
        "lemma",
        "SLAM-L's x moves by at most n(2 sigma_f^2 + 2 L_{f,0})/alpha^2.",
        r"E\|x^{r+1} - x^r\|^2 \le \tfrac{n(2\sigma_f^2 + 2L_{f,0})}{\alpha^2}",
        "L_{f,0} does not bound the implicit gradient, as in slam/eq55. (That it is not squared is a misprint, on which the witness does not rest: it has L_{f,0} = 1.) "
        "The n is that of local h, against (47), (55).",
        _breaks(seen.first_move_witness(), "f = h(y), g = y^2/2 - 3xy: (23) is 3, L_f0 = 1: 18 > 4"),
    ),
    _statement(
        "slam/eq176-repaired",
        "(176)",
        "lemma",
        "E|x^{r+1} - x^r|^2 <= n(sigma_f^2 + G^2)/alpha^2 with G = L_{f,0}(1 + m C_xy/mu_g), local h and no multipliers.",
        r"E\|x^{r+1} - x^r\|^2 = \tfrac{1}{\alpha^2} \big(\|E h_f^r\|^2 + E\|h_f^r - E h_f^r\|^2\big)",
        "Squares the bound of the implicit gradient; the factor 2 is not needed.",
        _check_176_repaired,
        "slam/eq176",
        "slam-l",
    ),
)  # fmt: skip
