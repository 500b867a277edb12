"""Algorithm 1 and tracking, proved over formal matrices: any agents, dimensions, problem, W and iteration."""

from __future__ import annotations

from typing import Any

from spiritlevel.theory.interact import PAPER
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict


def _formal(ctx: Context) -> Any:
    from spiritlevel.theory.instruments.formal import start_and_step

    return start_and_step(ctx.algorithm("interact"))


def _five(o: Any, x: Any, y: Any) -> Any:
    """Equation (5), written out here so that the algorithm's own function is compared with it."""
    return o.grad_x_f(x, y) - o.jvp_xy_g(x, y, o.solve_yy_g(x, y, o.grad_y_f(x, y)))


def _looks_at_time() -> Finding:
    return Finding(
        verdict=Verdict.REFUTED, method=Method.SYMBOLIC, summary="the step looks at the iteration number"
    )


def _check_algorithm(ctx: Context) -> Finding:
    from spiritlevel.theory.instruments.formal import ALPHA, BETA, X0, Y0, LooksAtTime, W, same

    try:
        run = _formal(ctx)
    except LooksAtTime:
        return _looks_at_time()
    o, s, z, first = run.oracle, run.state, run.after, run.first
    x, y = W * s.x - ALPHA * s.u, s.y - BETA * s.v  # (6), (7)
    p, p0 = _five(o, x, y), _five(o, X0, Y0)  # (8)
    pairs = {
        "(6)": (z.x, x),
        "(7)": (z.y, y),
        "(8)": (z.p, p),
        "(9)": (z.v, o.grad_y_g(x, y)),
        "(10)": (z.u, W * s.u + p - s.p),
        "x_0": (first.x, X0),
        "y_0": (first.y, Y0),
        "u_0": (first.u, p0),
        "p_0": (first.p, p0),
        "v_0": (first.v, o.grad_y_g(X0, Y0)),
    }
    broken = [name for name, (got, want) in pairs.items() if not same(got, want)]
    asked = sorted(run.asked)
    spent = (run.network.rounds, run.network.fields, asked)
    frugal = spent == (1, 2, ["grad_x_f", "grad_y_f", "grad_y_g", "jvp_xy_g", "solve_yy_g"])
    good = not broken and frugal
    return Finding(
        verdict=Verdict.PROVED if good else Verdict.REFUTED,
        method=Method.SYMBOLIC,
        summary="one formal step is (6)-(10) field by field, for any m, dimensions, problem, W and t; one round of two "
        "vectors, three gradients, one solve, one cross-Hessian product"
        if good
        else f"differs in {', '.join(broken) or 'none of its fields'}; spends {spent[0]} rounds of {spent[1]} vectors and "
        f"asks {', '.join(asked)}",
        numbers={"rounds": spent[0], "vectors": spent[1], "questions": len(asked)},
    )


ALGORITHM = Statement(
    id="interact/alg1",
    paper=PAPER,
    location="Algorithm 1, (5)-(10)",
    kind="identity",
    sentence="The reference implementation is Algorithm 1 (sums with the own copy): its start and one step equal (5)-(10).",
    formula=r"x_t = W x_{t-1} - \alpha u_{t-1},\ y_t = y_{t-1} - \beta v_{t-1},\ u_t = W u_{t-1} + p_t - p_{t-1}",
    about=("interact",),
    check=_check_algorithm,
    expected=Verdict.PROVED,
)


def _check_tracking(ctx: Context) -> Finding:
    from spiritlevel.theory.instruments.formal import LooksAtTime, is_zero, same, sum_over_agents

    try:
        run = _formal(ctx)
    except LooksAtTime:
        return _looks_at_time()
    o, s, z, first = run.oracle, run.state, run.after, run.first
    start = sum_over_agents(first.u - first.p)
    change = sum_over_agents((z.u - z.p) - (s.u - s.p))
    where = same(first.p, _five(o, first.x, first.y)) and same(z.p, _five(o, z.x, z.y))
    good = is_zero(start) and is_zero(change) and where
    return Finding(
        verdict=Verdict.PROVED if good else Verdict.REFUTED,
        method=Method.SYMBOLIC,
        summary="e'(u - p) is 0 at the start, a formal step keeps it, and p is the surrogate at (x_t, y_t): any m, dimensions, "
        "problem, t and W with e'W = e'"
        if good
        else f"e'(u - p) starts at {start} and changes by {change}; p is the surrogate at (x_t, y_t): {where}",
    )


TRACKING = Statement(
    id="interact/tracking",
    paper=PAPER,
    location="(10); Step 5 of the proof of Theorem 1",
    kind="identity",
    sentence="The mean of the trackers is the mean of the agents' hypergradient surrogates at every iteration.",
    formula=r"\bar u_t = \frac1m \sum_i \bar\nabla f_i(x_{i,t}, y_{i,t})",
    about=("interact",),
    check=_check_tracking,
    expected=Verdict.PROVED,
)
