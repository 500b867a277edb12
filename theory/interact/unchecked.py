"""Statements of the paper that have a row in the ledger and no check yet."""

from __future__ import annotations

from spiritlevel.theory.interact import PAPER
from spiritlevel.theory.interact.assumptions import A1, A2
from spiritlevel.theory.statement import Kind, Statement


def _row(id: str, location: str, kind: Kind, sentence: str, formula: str = "") -> Statement:
    return Statement(
        id=f"interact/{id}",
        paper=PAPER,
        location=location,
        kind=kind,
        sentence=sentence,
        formula=formula,
        assumptions=(*A1, *A2),
    )


UNCHECKED = (
    _row(
        "lem1-1,2",
        "Lemma 1, lines 1 and 2",
        "lemma",
        "The surrogate is Lipschitz in y around y*(x), and y*(x) is Lipschitz.",
        r"\|\bar\nabla f_i(x,y) - \nabla\ell_i(x)\|^2 \le L_f \|y - y^*\|^2,\ "
        r"\|y_i^*(x_1) - y_i^*(x_2)\|^2 \le L_y \|x_1 - x_2\|^2",
    ),
    _row(
        "lem1-3",
        "Lemma 1, line 3",
        "lemma",
        "The hypergradient is Lipschitz with the squared constant (L_f + L_f C_gxy/mu_g)^2 built from the squared L_f.",
        r"\|\nabla\ell_i(x_1) - \nabla\ell_i(x_2)\|^2 \le L_\ell \|x_1 - x_2\|^2",
    ),
    _row(
        "lem2",
        "Lemma 2, (12), (13)",
        "lemma",
        "The surrogate is jointly Lipschitz in (x, y); printed without brackets on the right.",
        r"\|\nabla f_i(x_1,y_1) - \nabla f_i(x_2,y_2)\|^2 \le L_K^2 \|x_1-x_2\|^2 + \|y_1-y_2\|^2",
    ),
    _row(
        "lem4",
        "Lemma 4, (27)",
        "lemma",
        "The stochastic surrogate is Lipschitz in mean square, with the constant L_Ks.",
        r"L_{K_s}^2 = 2L_{f_x}^2 + 6C_{g_{xy}}^2 L_{f_y}^2 \tfrac{K}{2\mu_g L_g - \mu_g^2} + \dots",
    ),
    _row(
        "eq14",
        "(14)",
        "lemma",
        "One step lowers the objective at the mean up to consensus, lower-level and tracking errors.",
    ),
    _row(
        "eq15",
        "(15)",
        "lemma",
        "One step contracts the lower-level error up to the movement of x, for any delta in [0, 1].",
    ),
    _row(
        "eq15-remark",
        "Step 2, last sentence",
        "lemma",
        "The lower-level error shrinks if 2(1+r)(1 - 2 beta mu L/(mu+L)) <= 1.",
    ),
    _row(
        "eq16-17",
        "(16), (17)",
        "lemma",
        "Consensus and tracker disagreement contract by (1+c) lambda^2 up to steps and gradient changes.",
    ),
    _row(
        "eq19",
        "(19)",
        "lemma",
        "The change of the surrogates is at most L_K^2 m times the movement of x and y.",
    ),
    _row(
        "coef",
        "(18)-(20)",
        "lemma",
        "Under the printed step sizes C_1, C_4, C_5 <= 0 and C_2, C_3 meet their targets.",
    ),
    _row(
        "eq21",
        "(21)",
        "bound",
        "The mean of the potential (not of the metric) is at most the right side of Theorem 1.",
    ),
    _row(
        "lambda",
        "Remark 1",
        "network",
        "Denser networks have smaller lambda, which allows larger alpha and gives faster convergence.",
    ),
    _row(
        "cor2",
        "Corollary 2",
        "complexity",
        "O(1/eps) communication rounds and O(n/eps) samples reach an eps-stationary point.",
    ),
    _row(
        "thm3",
        "Theorem 3, (28)",
        "bound",
        "SVR-INTERACT satisfies Theorem 1's bound plus C_bias.",
        r"\frac{1}{T+1} \sum_t \mathfrak M_t \le \frac{\mathfrak B_0 - \ell^*}{(T+1) \min\{\cdot\}} + C_{\text{bias}}",
    ),
    _row("thm3-proof", "(29)", "lemma", "C'_3 <= -beta mu L/(mu+L) can be ensured and yields (30)."),
    _row(
        "cor4",
        "Corollary 4, Table 1",
        "complexity",
        "O(1/eps) rounds and O(sqrt(n)/eps) samples with K = O(log 1/eps).",
    ),
    _row(
        "var", "(23)", "identity", "The second moments of SVR-INTERACT follow from its recursive estimator."
    ),
    _row(
        "baselines",
        "Section 6, Figures 2 and 3",
        "qualitative",
        "INTERACT and SVR-INTERACT outperform GT-DSGD and D-SGD.",
    ),
    _row(
        "fig4",
        "Section 6, Figure 4",
        "qualitative",
        "Convergence is insensitive to the edge probability, slightly worse when sparse.",
    ),
    _row("fig5", "Section 6, Figure 5", "qualitative", "Larger step sizes converge faster."),
)
