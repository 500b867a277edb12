"""Definition 1: the proximal gradient mapping, printed with a proximal map of weight 1."""

from __future__ import annotations

from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.argus.assumptions import A1_B
from spiritlevel.theory.evidence import broken
from spiritlevel.theory.statement import Context, Finding, Statement, Verdict
from spiritlevel.theory.witness import Condition, Witness


def mapping_witness(eta: str = "1/2") -> Witness:
    """G = (x - 2)^2/2, R = |x|: the minimum is at 1, where (27) is not 0 unless eta = 1.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(mapping_witness()).ok, check(mapping_witness("1")).ok
    (True, False)
    """
    return Witness(
        statement="argus/psi-prox",
        paper=PAPER,
        location="Definition 1, (27); (31)",
        claim_text="P(x, gradient, eta) = 0 where x minimises G + R",
        note="one agent, or identical ones that agree; max(0, v - 1) - max(0, -v - 1) is prox of R = |x|",
        given={"x": 1, "eta": eta},
        define=(
            ("gradient", "x - 2"),
            ("v", "x - eta*gradient"),
            ("P", "(x - (max(0, v - 1) - max(0, -v - 1)))/eta"),
        ),
        assume=(
            Condition("x > 0 and gradient + 1 = 0: x is the minimum", "x > 0 and gradient + 1 == 0"),
            Condition("eta is positive", "eta > 0"),
        ),
        claim=Condition("the mapping vanishes", "P == 0"),
    )


def _check(ctx: Context) -> Finding:
    import sympy as sp

    eta = sp.Symbol("eta", positive=True)
    # x = 1, gradient -1: v = 1 + eta > 1, and the threshold takes 1 off v, or eta with the step size
    printed, scaled = ((1 - (1 + eta - k)) / eta for k in (1, eta))
    return broken(
        mapping_witness(),
        f"G = (x - 2)^2/2, R = |x|: at the minimum 1 the mapping is {sp.factor(printed)}, 1 for eta = 1/2; with prox_(eta R), the map of (17), it is {sp.simplify(scaled)}",
        numbers={"printed": str(sp.factor(printed)), "scaled": str(sp.simplify(scaled))},
    )


MAPPING = Statement(
    id="argus/psi-prox",
    paper=PAPER,
    location="Definition 1, (27); Definition 3, (31)",
    kind="lemma",
    variant="added",
    sentence="The proximal gradient mapping of Psi, as printed with prox_r, is 0 at the minimum of G + R.",
    formula=r"P(a, b, \eta) = \tfrac1\eta (a - \operatorname{prox}_r(a - \eta b))",
    because="The standard definition has prox_{eta r}, and (17) steps with it; a step eta against a proximal map of weight 1 measures stationarity for R/eta. "
    "Only eta = 1 or R = 0 is unaffected. Besides, (31) puts in the virtual rate, 0 for an agent that sleeps, by which (27) divides.",
    assumptions=(A1_B,),
    check=_check,
    expected=Verdict.REFUTED,
)
