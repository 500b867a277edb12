"""How SLAM's two-step form and EXTRA are related: one recursion, two extra conditions, another first step."""

from __future__ import annotations

from typing import Any

from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.algorithms.text_forms import weights
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict


def orders() -> dict[str, bool]:
    """EXTRA's conditions on eigenvalues, at an eigenvalue s of the Laplacian, ``weight = rho/tau``."""
    import sympy as sp

    s, weight, gamma = sp.symbols("s weight gamma", positive=True)
    W = 1 - (1 + 1 / gamma) * weight / 2 * s
    tilde = 1 - weight * s
    W_E = 2 * W - 1
    upper = sp.factor((1 + W_E) / 2 - tilde)  # EXTRA wants >= 0
    lower = sp.factor(tilde - W_E)  # EXTRA wants > 0 away from consensus
    more = sp.Symbol("more", nonnegative=True)
    return {
        "(I + W_E)/2 - W~ = (rho/(2 tau)) (1 - 1/gamma) L": sp.simplify(
            upper - weight * s * (1 - 1 / gamma) / 2
        )
        == 0,
        "equal exactly at gamma = 1": sp.solve(upper, gamma) == [1],
        "ordered for gamma >= 1": bool(sp.simplify(upper.subs(gamma, 1 + more)).is_nonnegative),
        "not ordered for gamma < 1": bool(sp.simplify(upper.subs(gamma, 1 / (1 + gamma))).is_negative),
        "W~ - W_E = (rho/(gamma tau)) L": bool(lower.is_positive),
        "I - W~ = (rho/tau) L": bool(sp.expand(1 - tilde).is_positive),
    }


def _check(ctx: Context) -> Finding:
    import sympy

    from spiritlevel.theory.instruments.formal import AGENTS, ALPHA
    from spiritlevel.theory.instruments.formal_graphs import GAMMA, RHO, L, different, step_over_graph

    run = step_over_graph(ctx.algorithm("slam-two-step"))
    s, z = run.state, run.after
    W, tilde = weights(ALPHA)
    eye = sympy.Identity(AGENTS)
    W_E = 2 * W - eye
    extra = (eye + W_E) * s.x - tilde * s.x_old - (z.f_old - s.f_old) / ALPHA
    broken = different({"the recursion": (z.x, extra)})
    first: Any = W_E * s.x - z.f_old / ALPHA  # EXTRA's first step from x^1
    pushed = RHO / GAMMA * L * s.x  # A'lambda^1
    by_dual = s.x - (z.f_old + GAMMA * pushed + RHO * GAMMA * L * s.x) / ALPHA
    broken += different({"the first step": (first, by_dual)})
    broken += [name for name, true in orders().items() if not true]
    return Finding(
        verdict=Verdict.REFUTED if broken else Verdict.PROVED,
        method=Method.SYMBOLIC,
        summary=f"fails: {'; '.join(broken)}"
        if broken
        else "a formal step is EXTRA's with W_E = I - (1 + 1/gamma)(rho/tau) L, W~ = I - (rho/tau) L; at every eigenvalue s > 0 of L the order and "
        "the equality as stated, W~ - W_E > 0 always; EXTRA's first step is SLAM's from lambda^1 = (rho/gamma) A x^1",
        numbers={"conditions": len(orders())},
    )


EXTRA = Statement(
    id="slam/extra",
    paper=PAPER,
    location="(6), (7)",
    kind="identity",
    variant="added",
    sentence="(6) is the recursion of EXTRA with W_E = 2W - I and W~ = W'; W~ = (I + W_E)/2, EXTRA's usual choice, if and only if gamma = 1, "
    "and its condition (I + W_E)/2 >= W~ holds if and only if gamma >= 1.",
    formula=r"x^{r+1} = (I + W_E) x^r - \tilde W x^{r-1} - \tfrac1\alpha (h^r - h^{r-1}),\quad "
    r"\tfrac12 (I + W_E) - \tilde W = \tfrac{\rho}{2\tau} (1 - \tfrac1\gamma) A^\top A",
    because="Small gamma, which tau >= O(rho sigma_max) does not exclude, is outside EXTRA's theory. W~ > 0 needs tau > rho sigma_max. EXTRA starts with "
    "x^2 = W_E x^1 - h^1/alpha, SLAM with W~ in the place of W_E.",
    about=("slam-two-step",),
    check=_check,
    expected=Verdict.PROVED,
)
