"""Table I: the columns of the two levels' functions for INTERACT, SLAM and DSBO, and Argus's own consensus constraints."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.algorithms import algorithm
from spiritlevel.core.algorithms.dsbo import DSBO
from spiritlevel.core.driver import run
from spiritlevel.core.errors import InputError
from spiritlevel.core.graphs import named
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.constructors import quadratic
from spiritlevel.synthetic.lower import QuadraticLower
from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.argus.assumptions import ALL, audit_runs
from spiritlevel.theory.argus.cuts.cases import wavy
from spiritlevel.theory.evidence import broken
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import Condition, Witness

NUMBERS = {"interact": "[16]", "slam": "[18]", "dsbo": "[20]"}
NET, HUNDREDTH = "ring:4", 0.01


def settings(name: str, L_g: float) -> dict[str, Any]:
    """Step sizes far below where the methods are stable on these problems."""
    listed: dict[str, dict[str, Any]] = {
        "interact": {"alpha": 0.05, "beta": 0.5 / L_g},
        "slam": {"alpha": 10, "beta": 4 * L_g},
        "dsbo": {"alpha": 0.05, "beta": 0.3, "gamma": 0.5 / L_g, "b": 12, "L_g": L_g},
        "argus": {"eta": 0.05, "T_1": 20},
    }
    return listed[name]


def fallen(ctx: Context, name: str) -> float:
    """What is left of the objective's squared gradient where the upper level is not convex, at the mean x."""
    problem = dataclasses.replace(wavy(ctx.seed("wavy"), 4, 0), shared=algorithm(name).shared)
    a = ctx.algorithm(name)(**settings(name, float(problem.constants.L_g)))
    steps = ctx.pick(400, 2000)
    trace = run(a, problem, named(NET), steps=steps, record=[0, steps], metrics=())
    first, last = ((problem.hypergradient(x[None]) ** 2).sum() for x in trace.x[0].mean(axis=1))
    return float(last / first)


def convex_only() -> Bilevel:
    """``g_i = (y_1 - x)^2/2``, flat in y_2: convex, not strongly; ``f_i = (x^2 + |y - (1, 1)|^2)/2``."""
    eye, B = np.broadcast_to(np.eye(2), (4, 2, 2)).copy(), np.zeros((4, 2, 1))
    B[:, 0] = 1
    made = quadratic(eye, B, np.zeros((4, 2)), A=np.ones((4, 1, 1)), Q=eye, e=-np.ones((4, 2)), shared=True)
    H = eye.copy()
    H[:, 1, 1] = 0
    return dataclasses.replace(made, lower=QuadraticLower(H, B, np.zeros((4, 2)), trusted=True))


def steps_on(ctx: Context, name: str) -> bool:
    """Whether a method makes 20 iterations where the lower level is convex only."""
    problem = dataclasses.replace(convex_only(), shared=algorithm(name).shared)
    try:
        run(
            ctx.algorithm(name)(**settings(name, 2.0)), problem, named(NET), steps=20, record=[20], metrics=()
        )
    except InputError:
        return False
    return True


def inverse(b: int) -> float:
    """The largest entry of DSBO's estimate of the inverse Hessian diag(1, 0), with b factors and L_g = 2.

    Examples
    --------
    >>> [inverse(b) for b in (1, 9)]
    [1.0, 5.0]
    """
    H = np.array([1.0, 0.0, 0.0, 0.0])
    return float(DSBO(b=b, L_g=2).over("float").neumann(np.tile(H, b)[None, None], np.zeros((1, 1, 2))).max())


def _check_levels(ctx: Context) -> Finding:
    left = {name: fallen(ctx, name) for name in NUMBERS}
    steps = {name: steps_on(ctx, name) for name in (*NUMBERS, "argus")}
    growing = [inverse(b) for b in (10, 100, 1000)]
    above = all(v < HUNDREDTH for v in left.values())
    below = steps["argus"] and not steps["interact"] and not steps["slam"] and growing[-1] > 50 * growing[0]
    return Finding(
        verdict=Verdict.SUPPORTED if above and below else Verdict.REFUTED,
        method=Method.RUNS,
        summary="G = 1 - cos, from where it curves downwards: of the objective's squared gradient "
        + ", ".join(f"{name} {NUMBERS[name]} leaves {v:.1g}" for name, v in left.items())
        + f". A lower level that is flat in one direction: no step for {', '.join(name for name in steps if not steps[name]) or 'none'}, whose Hessian cannot be inverted; DSBO's Neumann product does not "
        f"converge, its largest entry is {', '.join(f'{v:g}' for v in growing)} for b = 10, 100, 1000; Argus makes its steps",
        numbers={
            "left": list(left.values()),
            "needed": HUNDREDTH,
            "steps": {k: bool(v) for k, v in steps.items()},
            "inverse": growing,
        },
        cases=len(left) + len(steps) + len(growing),
        audit=audit_runs([wavy(ctx.seed("wavy"), 4, 0)], [named(NET)]),
    )


