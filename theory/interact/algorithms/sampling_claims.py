r"""Tracking and refreshes of the sampling algorithms, proved over formal matrices."""

from __future__ import annotations

import itertools
from typing import Any

from spiritlevel.theory.interact import PAPER
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict

FACTORS = (1, 3)


def five(o: Any, x: Any, y: Any) -> Any:
    """Equation (5), written out so that the algorithm's own function is compared with it."""
    return o.grad_x_f(x, y) - o.jvp_xy_g(x, y, o.solve_yy_g(x, y, o.grad_y_f(x, y)))


def _cases(name: str) -> list[tuple[bool, dict[str, Any]]]:
    """Whether q divides the iteration number, and the settings."""
    from spiritlevel.theory.instruments.formal_batches import PERIOD

    if name == "gt-dsgd":
        return [(False, {"K": K}) for K in FACTORS]
    cases: list[tuple[bool, dict[str, Any]]] = []
    for K in FACTORS:
        cases += [(True, {"q": PERIOD, "K": K, "refresh": way}) for way in ("exact", "truncated")]
        for one, lower in itertools.product((False, True), ("xi", "zeta")):
            cases.append((False, {"q": PERIOD, "K": K, "one": one, "lower": lower}))
    return cases


def _tracking(ctx: Context, name: str) -> Finding:
    from spiritlevel.theory.instruments.formal import LooksAtTime, is_zero, sum_over_agents
    from spiritlevel.theory.instruments.formal_batches import sampled_step

    cases, broken = _cases(name), ""
    try:
        for divides, settings in cases:
            run = sampled_step(ctx.algorithm(name), divides=divides, S=3, **settings)
            start = sum_over_agents(run.first.u - run.first.p)
            change = sum_over_agents((run.after.u - run.after.p) - (run.state.u - run.state.p))
            if not (is_zero(start) and is_zero(change)):
                broken = f"e'(u - p) starts at {start} and changes by {change} ({divides=}, {settings})"
                break
    except LooksAtTime as error:
        broken = str(error)
    kinds = (
        "both kinds of step, refresh and estimate, keep it" if name == "svr-interact" else "a step keeps it"
    )
    return Finding(
        verdict=Verdict.REFUTED if broken else Verdict.PROVED,
        method=Method.SYMBOLIC,
        summary=broken
        or f"e'(u - p) is 0 at the start and {kinds}, with the estimates as formal matrices of which nothing is "
        f"assumed: any m, dimensions, problem, draws and W with e'W = e' ({len(cases)} readings and K)",
        numbers={"K": list(FACTORS)},
        cases=len(cases),
    )


def _check_tracking_svr(ctx: Context) -> Finding:
    return _tracking(ctx, "svr-interact")


def _check_tracking_gt(ctx: Context) -> Finding:
    return _tracking(ctx, "gt-dsgd")


TRACKING_SVR = Statement(
    id="interact/tracking-svr",
    paper=PAPER,
    location="(10) in Algorithm 2; Section 5.3",
    kind="identity",
    sentence="In SVR-INTERACT the mean of the trackers is the mean of the agents' estimates p at every iteration.",
    formula=r"\bar u_t = \frac1m \sum_i p_{i,t}",
    about=("svr-interact",),
    check=_check_tracking_svr,
    expected=Verdict.PROVED,
)

TRACKING_GT = Statement(
    id="interact/tracking-gt-dsgd",
    paper=PAPER,
    location="not claimed; Section 6, GT-DSGD",
    kind="identity",
    variant="added",
    sentence="In GT-DSGD the mean of the trackers is the mean of the agents' estimates p at every iteration.",
    formula=r"\bar u_t = \frac1m \sum_i p_{i,t}",
    about=("gt-dsgd",),
    check=_check_tracking_gt,
    expected=Verdict.PROVED,
)


def _check_refresh(ctx: Context) -> Finding:
    from spiritlevel.theory.instruments.formal import (
        ALPHA,
        BETA,
        LooksAtTime,
        W,
        is_zero,
        same,
        sum_over_agents,
    )
    from spiritlevel.theory.instruments.formal_batches import PERIOD, sampled_step

    broken: list[str] = []
    try:
        for K, q in itertools.product(FACTORS, (PERIOD, 1)):
            run = sampled_step(ctx.algorithm("svr-interact"), divides=True, q=q, S=3, K=K)
            o, s, z = run.oracle, run.state, run.after
            x, y = W * s.x - ALPHA * s.u, s.y - BETA * s.v
            p, v = five(o, x, y), o.grad_y_g(x, y)
            pairs = {
                "x": (z.x, x),
                "y": (z.y, y),
                "p": (z.p, p),
                "v": (z.v, v),
                "u": (z.u, W * s.u + p - s.p),
            }
            pairs["p_0"] = (run.first.p, five(o, run.first.x, run.first.y))
            broken += [f"{name} (q = {q})" for name, (got, want) in pairs.items() if not same(got, want)]
            follows = is_zero(sum_over_agents(z.u - p - (s.u - s.p)))
            broken += [] if follows else ["the mean of u"]
            broken += ["draws"] if o.answers.draws else []
    except LooksAtTime as error:
        broken = [str(error)]
    return Finding(
        verdict=Verdict.REFUTED if broken else Verdict.PROVED,
        method=Method.SYMBOLIC,
        summary=f"not as in INTERACT: {', '.join(dict.fromkeys(broken))}"
        if broken
        else "a formal refresh is INTERACT's step field by field and draws nothing: p and v are exact at the new point, and the "
        "mean of u is the mean of the surrogates, whatever p and v were; with q = 1 every step is one",
        numbers={"K": list(FACTORS)},
        cases=2 * len(FACTORS),
    )


REFRESH = Statement(
    id="interact/refresh-forgets",
    paper=PAPER,
    location="Algorithm 2, (8), (9); Section 5.3, 'every q iterations'",
    kind="identity",
    variant="added",
    sentence="A refresh of SVR-INTERACT is a step of INTERACT: errors of the estimates do not pass it, the mean tracker is again "
    "the mean surrogate, and with q = 1 the two algorithms are one.",
    formula=r"\big\|\tfrac1m \sum_i \bar\nabla f_i(x_{i,t}, y_{i,t}) - \bar u_t\big\|^2 = 0"
    r"\quad\text{for } t \equiv 0 \pmod q",
    about=("svr-interact",),
    check=_check_refresh,
    expected=Verdict.PROVED,
)
