"""The step sizes of Theorem 1: which conditions its proof needs, and whether any step satisfies them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.constants import Constants
from spiritlevel.core.networks import averaging
from spiritlevel.synthetic.families import random_quadratic
from spiritlevel.theory.rabo import PAPER
from spiritlevel.theory.rabo.assumptions import ALL
from spiritlevel.theory.rabo.theorems.lists import NEEDED, PRINTED
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.step_lists.admission import pictured
from spiritlevel.theory.step_lists.stepsize import emptied
from spiritlevel.theory.witness import Condition, Witness
from spiritlevel.theory.witness import check as recheck

LETTERS = (
    ("L_y", "l_g1/mu_g"),
    ("bend", "l_f0/mu_g*(l_g2 + l_g1*l_g2/mu_g)"),
    ("M_f", "l_f1 + l_g1*l_f1/mu_g + bend"),
    ("L_f", "l_f1 + l_g1*(l_f1 + M_f)/mu_g + bend"),
)
"""Lemma 1's constants in the language of witnesses."""
SIGNS = Condition(
    "the constants of Assumptions 1 and 2; a joint Lipschitz constant is at least mu_g",
    "mu_g > 0 and l_g1 >= mu_g and l_g2 >= 0 and l_f0 >= 0 and l_f1 >= 0",
)
STEP_LIST = (
    Condition("alpha <= 1/(L_f + 4 M_f)", "alpha > 0 and alpha <= 1/(L_f + 4*M_f)"),
    Condition("beta <= min{1/(2 l_g1), 1/mu_g}", "beta > 0 and beta <= min(1/(2*l_g1), 1/mu_g)"),
    Condition("beta >= 1/mu_g - 1/(2 alpha L_y M_f mu_g)", "beta >= 1/mu_g - 1/(2*alpha*L_y*M_f*mu_g)"),
)
"""Theorem 1's conditions."""


def coefficient_witness() -> Witness:
    """The printed conditions hold and the coefficient in (34b) is positive.

    Examples
    --------
    >>> recheck(coefficient_witness()).ok
    True
    """
    return Witness(
        statement="rabo/thm1-steps",
        paper=PAPER,
        location="Theorem 1, (34b)",
        claim_text="under Theorem 1's conditions (2 alpha L_y M_f + 2)(1 - beta mu_g) - 1 is at most 0",
        given={"mu_g": 1, "l_g1": 1, "l_g2": 0, "l_f0": 1, "l_f1": 1, "alpha": "1/12", "beta": "1/2"},
        define=LETTERS,
        assume=(SIGNS, *STEP_LIST),
        claim=Condition("the coefficient is at most 0", "(2*alpha*L_y*M_f + 2)*(1 - beta*mu_g) - 1 <= 0"),
    )


def _positive(text: str) -> Any:
    import sympy as sp

    return sp.symbols(text, positive=True)


def coefficients() -> dict[str, bool]:
    """The identities behind the statements below, for all positive letters; a, b as in `lists`."""
    import sympy as sp

    a, b, mu, M, L_y, l1, lg, B = _positive("a b mu M L_y l1 lg B")
    inner = (2 * a + 2) * (1 - b) - 1
    fast = (sp.Rational(5, 2) * a + 2) * (1 - b) - 1  # (37b), as it is before 5/2 turns into 2
    M_f = l1 + lg * l1 / mu + B

    def zero(expression: Any) -> bool:
        return bool(sp.simplify(expression) == 0)

    return {
        "(34b) at the printed lower bound is 1/a": zero(inner.subs(b, 1 - 1 / (2 * a)) - 1 / a),
        "(34b) <= 0 iff b >= (2a+1)/(2a+2)": zero(inner - (2 * a + 2) * ((2 * a + 1) / (2 * a + 2) - b)),
        "that is 1/2 + a/(2a+2)": zero((2 * a + 1) / (2 * a + 2) - sp.Rational(1, 2) - a / (2 * a + 2)),
        "(37b) <= 0 iff b >= 1/2 + 5a/(10a+8)": zero(
            fast - (sp.Rational(5, 2) * a + 2) * (sp.Rational(1, 2) + 5 * a / (10 * a + 8) - b)
        ),
        "L_f = M_f (1 + L_y)": zero(l1 + lg * (l1 + M_f) / mu + B - M_f * (1 + lg / mu)),
        "at the largest alpha the lower bound is (L_y - 5)/(2 L_y mu_g)": zero(
            1 / mu - 1 / (2 * L_y * M * mu / (M * (1 + L_y) + 4 * M)) - (L_y - 5) / (2 * L_y * mu)
        ),
    }


def _check_steps(ctx: Context) -> Finding:
    facts, witness = coefficients(), coefficient_witness()
    name = "(34b) at the printed lower bound is 1/a"
    c = Constants(mu_g=1, L_g=1, L_fx=1, L_fy=0, C_fy=1)
    at = {"alpha": Fraction(1, 12), "beta": Fraction(1, 2)}
    admitted = all(row.allows for row in PRINTED.rows(c, Fraction(0), 1, at))
    false = recheck(witness).ok and facts[name] and admitted
    return Finding(
        verdict=Verdict.REFUTED if false else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=f"{name}, positive for all parameters; mu_g = 1, alpha = 1/12, L_y = 1, M_f = 2, beta = 1/2 are admitted and give 1/6",
        numbers={name: facts[name], "admitted": admitted},
        witness=witness if false else None,
        figures=(pictured(PRINTED, random_quadratic(1, 4, 2, 2, shared=True), averaging(4)),),
    )


