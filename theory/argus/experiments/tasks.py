"""Section VI-A: what the constraints of (1) do to the problems (34) and (35), which print none; and whether (36) is of its form."""

from __future__ import annotations

from fractions import Fraction

from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.evidence import broken
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import Condition, Witness

F = Fraction


def tasks_witness() -> Witness:
    """Two tasks, losses (phi - 1)^2/2 and (phi + 1)^2/2: with phi_1 = phi_2 no meta-parameter comes below 1/2.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(tasks_witness()).ok
    True
    """
    return Witness(
        statement="argus/34-consensus",
        paper=PAPER,
        location="(34) with the constraints of (1)",
        claim_text="the best value with phi_1 = phi_2 is what the agents reach each on their own at theta = 0",
        note="r = R = 0. With consensus phi = (mean c + 2 theta)/3, and the upper level is least at theta = 0; alone phi_i = (c_i + 2 theta)/3",
        given={"c": [1, -1], "theta": 0},
        define=(
            ("alone", "(c + 2*theta*ones(2))/3"),
            ("one", "(mean(c) + 2*theta)/3*ones(2)"),
            ("value_alone", "norm2(alone - c)/4"),
            ("value_one", "norm2(one - c)/4"),
        ),
        assume=(
            Condition(
                "each phi_i minimises its own (phi - c_i)^2/2 + (phi - theta)^2",
                "3*alone == c + 2*theta*ones(2)",
            ),
            Condition("phi minimises their sum", "3*one == (mean(c) + 2*theta)*ones(2)"),
            Condition(
                "theta is best with consensus: the slope 2 (phi - mean c)/3 is 0", "one == mean(c)*ones(2)"
            ),
        ),
        claim=Condition("so it is no larger", "value_one <= value_alone"),
    )


def _check_tasks(ctx: Context) -> Finding:
    return broken(
        tasks_witness(),
        "losses (phi - 1)^2/2 and (phi + 1)^2/2, r = R = 0: with phi_1 = phi_2 the mean loss is at least 1/2 whatever the meta-parameter; at theta = 0 each on its own has phi_i = c_i/3 and 2/9",
    )


TASKS = Statement(
    id="argus/34-consensus",
    paper=PAPER,
    location="(34), 'phi_i denote the .. task-specific parameter of the i-th agent'; (1), y'_i = y'_j",
    kind="qualitative",
    variant="added",
    sentence="As an instance of (1) problem (34) adapts to each agent's task: its best value is no larger than where every agent adapts on its own.",
    because="A question of ours: (34) prints no constraints. With those of (1) all phi_i are one, which is specific to no task; mixing (16) and the estimate (5) "
    "pull them together. Without them agents do not share phi, and (34) is not of the form (1).",
    check=_check_tasks,
    expected=Verdict.REFUTED,
)


def cleaned() -> dict[str, bool]:
    """Two agents with one sample x = 1 each, labels 1 and 0, weights sigma_1 and sigma_2: what the lower level gives."""
    import sympy as sp

    w = sp.Symbol("w", real=True)
    first, second, k = (sp.Symbol(name, positive=True) for name in ("sigma_1", "sigma_2", "k"))
    clean, flipped = sp.log(1 + sp.exp(-w)), sp.log(1 + sp.exp(w))
    slope = sp.diff(first * clean + second * flipped, w)
    apart = sp.log(first / second)
    value = sp.log(1 + second / first)
    return {
        "convex in w": bool(
            sp.simplify(sp.diff(slope, w) - (first + second) * sp.exp(w) / (1 + sp.exp(w)) ** 2) == 0
        ),
        "w = log(sigma_1/sigma_2)": bool(sp.simplify(slope.subs(w, apart)) == 0),
        "equal weights: w = 0": bool(sp.simplify(slope.subs({second: first, w: 0})) == 0),
        "an l1 term is least there too": bool((k * abs(w)).is_nonnegative and (k * abs(w)).subs(w, 0) == 0),
        "validation loss at that w": bool(sp.simplify(clean.subs(w, apart) - value) == 0),
        "equal weights: log 2": bool(sp.simplify(value.subs(second, first) - sp.log(2)) == 0),
        "unequal weights: down to 0": bool(sp.limit(value, second, 0) == 0),
    }


def _check_cleaning(ctx: Context) -> Finding:
    found = cleaned()
    return Finding(
        verdict=Verdict.REFUTED if all(found.values()) else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary="two agents, one sample x = 1 each, labels 1 and, flipped, 0, validated on the label 1: with psi_1 = psi_2 the lower level is w = 0 and the upper level log 2 for every psi, with an "
        "l1 term or without; with weights of their own w = log(sigma_1/sigma_2), and the loss log(1 + sigma_2/sigma_1) comes down to 0"
        if all(found.values())
        else "a step of the algebra does not go through",
        numbers=found,
        cases=len(found),
    )


CLEANING = Statement(
    id="argus/35-consensus",
    paper=PAPER,
    location="(35), 'sigma(psi_{i,j})'; (1), x_i = x_j",
    kind="qualitative",
    variant="added",
    sentence="As an instance of (1), with psi_{i,j} the weight of agent i's j-th training sample, problem (35) can weigh one agent's flipped label less than another's clean one.",
    formula=r"\psi_1 = \psi_2 \implies w^* = 0,\ F = \log 2 \text{ for every } \psi",
    because="The consensus constraints of (1) tie the weights of samples that have nothing in common but their number. This is a reading: (35) prints no "
    "constraints. It does not bind where psi has an entry for every sample of all agents.",
    check=_check_cleaning,
    expected=Verdict.REFUTED,
)


def kink_witness() -> Witness:
    """R = |y - x| between y = x - d and x + d: the slope changes by 2, and L (2 d) is less however large L is.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(kink_witness()).ok
    True
    """
    return Witness(
        statement="argus/36-form",
        paper=PAPER,
        location="(36); Section III-C, 'G_i and g_i are smooth'",
        claim_text="the gradient in y of g, with the l2 norm of y - x in it, changes by at most L times the distance",
        note="one dimension, where the l2 norm is |y - x|; the rest of g left out; d is 1/(2 L), and any L does",
        given={"L": 1000, "x": 1},
        define=(
            ("d", "1/(2*L)"),
            ("below", "x - d"),
            ("above", "x + d"),
            ("slope_below", "(abs(below - x) - abs(below - d - x))/d"),
            ("slope_above", "(abs(above + d - x) - abs(above - x))/d"),
        ),
        assume=(
            Condition("slopes are those of |y - x|", "slope_below == -1 and slope_above == 1"),
            Condition("a Lipschitz constant", "L > 0"),
        ),
        claim=Condition(
            "they differ by at most L (above - below)", "slope_above - slope_below <= L*(above - below)"
        ),
    )


def _check_form(ctx: Context) -> Finding:
    return broken(
        kink_witness(),
        "the l2 norm of y - x has a kink where the present model is the historical one: the slope changes by 2 over any distance. It is neither smooth nor an r(y): its proximal map is that of a point that moves with x",
    )


FORM = Statement(
    id="argus/36-form",
    paper=PAPER,
    location="(36), 'the l_2 norm regularization term R(.)'; (1), g_i smooth",
    kind="qualitative",
    variant="added",
    sentence="With R(x, y') the l2 norm of y' - x, problem (36) is of the form (1): a smooth g_i(x, y') and a convex r(y').",
    because="A literal reading: (34) has the square, and with it (36) is of the form.",
    check=_check_form,
    expected=Verdict.REFUTED,
)