LEVELS = Statement(
    id="argus/table1-levels",
    paper=PAPER,
    location="Table I, columns 'Upper-Level Functions' and 'Lower-Level Functions', rows [16], [18], [20]",
    kind="qualitative",
    sentence="INTERACT, SLAM and DSBO treat non-convex upper levels, and need strongly convex lower ones.",
    assumptions=ALL,
    because="Read of the methods, not of what is proved of them. For Argus's own row see argus/lower-nonconvex, argus/reformulation and argus/psi-no-cuts.",
    about=("argus",),
    check=_check_levels,
    expected=Verdict.SUPPORTED,
)


def rest_witness(eta: Fraction = Fraction(1, 10)) -> Witness:
    """Two agents that pull apart, without cuts: the iteration rests with x_1 = x_2 and y = (1, -1) eta/(1 + eta).

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(rest_witness()).ok
    True
    """
    y = eta / (1 + eta)
    return Witness(
        statement="argus/table1-own-consensus",
        paper=PAPER,
        location="(10), (11), (15)-(20)",
        claim_text="where the iteration rests the agents agree on y, as they do on x",
        note="G_i = ((x - a_i)^2 + (y - a_i)^2)/2, no cuts, the damping of theta faded; theta[i] is theta_ij, j the other agent",
        given={
            "eta": eta,
            "W": [["1/2", "1/2"]] * 2,
            "a": [1, -1],
            "x": [0, 0],
            "y": [y, -y],
            "theta": [1, -1],
        },
        define=(
            ("x_after", "W@x - eta*(x - a + theta)"),
            ("y_after", "W@y - eta*(y - a)"),
            ("theta_after", "theta + eta*(x - (ones(2)*sum(x) - x))"),
        ),
        assume=(
            Condition("a step size", "eta > 0"),
            Condition("x, y and theta rest", "x_after == x and y_after == y and theta_after == theta"),
            Condition("the agents agree on x", "x[0] == x[1]"),
        ),
        claim=Condition("and on y", "y[0] == y[1]"),
    )


def resting(ctx: Context, eta: Fraction) -> tuple[float, float]:
    """By how much x and y differ in the end of a run on the witness' problem."""
    one = np.ones((2, 1, 1))
    problem = quadratic(one, one, np.zeros((2, 1)), A=one, a=[[-1], [1]], Q=one, e=[[-1], [1]], shared=True)
    a = ctx.algorithm("argus")(eta=eta, T_1=0, M=1, damping="none")
    steps = int(40 / eta)
    trace = run(a, problem.over("float"), named("complete:2"), steps=steps, record=[steps], metrics=())
    return tuple(float(np.ptp(z[0, -1])) for z in (trace.x, trace.y))  # type: ignore[return-value]


def _check_own(ctx: Context) -> Finding:
    etas = (Fraction(1, 10), Fraction(1, 20), Fraction(1, 40))
    found = {eta: resting(ctx, eta) for eta in etas}
    told = ", ".join(f"{apart:.4f} (eta = {eta})" for eta, (_, apart) in found.items())
    return broken(
        rest_witness(),
        f"G_i = ((x - a_i)^2 + (y - a_i)^2)/2, a = 1, -1, no cuts: at rest x = 0 for both, and y = eta/(1 + eta) and its opposite, exactly. Runs end with y {told} apart, of first order in eta, and x "
        f"{max(x for x, _ in found.values()):.1g}",
        {"x_apart": [x for x, _ in found.values()], "y_apart": [y for _, y in found.values()]},
        cases=len(etas),
    )


OWN = Statement(
    id="argus/table1-own-consensus",
    paper=PAPER,
    location="Table I, row Argus, 'UL & LL'; Section I, 'consensus constraints at both levels'; (10), (11)",
    kind="qualitative",
    variant="added",
    sentence="Argus treats the consensus constraints of both levels alike: where it rests, agents agree on y as they do on x.",
    because="(1) has y'_i = y'_j; (10) and (11) have no such constraint and no multiplier for y, and (18) is a gradient step behind a mixing step, whose agents agree up to first order in eta only. Cuts pull y "
    "towards estimates that may differ as well.",
    about=("argus",),
    check=_check_own,
    expected=Verdict.REFUTED,
)