STEPS = Statement(
    id="rabo/thm1-steps",
    paper=PAPER,
    location="Theorem 1, (34b)",
    kind="step size",
    sentence="Under Theorem 1's conditions on alpha and beta the coefficient of ||y_q - y*||^2 in (34b) is at most 0.",
    formula=r"\beta \ge \frac{1}{\mu_g} - \frac{1}{2\alpha L_y M_f \mu_g} \Rightarrow "
    r"(2\alpha L_y M_f + 2)(1 - \beta\mu_g) - 1 \le 0",
    because="The 2 beside 2 alpha L_y M_f is lost when the inequality is solved for beta.",
    assumptions=ALL,
    check=_check_steps,
    expected=Verdict.REFUTED,
)


def _random(rng: np.random.Generator) -> Constants:
    v = [Fraction(2) ** int(e) for e in rng.integers(-10, 11, 6)]
    return Constants(
        mu_g=v[0], L_g=v[0] + v[1] * int(rng.integers(0, 2)), L_fx=v[2], L_fy=0, C_fy=v[3], L_gyy=v[4]
    )


def _check_needed(ctx: Context) -> Finding:
    facts, rng = coefficients(), np.random.default_rng(ctx.seed("constants"))
    names = [name for name in facts if "iff b >=" in name or "1/2 + a" in name]
    cases, empty = ctx.pick(100, 1000), 0
    for _ in range(cases):
        c = _random(rng)
        alpha = Fraction(PRINTED.largest(c, Fraction(0), 1)["alpha"]) / 2 ** int(rng.integers(0, 20))
        empty += emptied(NEEDED.rows(c, Fraction(0), 1, {"alpha": alpha}), NEEDED.order) == "beta"
    proved = all(facts[name] for name in names) and empty == cases
    return Finding(
        verdict=Verdict.VACUOUS if proved else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary="the coefficient is at most 0 iff beta mu_g >= 1/2 + a/(2a+2) with a = alpha L_y M_f > 0, but beta <= 1/(2 l_g1) and l_g1 >= mu_g give "
        f"beta mu_g <= 1/2: no beta is left for any constants and any alpha ({empty} of {cases} exact draws confirm it); likewise with (37b)",
        numbers={name: facts[name] for name in names} | {"empty": empty},
        cases=cases,
    )


NEEDED_STEPS = Statement(
    id="rabo/thm1-steps-needed",
    paper=PAPER,
    location="Theorem 1, (34b)",
    kind="step size",
    variant="added",
    sentence="With beta >= (2a+1)/((2a+2) mu_g), a = alpha L_y M_f, in the place of the printed lower bound, the coefficient in (34b) "
    "is at most 0 for every admitted alpha and beta.",
    formula=r"\frac{2a+1}{(2a+2)\mu_g} \le \beta \le \frac{1}{2 l_{g,1}}",
    because="This is what the inequality gives. But no step satisfies it together with Lemma 4's beta <= 1/(2 l_g1): the factor 2 "
    "that Lemma 6 spends leaves nothing to contract.",
    assumptions=ALL,
    check=_check_needed,
    expected=Verdict.VACUOUS,
)


def _room_witness() -> Witness:
    return Witness(
        statement="rabo/thm1-steps-room",
        paper=PAPER,
        location="Theorem 1",
        claim_text="at the largest alpha some beta satisfies all of Theorem 1's conditions",
        given={"mu_g": 1, "l_g1": 7, "l_g2": 0, "l_f0": 1, "l_f1": 1},
        define=(*LETTERS, ("alpha", "1/(L_f + 4*M_f)")),
        assume=(SIGNS,),
        claim=Condition(
            "the lower bound is not above the upper ones",
            "1/mu_g - 1/(2*alpha*L_y*M_f*mu_g) <= min(1/(2*l_g1), 1/mu_g)",
        ),
    )


def _check_room(ctx: Context) -> Finding:
    facts, witness = coefficients(), _room_witness()
    empty = {
        int(L): emptied(PRINTED.rows(Constants(mu_g=1, L_g=L, L_fx=1), Fraction(0), 1), PRINTED.order)
        for L in (1, 5, 6, 7, 50)
    }
    agree = all((found == "beta") == (L > 6) for L, found in empty.items())
    identities = [name for name in facts if name.startswith(("L_f =", "at the largest"))]
    false = recheck(witness).ok and agree and all(facts[name] for name in identities)
    return Finding(
        verdict=Verdict.REFUTED if false else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary="since L_f = M_f (1 + L_y), at alpha = 1/(L_f + 4 M_f) the conditions are (L_y - 5)/(2 L_y) <= beta mu_g <= 1/(2 L_y): "
        "empty exactly for L_y > 6; with L_y = 7, 1/7 <= beta mu_g <= 1/14",
        numbers={name: facts[name] for name in identities} | {"L_y tried": list(empty)},
        cases=len(empty),
        witness=witness if false else None,
    )


ROOM = Statement(
    id="rabo/thm1-steps-room",
    paper=PAPER,
    location="Theorem 1",
    kind="step size",
    sentence="At alpha = 1/(L_f + 4 M_f) some beta satisfies Theorem 1's printed conditions.",
    variant="added",
    because="The lower bound on beta grows with alpha; for condition numbers L_y above 6 only smaller alpha leave room.",
    assumptions=ALL,
    check=_check_room,
    expected=Verdict.REFUTED,
)
