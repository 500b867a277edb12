"""Section V's two tasks: are they problems of the form (1) under Assumption 1?"""

from __future__ import annotations

from spiritlevel.theory.rabo import PAPER
from spiritlevel.theory.rabo.costs.witnesses import task_witness
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import check as recheck


def _check_tuning(ctx: Context) -> Finding:
    import sympy as sp

    w, scale, s = sp.symbols("w scale s", positive=True)
    logits = sp.symbols("f_1 f_2", real=True)
    shift = sp.symbols("l_1 l_2", real=True)
    factors = sp.symbols("Delta_1 Delta_2", real=True)
    scores = [sp.exp(d * f + b) for d, f, b in zip(factors, logits, shift, strict=True)]
    loss = -w * sp.log(scores[0] / sum(scores))
    homogeneous = sp.simplify(loss.subs(w, scale * w) - scale * loss) == 0
    share = s / (1 + s)  # a softmax with two classes
    positive = bool((1 - share).simplify().is_positive) and bool(share.is_positive)
    below = sp.limit(-(-1 / s) * sp.log(share.subs(s, 1)), s, 0, "+") == -sp.oo
    witness = task_witness()
    refuted = homogeneous and positive and below and recheck(witness).ok
    return Finding(
        verdict=Verdict.REFUTED if refuted else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary="L_VS is linear in w: for c > 0 training with c w has the minimisers of w, and validation c times the value. So Phi falls to 0 "
        "as w does, whatever the model; at w = 0 every y is a minimiser; and for w < 0, which x in R^{d_1} allows, Phi has no lower bound "
        "and the lower level no minimum",
        cases=3,
        witness=witness if refuted else None,
    )


TUNING = Statement(
    id="rabo/loss-tuning-task",
    paper=PAPER,
    location="Section V-B, the display of the optimisation target",
    kind="qualitative",
    variant="added",
    sentence="The loss-tuning task is of the form (1): a lower level with one minimiser y*(x) and an objective whose minimum says something about x.",
    formula=r"\min_{\mathbf x} \tfrac1n \sum_i \mathcal L_{VS}^{val}(\mathbf x, y^*(\mathbf x)),\quad \mathbf x = [\mathbf w, \mathbf l, \Delta]",
    because="The validation loss has the weights w in it too; with a loss without hyper-parameters there (as in the literature on this loss) they "
    "could not shrink it.",
    check=_check_tuning,
    expected=Verdict.REFUTED,
)


def _check_few_shot(ctx: Context) -> Finding:
    import sympy as sp

    features = sp.symbols("z_1 z_2", real=True)
    weights = sp.symbols("y_11 y_12 y_21 y_22 y_31 y_32", real=True)
    u = sp.symbols("u_1 u_2", real=True)
    scores = [sum(a * z for a, z in zip(weights[2 * k : 2 * k + 2], features, strict=True)) for k in range(3)]
    loss = sp.log(sum(sp.exp(v - scores[0]) for v in scores))
    moved = loss.subs({weights[k]: weights[k] + u[k % 2] for k in range(6)}, simultaneous=True)
    flat = sp.simplify(moved - loss) == 0
    return Finding(
        verdict=Verdict.REFUTED if flat else Verdict.SUPPORTED,
        method=Method.SYMBOLIC,
        summary="adding one vector to the weights of all classes changes no probability (symbolic, 3 classes, any data): the Hessian in y is "
        "singular everywhere, mu_g = 0, and (7) has no inverse; for an MLP the loss is not convex at all"
        if flat
        else "the loss moves with a common shift",
    )


FEW_SHOT = Statement(
    id="rabo/few-shot-convexity",
    paper=PAPER,
    location="Section V-A, the display of the task; Assumption 1",
    kind="qualitative",
    variant="added",
    sentence="The lower level of the few-shot task, cross-entropy of a linear classifier on given features, is strongly convex in y.",
    because="The display has no regulariser; a quadratic one gives mu_g > 0 to a linear classifier.",
    check=_check_few_shot,
    expected=Verdict.REFUTED,
)
