"""One formal step of each implementation beside the text's equations, written out here."""

from __future__ import annotations

from typing import Any

from spiritlevel.theory.statement import Context

DUAL = ("slam", "slam-l", "slam-u")
"""Kept with multipliers."""
ASKED = ("grad_y_g", "grad_y_f", "solve_yy_g", "grad_x_f", "jvp_xy_g")
"""What one iteration asks."""


def eq23(o: Any, x: Any, y: Any) -> Any:
    """(23), written out so that the algorithm's own function is compared with it."""
    return o.grad_x_f(x, y) - o.jvp_xy_g(x, y, o.solve_yy_g(x, y, o.grad_y_f(x, y)))


def weights(inverse: Any) -> tuple[Any, Any]:
    """``W`` and ``W'`` of (7) with tau = inverse / gamma."""
    import sympy

    from spiritlevel.theory.instruments.formal import AGENTS
    from spiritlevel.theory.instruments.formal_graphs import GAMMA, RHO, L

    tau, eye = inverse / GAMMA, sympy.Identity(AGENTS)
    return eye - (1 + 1 / GAMMA) * RHO / (2 * tau) * L, eye - RHO / tau * L


def formal_differences(ctx: Context, name: str) -> list[str]:
    """Fields in which start or step differ from (5a), (4b), (5b), (4d) or, for slam-two-step, from (6), (7)."""
    from spiritlevel.theory.instruments.formal import ALPHA, BETA, X0, Y0, LooksAtTime
    from spiritlevel.theory.instruments.formal_graphs import GAMMA, RHO, L, different, step_over_graph

    try:
        run = step_over_graph(ctx.algorithm(name))
    except LooksAtTime:
        return ["the iteration number, which it looks at"]
    o, s, z, first = run.oracle, run.state, run.after, run.first
    h_g = o.grad_y_g(s.x, s.y)
    pairs: dict[str, tuple[Any, Any]] = {"start x": (first.x, X0), "start y": (first.y, Y0)}
    if name in DUAL:
        y = (
            s.y - h_g / BETA
            if name == "slam-u"
            else s.y - (h_g + GAMMA * s.om + RHO * GAMMA * L * s.y) / BETA
        )
        h_f = eq23(o, s.x, y)
        x = (
            s.x - h_f / ALPHA
            if name == "slam-l"
            else s.x - (h_f + GAMMA * s.lam + RHO * GAMMA * L * s.x) / ALPHA
        )
        want = {
            "x": x,
            "y": y,
            "lam": RHO / GAMMA * L * x,
            "om": RHO / GAMMA * L * y,
            "Lx": L * x,
            "Ly": L * y,
        }
        for k in ("lam", "om"):
            if hasattr(s, k):
                pairs[f"start {k}"] = (getattr(first, k), 0 * (X0 if k == "lam" else Y0))
                want[k] = getattr(s, k) + want[k]
    else:
        W, W_old = weights(BETA)
        y = 2 * W * s.y - W_old * s.y_old - (h_g - s.g_old) / BETA
        h_f = eq23(o, s.x, y)
        W, W_old = weights(ALPHA)
        x = 2 * W * s.x - W_old * s.x_old - (h_f - s.f_old) / ALPHA
        want = {
            "x": x,
            "y": y,
            "Lx": L * x,
            "Ly": L * y,
            "x_old": s.x,
            "y_old": s.y,
            "f_old": h_f,
            "g_old": h_g,
        }
        want |= {"Lx_old": L * s.x, "Ly_old": L * s.y}
    pairs |= {k: (getattr(z, k), v) for k, v in want.items() if hasattr(z, k)}
    found = different({f"formal {k}": pair for k, pair in pairs.items()})
    fields = {"slam-l": 1, "slam-u": 1}.get(name, 2)
    if (run.rounds, run.fields) != (1, fields):
        found.append(f"{run.rounds} rounds of {run.fields} fields")
    if sorted(run.asked) != sorted(ASKED):
        found.append("questions")
    return found
