"""Where SLAM comes from and what it becomes: (4) gives (5), one agent, one level of consensus, the Lagrangian (3)."""

from __future__ import annotations

from typing import Any

from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.algorithms.text_forms import eq23
from spiritlevel.theory.slam.algorithms.witnesses import lagrangian_witness
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import check as recheck


def _check_argmin(ctx: Context) -> Finding:
    import sympy as sp

    from spiritlevel.theory.instruments.formal import ALPHA, BETA
    from spiritlevel.theory.instruments.formal_graphs import GAMMA, RHO, L, different, step_over_graph

    # one coordinate of <c, d> + (inverse/2) |d|^2: completing the square, the minimiser is d = -c/inverse alone
    c, d, inverse = sp.symbols("c d inverse")
    square = sp.expand(
        c * d + inverse / 2 * d**2 - inverse / 2 * (d + c / inverse) ** 2 + c**2 / (2 * inverse)
    )
    run = step_over_graph(ctx.algorithm("slam"))
    o, s, z = run.oracle, run.state, run.after
    slope_y = o.grad_y_g(s.x, s.y) + GAMMA * (s.om + RHO * L * s.y)  # h_g + gamma A'(omega + rho A y)
    slope_x = eq23(o, s.x, z.y) + GAMMA * (s.lam + RHO * L * s.x)
    broken = different({"y": (z.y, s.y - slope_y / BETA), "x": (z.x, s.x - slope_x / ALPHA)})
    good = sp.simplify(square) == 0 and not broken
    return Finding(
        verdict=Verdict.PROVED if good else Verdict.REFUTED,
        method=Method.SYMBOLIC,
        summary="completing the square, coordinate by coordinate, for any inverse step > 0; a formal step of the implementation moves by the model's "
        "minimiser"
        if good
        else f"the implementation differs in {', '.join(broken) or 'nothing'}; the square is off by {square}",
    )


ARGMIN = Statement(
    id="slam/eq5",
    paper=PAPER,
    location="(4a), (4c), (5a), (5b)",
    kind="identity",
    sentence="The minimisers in (4a) and (4c) are (5a) and (5b).",
    formula=r"\arg\min_y \langle h_g^r + \gamma A^\top(\omega^r + \rho A y^r), y - y^r \rangle + \tfrac\beta2 \|y - y^r\|^2 "
    r"= y^r - \tfrac1\beta (h_g^r + \gamma A^\top \omega^r + \rho\gamma A^\top A y^r)",
    about=("slam",),
    check=_check_argmin,
    expected=Verdict.PROVED,
)


def _check_one_agent(ctx: Context) -> Finding:
    import sympy

    from spiritlevel.theory.instruments.formal import AGENTS, ALPHA, BETA, LOWER, UPPER
    from spiritlevel.theory.instruments.formal_graphs import different, step_over_graph

    no_edges = dict.fromkeys((UPPER, LOWER), sympy.ZeroMatrix(AGENTS, AGENTS))
    x, y, x_old, y_old = (
        sympy.MatrixSymbol(k, AGENTS, width)
        for k, width in (("x", UPPER), ("y", LOWER), ("x_old", UPPER), ("y_old", LOWER))
    )
    # without edges there are no multipliers; in the two-step form this is what h^{r-1} then is
    known = {"lam": 0 * x, "om": 0 * y, "f_old": ALPHA * (x_old - x), "g_old": BETA * (y_old - y)}
    broken = []
    for name in ("slam", "slam-two-step", "slam-l", "slam-u"):
        run = step_over_graph(ctx.algorithm(name), matrices=no_edges, known=known)
        o, s, z = run.oracle, run.state, run.after
        pairs = {
            "y": (z.y, s.y - o.grad_y_g(s.x, s.y) / BETA),
            "x": (z.x, s.x - eq23(o, s.x, z.y) / ALPHA),
        }
        for k in ("lam", "om"):
            if hasattr(z, k):
                pairs[k] = (getattr(z, k), getattr(s, k))
        if name == "slam-two-step":
            pairs |= {"h_f": (z.f_old, ALPHA * (s.x - z.x)), "h_g": (z.g_old, BETA * (s.y - z.y))}
            pairs |= {"start of x": (run.first.f_old, 0 * x), "start of y": (run.first.g_old, 0 * y)}
        broken += [f"{name}'s {what}" for what in different(pairs)]
    return Finding(
        verdict=Verdict.REFUTED if broken else Verdict.PROVED,
        method=Method.SYMBOLIC,
        summary=f"differs: {', '.join(broken)}"
        if broken
        else "with L = 0 formal steps of all four forms are y+ = y - h_g(x, y)/beta, x+ = x - h_f(x, y+)/alpha, and multipliers stay 0",
        cases=4,
    )


