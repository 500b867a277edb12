"""Lines around Lemma 5: (95), (96), SLAM-U's (194), and the noise of SLAM-L."""

from __future__ import annotations

import dataclasses
from typing import Any

from spiritlevel.theory.evidence import Evidence, broken, proved
from spiritlevel.theory.instruments.signs import certified, reals
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.assumptions import A1, A5
from spiritlevel.theory.slam.lemmas import contraction
from spiritlevel.theory.slam.lemmas import contraction_witnesses as seen
from spiritlevel.theory.slam.lemmas.cases import Case, random_case
from spiritlevel.theory.slam.lemmas.contraction_claims import SMALL, tight
from spiritlevel.theory.slam.lemmas.findings import judged
from spiritlevel.theory.statement import Context, Finding, Statement, Verdict


def _check_95(ctx: Context) -> Finding:
    import sympy

    a, S = reals("a S")
    L, t = sympy.symbols("L vartheta", positive=True)
    S = S**2
    holds = certified(
        t * L / 4 * a**2 * S + L / (4 * t) * S - L / 2 * a * S, (a,), [(L * S / (4 * t), t * a - 1)]
    )
    return proved(
        holds, "right minus left is L_xy |dx|^2 (vartheta |e| - 1)^2/(4 vartheta)", "a minus is left"
    )


EQ95 = Statement(
    id="slam/eq95",
    paper=PAPER,
    location="(93)-(95)",
    kind="lemma",
    sentence="The curvature part of (half of) the cross term of (82), by Lipschitz continuity of grad y* and Young's inequality.",
    formula=r"\tfrac{L_{xy}}{2} \|e\| E\|\Delta x\|^2 \le \tfrac{\vartheta L_{xy}}{4} \|e\|^2 E\|\Delta x\|^2 + \tfrac{L_{xy}}{4\vartheta} E\|\Delta x\|^2",
    assumptions=(*A1, A5),
    check=_check_95,
    expected=Verdict.PROVED,
)


def _check_96(ctx: Context) -> Finding:
    return broken(
        seen.conditional_witness(), "two equally likely pasts, error and move 2 and 2, or 0 and 0: 2 > 1"
    )


EQ96 = Statement(
    id="slam/eq96",
    paper=PAPER,
    location="(96), (b)",
    kind="lemma",
    sentence="Step (b) follows from Lemma 4: its bound of the mean square of the move of x serves for the product of the conditional one and the squared error of y.",
    formula=r"E\big[\|e\|^2 E[\|x^{r+1} - x^r\|^2 | F'^r]\big] \le \tfrac{D_x}{\alpha^2} E\|e\|^2",
    because="The inference fails, whatever D_x is: Lemma 4 bounds the mean over all pasts; the product needs the bound for every past (as bounded gradients give it: n(G^2 + sigma_f^2)/alpha^2 for SLAM-L).",
    check=_check_96,
    expected=Verdict.REFUTED,
)


def _check_194(ctx: Context) -> Finding:
    return broken(
        seen.private_witness(),
        "two agents, noise in h_f alone: 1/2 at the agents' own x_i, 1/4 at their mean, printed 1/8",
    )


EQ194 = Statement(
    id="slam/eq194",
    paper=PAPER,
    location="(194)",
    kind="lemma",
    sentence="(194): the stacked error of SLAM-U, with sigma_f^2/(n alpha^2) for the upper level's noise.",
    formula=r"E\|y^{r+1} - y^*(x^{r+1})\|^2 \le \dots + \Big(\tfrac{L_{xy}}{4\vartheta} + L_y^2\Big) \tfrac{\sigma_f^2}{n\alpha^2}",
    because="Every agent has a solution of its own: n of them move with noise sigma_f^2/alpha^2 each, or together with the mean's. It also prints "
    "L_f^2 for L_y^2 in the factor of sigma_g^2, and lacks the factor 2 as (161).",
    assumptions=(*A1, A5),
    check=_check_194,
    expected=Verdict.REFUTED,
)


def _private(ctx: Context, k: int) -> Case:
    case = random_case(ctx, k, graph=SMALL[k % 2])
    algorithm: Any = ctx.algorithm("slam-u")(alpha=1, beta=1, gamma=1, rho=1).over("fmpq")
    settings = {name: getattr(case, name) for name in ("alpha", "beta", "gamma", "rho")}
    return dataclasses.replace(
        case,
        algorithm=dataclasses.replace(algorithm, **settings),
        problem=dataclasses.replace(case.problem, shared=False),
    )


def _check_194_repaired(ctx: Context) -> Finding:
    cases = [tight(ctx, "slam-u"), *(_private(ctx, k) for k in range(ctx.pick(3, 12)))]
    failing = sum(not contraction.holds(case, contraction.parts(case, private=True)) for case in cases)
    return judged(
        contraction.gradient_step() and contraction.recursion(),
        Evidence(len(cases), failing, "exact cases of SLAM-U, all states at once, noise enumerated"),
        "(161)'s algebra agent by agent, where no consensus error arises",
    )


EQ194_REPAIRED = Statement(
    id="slam/eq194-repaired",
    paper=PAPER,
    location="(194)",
    kind="lemma",
    variant="repaired",
    repairs="slam/eq194",
    sentence="For beta >= (mu_g + L_{g,1})/2 the stacked error of SLAM-U obeys (161)'s repaired recursion without consensus errors, with n sigma_g^2/beta^2, "
    "n sigma_f^2/alpha^2 and the stacked move of x.",
    formula=r"E\|e^+\|^2 \le \Big(1 + \theta' + \tfrac{\vartheta L_{xy} M}{2}\Big) \Big[\Big(1 - \tfrac{\rho_g}\beta\Big) \|e\|^2 + \tfrac{n\sigma_g^2}{\beta^2}\Big] + "
    r"\Big(L_y^2 + \tfrac{L_y^2}{\theta'} + \tfrac{L_{xy}}{2\vartheta}\Big) E\|E\Delta x\|^2 + \Big(L_y^2 + \tfrac{L_{xy}}{2\vartheta}\Big) \tfrac{n\sigma_f^2}{\alpha^2}",
    because="Counts every agent. n sigma_g^2/beta^2 is as printed: no speedup in the lower level.",
    assumptions=(*A1, A5),
    about=("slam-u",),
    check=_check_194_repaired,
    expected=Verdict.PROVED,
)


def _check_root(ctx: Context) -> Finding:
    return broken(seen.root_witness(), "alpha = 1/2, two agents: 8 > 4")


COR1_NOISE = Statement(
    id="slam/cor1-noise",
    paper=PAPER,
    location="B.6.3",
    kind="lemma",
    sentence="The noise of x in SLAM-L is at most n sigma_f^2/alpha in mean square.",
    formula=r"E\|\tfrac1\alpha (E h_f^r - h_f^r)\|^2 \le \tfrac{n\sigma_f^2}{\alpha}",
    because="Misprint (or lost in the text): alpha^2 is meant. For alpha >= 1 the printed one is the weaker one, n/sqrt T where n/T is meant.",
    check=_check_root,
    expected=Verdict.REFUTED,
)
