"""SLAM's limit on heterogeneous problems: the root of the mean of (23), and how far from stationary that is."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.graphs import named
from spiritlevel.core.hypergradient import surrogate
from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.evidence import plain
from spiritlevel.theory.plots import Bars
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.assumptions import ALL, P2
from spiritlevel.theory.slam.gradients.eq23 import FIELDS, root
from spiritlevel.theory.slam.gradients.findings import formal_step, unproved
from spiritlevel.theory.slam.gradients.instances import two_tasks
from spiritlevel.theory.slam.gradients.limits import at_rest, everywhere
from spiritlevel.theory.slam.hypergradients import eq23
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, largest

SETTINGS: dict[str, Any] = {"alpha": 200, "beta": 50, "gamma": 50, "rho": "1/8"}
SHARED = {
    "HB": "Hessians and cross terms",
    "H": "Hessians",
    "B": "cross terms",
    "": "nothing",
    "K": "responses",
}


def _size(z: Any) -> float:
    return float(np.sqrt(float((z * z).sum())))


def _figure(rows: dict[str, dict[str, float]]) -> Bars:
    """What is not exactly 0 of the gradient and of the mean of (18) where SLAM rests."""
    names = {"true": "the gradient", "(18)": "mean of (18)"}
    sizes = {
        f"{name}, shared: {shared}": (row[key], key)
        for key, name in names.items()
        for shared, row in rows.items()
        if row[key]
    }
    return Bars(
        title="SLAM's limit, by what all agents share",
        y_label="size at the limit",
        labels=tuple(sizes),
        values=[size for size, _ in sizes.values()],
        marked=tuple(label for label, (_, key) in sizes.items() if key == "(18)"),
        caption="Without noise and at fixed steps. What is missing, where Hessians and cross terms or responses are shared, is exactly 0, and so is the mean of (23) everywhere.",
    )


def _check_floor(ctx: Context) -> Finding:
    settings = {name: Fraction(value) for name, value in SETTINGS.items()}
    algorithm = ctx.algorithm("slam")(**settings)
    problems, radii = [], []
    rows: dict[str, dict[str, float]] = {}
    strays = wrong = 0
    for same, shared in SHARED.items():
        for k in range(ctx.pick(1, 4)):
            n, graph = (4, "ring:4") if k % 2 == 0 else (3, "path:3")
            problem = two_tasks(ctx.seed(same, k), n, same)
            x = root(problem, eq23)
            assert x is not None, "the mean of (23) has no root on this instance"
            found = at_rest(algorithm, problem, named(graph, exact=True), *everywhere(problem, x))
            floors = {name: field(problem, x[None])[0] for name, field in FIELDS.items()}
            stationary = not floors["true"].any()
            strays += not found.is_limit
            wrong += stationary != (same in ("HB", "K"))
            rows.setdefault(shared, {name: _size(z) for name, z in floors.items()})
            problems.append(problem)
            radii.append(found.radius)
    table = "; ".join(f"{shared}: {row['true']:.3g}, {row['(18)']:.3g}" for shared, row in rows.items())
    good = strays == 0 and wrong == 0
    return Finding(
        verdict=Verdict.SUPPORTED if good else Verdict.REFUTED,
        method=Method.LINEAR,
        summary=f"exact states at rest, all at the root of the mean of (23), spectral radius up to {largest(radii):.4f}; the size of the "
        f"gradient and of the mean of (18) there, by what agents share: {table}"
        if good
        else f"{strays} of {len(problems)} states are not SLAM's limit, {wrong} gradients vanish or do not against the claim",
        numbers={
            "sizes": rows,
            "radius": [plain(r) for r in radii],
            "not the limit": strays,
            "unexpected": wrong,
        },
        cases=len(problems),
        audit=audit(ALL, problems),
        figures=(_figure(rows),) if good else (),
    )


FLOOR = Statement(
    id="slam/bias-floor",
    paper=PAPER,
    location="(23) with (152)",
    kind="qualitative",
    variant="added",
    sentence="Where SLAM converges on a quadratic problem, it tends to the root of the mean of (23), where the gradient of (1) "
    "vanishes if all agents share Hessians and cross terms, or their responses C_i H_i^-1, and in general not otherwise.",
    formula=r"\lim_r x_i^r = \bar x, \quad \overline{(23)}(\bar x, y^*(\bar x)) = 0",
    because="The multipliers remove what gradients differ in, not what (23) leaves out.",
    assumptions=(P2,),
    about=("slam",),
    check=_check_floor,
    expected=Verdict.SUPPORTED,
)


def _check_rest(ctx: Context) -> Finding:
    from spiritlevel.theory.instruments.formal import ALPHA, BETA
    from spiritlevel.theory.instruments.formal_graphs import GAMMA, RHO, L, different

    made = formal_step(ctx, "slam")
    if made is None:
        return unproved(("all",))
    o: Any = made.oracle
    s, z = made.state, made.after
    wrong = different(
        {
            # at rest the multipliers stay, so that L x+ = L y+ = 0: consensus, the graph being connected
            "lam": (z.lam - s.lam, RHO / GAMMA * L * z.x),
            "om": (z.om - s.om, RHO / GAMMA * L * z.y),
            # the iterates stay too, so that multipliers of sum 0 balance h_f and h_g, whose sums are then 0; and conversely
            "x": (ALPHA * (s.x - z.x), surrogate(o, s.x, z.y) + GAMMA * s.lam + RHO * GAMMA * L * s.x),
            "y": (BETA * (s.y - z.y), o.grad_y_g(s.x, s.y) + GAMMA * s.om + RHO * GAMMA * L * s.y),
        }
    )
    if wrong:
        return unproved(wrong)
    return Finding(
        verdict=Verdict.PROVED,
        method=Method.SYMBOLIC,
        summary="one formal step of arbitrary size, problem and graph: staying multipliers mean L x = L y = 0, staying iterates then "
        "(23) = -gamma A' lambda and grad_y g = -gamma A' omega, whose sums over agents are 0; and conversely",
        numbers={"different": wrong},
    )


REST = Statement(
    id="slam/at-rest",
    paper=PAPER,
    location="(4), (5), (23)",
    kind="qualitative",
    variant="added",
    sentence="SLAM is at rest, for any problem, exactly where all x_i agree, all y_i are the common lower solution, the mean of (23) is 0, and "
    "the multipliers balance what the agents' (23) and gradients of g differ by.",
    formula=r"x_i = \bar x,\ y_i = y^*(\bar x),\ \overline{(23)} = 0,\ A^\top \lambda = -h_f/\gamma,\ A^\top \omega = -h_g/\gamma",
    because="Nothing but (23) decides where SLAM may stop.",
    about=("slam",),
    check=_check_rest,
    expected=Verdict.PROVED,
)