ONE_AGENT = Statement(
    id="slam/single-agent",
    paper=PAPER,
    location="Section 1, 'generalizes the single agent-based bilevel algorithms'",
    kind="identity",
    sentence="With one agent SLAM, SLAM-L, SLAM-U and Algorithm 1 are alternating stochastic gradient descent, the single-agent method of "
    "TTSA and ALSET.",
    formula=r"n = 1: \quad y^{r+1} = y^r - \tfrac1\beta h_g(x^r, y^r),\quad x^{r+1} = x^r - \tfrac1\alpha h_f(x^r, y^{r+1})",
    because="Of the single-agent methods that the paper lists this one is generalised; those with an inner loop (BSA, stocBiO), a correction "
    "(STABLE) or momentum (SUSTAIN, MRBO) are no special cases.",
    about=("slam", "slam-two-step", "slam-l", "slam-u"),
    check=_check_one_agent,
    expected=Verdict.PROVED,
)


def _check_one_level(ctx: Context) -> Finding:
    import sympy

    from spiritlevel.theory.instruments.formal import AGENTS, LOWER, UPPER
    from spiritlevel.theory.instruments.formal_graphs import PointOracle, different, step_over_graph

    zero, broken = sympy.ZeroMatrix(AGENTS, AGENTS), []
    for name, width, without in (("slam-l", UPPER, "lam"), ("slam-u", LOWER, "om")):
        o = PointOracle()
        one = step_over_graph(ctx.algorithm(name), oracle=o).after
        absent = sympy.ZeroMatrix(AGENTS, width)
        run = step_over_graph(
            ctx.algorithm("slam"), matrices={width: zero}, known={without: absent}, oracle=o
        )
        pairs = {
            k: (getattr(run.after, k), getattr(one, k)) for k in ("x", "y", "lam", "om") if hasattr(one, k)
        }
        pairs[without] = (getattr(run.after, without), absent)
        broken += [f"{name}'s {what}" for what in different(pairs)]
        kept = step_over_graph(ctx.algorithm("slam"), known={without: absent}, oracle=o).after
        k = "x" if without == "lam" else "y"
        if not different({k: (getattr(kept, k), getattr(one, k))}):
            broken.append(f"{name}, which does not notice a penalty")
    return Finding(
        verdict=Verdict.REFUTED if broken else Verdict.PROVED,
        method=Method.SYMBOLIC,
        summary=f"differs: {', '.join(broken)}"
        if broken
        else "formal steps of SLAM with L = 0 in the upper (lower) level are SLAM-L's (SLAM-U's); with its multipliers alone gone, (5b) would keep "
        "rho gamma A'A x / alpha",
        cases=2,
    )


ONE_LEVEL = Statement(
    id="slam/special-cases",
    paper=PAPER,
    location="Section 2, 'A Special Case of DBO (1)', twice",
    kind="identity",
    sentence="SLAM-L is SLAM without the upper level's multipliers and penalty, SLAM-U without the lower level's.",
    formula=r"\text{SLAM-L: } x^{r+1} = x^r - \tfrac1\alpha h_f^r, \qquad \text{SLAM-U: } y_k^{r+1} = y_k^r - \tfrac1\beta h_{g,k}^r",
    because="The text says 'by forgoing the dual update w.r.t. lambda'; the penalty goes too.",
    about=("slam", "slam-l", "slam-u"),
    check=_check_one_level,
    expected=Verdict.PROVED,
)


