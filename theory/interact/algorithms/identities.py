"""What must hold exactly: the hypergradient, the closed form for linear f, and the printed neighbour sums."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.driver import run
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.networks import Network
from spiritlevel.core.numbers import Array, convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.synthetic.families import random_curved, random_linear, random_quadratic
from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.interact import PAPER
from spiritlevel.theory.interact.algorithms.figures import stuck_plot
from spiritlevel.theory.interact.assumptions import A1, A2, P1
from spiritlevel.theory.interact.witnesses import neighbour_sums_witness
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, decide, largest
from spiritlevel.theory.witness import check as recheck

ALPHA, BETA = Fraction(1, 8), Fraction(1, 16)


def _states(
    ctx: Context, problem: SolvedProblem, network: Network, steps: int
) -> tuple[Array, Array, list[Any]]:
    """A start that differs by agent, and the states of the first iterations, in exact arithmetic."""
    a = ctx.algorithm("interact")(alpha=ALPHA, beta=BETA).over("fraction")
    o, net = Oracle(problem), Gossip(network)
    x0 = convert(np.arange(problem.n * problem.p).reshape(1, problem.n, problem.p) % 5 - 2, "fraction")
    y0 = convert(np.arange(problem.n * problem.q).reshape(1, problem.n, problem.q) % 3 - 1, "fraction")
    states = [a.init(x0, y0, o, net)]
    for t in range(1, steps + 1):
        states.append(a.step(t, states[-1], o, net))
    return x0, y0, states


def _check_hypergradient(ctx: Context) -> Finding:
    a = ctx.algorithm("interact")(alpha=ALPHA, beta=BETA)
    mismatches, cases = 0, ctx.pick(8, 40)
    shapes = [(2, 2), (3, 2), (1, 3), (3, 3)]
    for k in range(cases):
        p, q = shapes[k % 4]
        problem = random_quadratic(ctx.seed("exact", k), n=3, p=p, q=q, rational=True)
        x = convert(np.arange(3 * p).reshape(1, 3, p) % 7 - 3, "fraction")
        claimed = (
            a.over("fraction")
            .init(x, problem.lower_solution(x), Oracle(problem), Gossip(named("ring:3", exact=True)))
            .p
        )
        mismatches += int((claimed != _exact_gradient(problem, x)).sum())
    errors = []
    for k in range(cases):
        curved = random_curved(ctx.seed("curved", k), n=3, p=2, q=2)
        x = np.random.default_rng(ctx.seed("point", k)).standard_normal((1, 3, 2))
        claimed = a.over("float").init(x, curved.lower_solution(x), Oracle(curved), Gossip(named("ring:3"))).p
        error = np.abs(claimed - _complex_gradient(curved, x)).max() / (1 + np.abs(claimed).max())
        errors.append(float(error))
    worst = largest(errors)
    good = mismatches == 0 and worst < 1e-12
    return Finding(
        verdict=decide(good, worst),
        method=Method.RATIONAL,
        summary=f"{cases} rational quadratics, every entry equal to the exact derivative of f_i(x, y_i*(x)); {cases} curved "
        f"instances by complex step to {worst:.1e}"
        if good
        else f"{mismatches} entries differ from the exact derivative; curved instances differ by {worst:.1e}",
        numbers={"mismatches": mismatches, "complex_step_error": worst, "tolerance": 1e-12},
        cases=2 * cases,
    )


def _along(problem: SolvedProblem, x: Array) -> Array:
    return problem.f(x, problem.lower_solution(x))


def _exact_gradient(problem: SolvedProblem, x: Array) -> Array:
    """Central differences, exact because f_i(x, y_i*(x)) is a quadratic polynomial; shape ``(1, n, p)``."""
    columns = []
    for k in range(problem.p):
        e = convert(np.eye(problem.p, dtype=int)[k], "fraction")
        columns.append((_along(problem, x + e) - _along(problem, x - e)) / 2)
    return np.stack(columns, axis=-1)


def _complex_gradient(problem: SolvedProblem, x: Array) -> Array:
    """Complex-step derivative, accurate to rounding; shape ``(1, n, p)``."""
    h = 1e-40
    return np.stack(
        [_along(problem, x + 1j * h * np.eye(problem.p)[k]).imag / h for k in range(problem.p)], axis=-1
    )


HYPERGRADIENT = Statement(
    id="interact/hypergrad",
    paper=PAPER,
    location="(4), (5)",
    kind="identity",
    sentence="At the lower-level solution, the surrogate is the gradient of f_i(x, y_i*(x)).",
    formula=r"\nabla \ell_i(x) = \nabla_x f_i - \nabla^2_{xy} g_i [\nabla^2_{yy} g_i]^{-1} \nabla_y f_i "
    r"\quad\text{at } (x, y_i^*(x))",
    assumptions=(P1,),
    about=("interact",),
    check=_check_hypergradient,
    expected=Verdict.SUPPORTED,
)


def _check_closed_form(ctx: Context) -> Finding:
    mismatches, cases, steps = 0, ctx.pick(4, 16), 5
    for k in range(cases):
        problem = random_linear(ctx.seed(k), n=3 + k % 3, p=2, q=1 + k % 3, rational=True)
        network = named(f"path:{problem.n}", exact=True)
        x0, y0, states = _states(ctx, problem, network, steps)
        for t, (x, y, u) in enumerate(_linear_solution(problem, network, x0, y0, steps)):
            pairs = ((states[t].x, x), (states[t].y, y), (states[t].u, u))
            mismatches += sum(int((got != want).sum()) for got, want in pairs)
    return Finding(
        verdict=Verdict.SUPPORTED if mismatches == 0 else Verdict.REFUTED,
        method=Method.RATIONAL,
        summary=f"{cases} rational instances with f_i = b_i'x: x, y and u equal the closed form at t = 0..{steps}, entry by entry"
        if mismatches == 0
        else f"{mismatches} entries of x, y, u differ from the closed form",
        numbers={"mismatches": mismatches, "steps": steps},
        cases=cases,
    )


def _linear_solution(
    problem: Any, network: Network, x0: Array, y0: Array, steps: int
) -> list[tuple[Array, Array, Array]]:
    """``x_t = W^t x_0 - alpha t W^(t-1) b``, ``u_t = W^t b`` and the sum that (7) unrolls to."""
    W, b = network.W, problem.upper.grad_x(x0, y0)
    eye = convert(np.eye(problem.n, dtype=int), "fraction")
    powers = [eye]
    for _ in range(steps):
        powers.append(W @ powers[-1])
    out: list[tuple[Array, Array, Array]] = []
    H, B, c = problem.lower.H, problem.lower.B, problem.lower.c
    for t in range(steps + 1):
        x = powers[t] @ x0 - (ALPHA * t * (powers[t - 1] @ b) if t else 0)
        y = np.empty_like(y0)
        for i in range(problem.n):
            decay = convert(np.eye(problem.q, dtype=int), "fraction") - BETA * H[i]
            total = np.linalg.matrix_power(decay, t) @ y0[0, i]
            for j in range(t):
                total = total + BETA * np.linalg.matrix_power(decay, t - 1 - j) @ (
                    B[i] @ out[j][0][0, i] + c[i]
                )
            y[0, i] = total
        out.append((x, y, powers[t] @ b))
    return out


CLOSED_FORM = Statement(
    id="interact/closed-form",
    paper=PAPER,
    location="(6)-(10) with linear f_i",
    kind="identity",
    variant="added",
    sentence="With f_i = b_i'x the iterates of Algorithm 1 have a closed form in the powers of W and of I - beta H_i.",
    formula=r"x_t = W^t x_0 - \alpha t W^{t-1} b, \quad u_t = W^t b, \quad "
    r"y_{i,t} = (I - \beta H_i)^t y_{i,0} + \beta \sum_{s<t} (I - \beta H_i)^{t-1-s} (B_i x_{i,s} + c_i)",
    assumptions=(*A1, *A2),
    about=("interact",),
    check=_check_closed_form,
    expected=Verdict.SUPPORTED,
)


def _check_neighbour_sums(ctx: Context) -> Finding:
    witness = neighbour_sums_witness()
    stands = recheck(witness).ok
    # All assumptions hold here; the iterates stop moving away from a stationary point.
    problem, steps = random_curved(ctx.seed("floor"), n=5, p=2, q=2), 2000
    literal = ctx.algorithm("interact")(alpha=0.02, beta=0.05, own=False)
    trace = run(
        literal,
        problem,
        named("ring:5", "laplacian"),
        steps=steps,
        x0=np.ones(2),
        record=steps // 200,
    )
    floor = float(trace.metrics["hypergradient_squared"][0, -1])
    moved = float(np.abs(trace.x[0, -1] - trace.x[0, len(trace.t) // 2]).max())
    stuck = trace.stopped is None and moved < 1e-9 and floor > 1e-6
    if stands and stuck:
        verdict = Verdict.REFUTED
    else:
        verdict = Verdict.INCONCLUSIVE if stands or stuck else Verdict.SUPPORTED
    return Finding(
        verdict=verdict,
        method=Method.RATIONAL,
        summary=f"exact witness {'stands' if stands else 'falls'}: the means of u_1 and p_1 differ; on a 5-ring the iterates "
        f"{'stop' if stuck else 'do not stop'} where |grad l|^2 = {floor:.2e} (moved {moved:.0e} in the last {steps // 2} steps)",
        numbers={"gradient_squared": floor, "moved": moved, "tolerance": 1e-6},
        cases=2,
        figures=(stuck_plot("INTERACT", trace),),
        audit=audit((*A1, *A2), [problem]),
        witness=witness,
    )


NEIGHBOUR_SUMS = Statement(
    id="interact/neighbour-sums",
    paper=PAPER,
    location="(6), (10) with Section 3's neighbour sets and Section 6's mixing matrix",
    kind="identity",
    sentence="With sums over the neighbours j in N_i as defined (i itself not among them) and the mixing matrix of Section 6 "
    "(W_ii > 0), Algorithm 1 tracks the mean gradient and converges to a stationary point.",
    formula=r"x_{i,t} = \sum_{j \in \mathcal N_i} [M]_{ij} x_{j,t-1} - \alpha u_{i,t-1}, \quad i \notin \mathcal N_i, "
    r"\quad M = I - \tfrac{2L}{3\lambda_{\max}(L)}",
    because="The rows without the diagonal do not sum to 1, so u shrinks to 0 whatever the problem. A slip of notation: with the "
    "own copy in the sums all is well, and with W_ii = 0 (a reading of property (c)) nothing is lost, but then -1 can be an "
    "eigenvalue.",
    assumptions=(*A1, *A2),
    about=("interact",),
    check=_check_neighbour_sums,
    expected=Verdict.REFUTED,
)
