"""Averages over the agents: what the graph cannot change."""

from __future__ import annotations

from typing import Any

from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.algorithms.equivalence import LEVELS
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict


def _vanish(expressions: dict[str, Any]) -> list[str]:
    from spiritlevel.theory.instruments.formal import is_zero
    from spiritlevel.theory.instruments.formal_graphs import summed

    return [name for name, expression in expressions.items() if not is_zero(summed(expression))]


def _check_multipliers(ctx: Context) -> Finding:
    from spiritlevel.theory.instruments.formal_graphs import step_over_graph

    broken = []
    for name, levels in LEVELS.items():
        run = step_over_graph(ctx.algorithm(name))
        for k in ("lam" if z == "x" else "om" for z in levels):
            first, before, after = (getattr(s, k) for s in (run.first, run.state, run.after))
            broken += [
                f"{name}'s {what}" for what in _vanish({f"{k} at the start": first, k: after - before})
            ]
    return Finding(
        verdict=Verdict.REFUTED if broken else Verdict.PROVED,
        method=Method.SYMBOLIC,
        summary=f"changes: {', '.join(broken)}"
        if broken
        else "1'A' = 0: a formal step of SLAM, SLAM-L, SLAM-U keeps the sums over agents of A'lambda and A'omega, which start at 0; any graph, "
        "dimensions, samples",
    )


MULTIPLIERS = Statement(
    id="slam/multiplier-sum",
    paper=PAPER,
    location="(4b), (4d); 'due to 1'A'A = 0' at (53)",
    kind="identity",
    variant="added",
    sentence="The sums over agents of A' lambda and A' omega are 0 at every iteration.",
    formula=r"\mathbf 1^\top A^\top \lambda^r = 0,\quad \mathbf 1^\top A^\top \omega_k^r = 0",
    about=("slam", "slam-l", "slam-u"),
    check=_check_multipliers,
    expected=Verdict.PROVED,
)


def moves(run: Any, name: str) -> dict[str, Any]:
    """What (53), (150) say is 0 in the sum over agents, of one formal step of a primal-dual form."""
    from spiritlevel.theory.instruments.formal import ALPHA, BETA
    from spiritlevel.theory.instruments.formal_graphs import GAMMA
    from spiritlevel.theory.slam.algorithms.text_forms import eq23

    o, s, z = run.oracle, run.state, run.after
    h_g, h_f = o.grad_y_g(s.x, s.y), eq23(o, s.x, z.y)
    # the sum of the multipliers is 0 by `MULTIPLIERS`; here they are arbitrary, so that it is added back
    x, y = z.x - s.x + h_f / ALPHA, z.y - s.y + h_g / BETA
    if "x" in LEVELS[name]:
        x = x + GAMMA / ALPHA * s.lam
    if "y" in LEVELS[name]:
        y = y + GAMMA / BETA * s.om
    return {"xbar": x, "ybar": y}


def _check_means(ctx: Context) -> Finding:
    from spiritlevel.theory.instruments.formal_graphs import step_over_graph

    broken = []
    for name in LEVELS:
        run = step_over_graph(ctx.algorithm(name))
        broken += [f"{name}'s {what}" for what in _vanish(moves(run, name))]
        fields = [k for k in ("lam", "om") if hasattr(run.state, k)]
        kept = {k: getattr(run.after, k) - getattr(run.state, k) for k in fields}
        kept |= {f"first {k}": getattr(run.first, k) for k in fields}
        broken += [f"{name}'s sum of {what}" for what in _vanish(kept)]
    return Finding(
        verdict=Verdict.REFUTED if broken else Verdict.PROVED,
        method=Method.SYMBOLIC,
        summary=f"differs: {', '.join(broken)}"
        if broken
        else "formal steps of SLAM, SLAM-L, SLAM-U, summed over agents with 1'A'A = 0 and the kept sums of the multipliers; any graph, dimensions, "
        "samples",
    )


MEANS = Statement(
    id="slam/xbar-dynamics",
    paper=PAPER,
    location="(53), (150)",
    kind="identity",
    sentence="The means over agents move as in centralised gradient descent along the mean samples, whatever the graph.",
    formula=r"\bar x^{r+1} = \bar x^r - \tfrac1\alpha \bar h_f^r,\quad \bar y_k^{r+1} = \bar y_k^r - \tfrac1\beta \bar h_{g,k}^r",
    because="For (5), from which both places take it; for (6) see slam/xbar-two-step.",
    about=("slam", "slam-l", "slam-u"),
    check=_check_means,
    expected=Verdict.PROVED,
)


def _check_two_step(ctx: Context) -> Finding:
    from spiritlevel.theory.instruments.formal import ALPHA, BETA, same
    from spiritlevel.theory.instruments.formal_graphs import step_over_graph, summed

    def c(z: Any) -> dict[str, Any]:
        return {
            "x": (z.x - z.x_old) + z.f_old / ALPHA,
            "y": (z.y - z.y_old) + z.g_old / BETA,
        }

    run = step_over_graph(ctx.algorithm("slam-two-step"))
    before, after = c(run.state), c(run.after)
    broken = _vanish({k: after[k] - before[k] for k in before})
    for start in ("dual", "repeated"):
        first = step_over_graph(ctx.algorithm("slam-two-step"), start=start).first
        broken += [f"{k} at the start {start!r}" for k in _vanish(c(first))]
    zero = step_over_graph(ctx.algorithm("slam-two-step"), start="zero").first
    # from x^0 = h^0 = 0 the constant is xbar^1 itself
    broken += [] if same(summed(c(zero)["x"]), summed(zero.x)) else ["x at the start 'zero'"]
    return Finding(
        verdict=Verdict.REFUTED if broken else Verdict.PROVED,
        method=Method.SYMBOLIC,
        summary=f"differs: {', '.join(broken)}"
        if broken
        else "formal steps of slam-two-step from arbitrary x^r, x^{r-1}, h^{r-1} keep c; c = 0 for the starts of zero multipliers and x^0 = x^1, h^0 = 0; "
        "c = xbar^1 for x^0 = h^0 = 0",
    )


TWO_STEP = Statement(
    id="slam/xbar-two-step",
    paper=PAPER,
    location="(6); (53), (150)",
    kind="identity",
    variant="added",
    sentence="The two-step form keeps c = xbar^{r+1} - xbar^r + hbar^r / alpha, so that (53) and (150) hold for it if and only if c is 0 at the "
    "start.",
    formula=r"\bar x^{r+1} - \bar x^r + \tfrac1\alpha \bar h_f^r = \bar x^r - \bar x^{r-1} + \tfrac1\alpha \bar h_f^{r-1}",
    because="1'W = 1'W' = 1': the means feel nothing of the graph but the start.",
    about=("slam-two-step",),
    check=_check_two_step,
    expected=Verdict.PROVED,
)