def _factors() -> tuple[Any, Any]:
    """What multiplies the own gradient of f_i in the derivative of (3) in x_i, and the derivative of the other terms.

    The other terms, of an edge between agents i and j, as `lagrangian_witness` has them for numbers.
    """
    import sympy as sp

    n, gamma, rho, lam, xi, xj = sp.symbols("n gamma rho lambda x_i x_j", positive=True)
    f = sp.Function("f")
    whole = f(xi) / n + gamma * lam * (xi - xj) + rho * gamma / 2 * (xi - xj) ** 2
    slope = sp.diff(whole, xi)
    own = sp.diff(f(xi), xi)
    rest = sp.expand(slope - own / n - gamma * (lam + rho * (xi - xj)))
    return slope.coeff(own), rest


def _check_lagrangian(ctx: Context) -> Finding:
    import sympy as sp

    witness = lagrangian_witness()
    factor, rest = _factors()
    refuted = recheck(witness).ok and factor != 1 and rest == 0
    return Finding(
        verdict=Verdict.REFUTED if refuted else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=f"the derivative of (3) in x_i holds {factor} of the gradient of f_i and all of gamma A'(lambda + rho A x); an exact instance with n = 2 "
        "differs",
        numbers={"factor": sp.sstr(factor)},
        witness=witness if refuted else None,
    )


LAGRANGIAN = Statement(
    id="slam/lagrangian",
    paper=PAPER,
    location="(3), (4c); Algorithm 1, line 3",
    kind="identity",
    variant="added",
    sentence="Read for h_f made of the agents' own gradients, as in Algorithm 1: (4c) is a gradient step on the augmented Lagrangian (3).",
    formula=r"\nabla_x L_{\rho\gamma} = \nabla_x f + \gamma A^\top (\lambda + \rho A x), \quad f = \tfrac1n \sum_i f_i",
    because="(3) has the mean of the f_i, Algorithm 1 their own gradients: a factor n. With 1/n of them, as (2a) suggests, (4c) is that step (slam/lagrangian-repaired). "
    "The dual step rho/gamma is one along A x; the gradient of (3) in lambda is gamma A x, of which it is rho/gamma^2.",
    check=_check_lagrangian,
    expected=Verdict.REFUTED,
)


def _check_lagrangian_repaired(ctx: Context) -> Finding:
    import sympy as sp

    from spiritlevel.theory.instruments.formal import AGENTS, ALPHA
    from spiritlevel.theory.instruments.formal_graphs import GAMMA, RHO, L, different, step_over_graph

    factor, rest = _factors()
    n = sp.Symbol("n", positive=True)
    sum_fits, scaled_fits = sp.expand(n * factor) == 1, rest == 0
    run = step_over_graph(ctx.algorithm("slam"), h_scale="mean")
    s, z = run.state, run.after
    slope = eq23(run.oracle, s.x, z.y) / AGENTS + GAMMA * (s.lam + RHO * L * s.x)
    broken = different({"x": (z.x, s.x - slope / ALPHA)})
    good = sum_fits and scaled_fits and not broken
    return Finding(
        verdict=Verdict.PROVED if good else Verdict.REFUTED,
        method=Method.SYMBOLIC,
        summary="n times the mean's share 1/n is 1; with 1/n of the own gradients the implementation (h_scale=mean) steps along the gradient of (3)"
        if good
        else f"the factor is {factor}; the implementation differs in {', '.join(broken) or 'nothing'}",
    )


LAGRANGIAN_REPAIRED = Statement(
    id="slam/lagrangian-repaired",
    paper=PAPER,
    location="(3), (4c); Algorithm 1, line 3",
    kind="identity",
    variant="repaired",
    repairs="slam/lagrangian",
    sentence="(4c) is a gradient step on (3) with the sum of the f_i in the place of their mean, or with 1/n of the agents' own gradients.",
    because="Either changes the effective step 1/alpha by the factor n; the paper's proofs use both normalisations.",
    about=("slam",),
    check=_check_lagrangian_repaired,
    expected=Verdict.PROVED,
)
