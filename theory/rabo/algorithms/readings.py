"""What (7) is on a submodel: its principal block, the full Hessian at the pruned point, or the pruned g_i of (2)."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from spiritlevel.core.numbers import Array, convert, inverse
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.families import quadratic, random_quadratic
from spiritlevel.theory.rabo import PAPER
from spiritlevel.theory.rabo.algorithms.runs import hypergradients
from spiritlevel.theory.rabo.algorithms.witnesses import masked_witness
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import check as recheck

HELD = "table:1100"
"""One client that holds the first two of four coordinates."""


def blocks(seed: int, *, decoupled: bool) -> Bilevel:
    """A random problem of one client with p = q = 4; decoupled: what is held and what is not share no block of g."""
    problem = random_quadratic(seed, 1, 4, 4, shared=True, rational=True)
    zero = np.zeros((1, 4), dtype=int)[None]
    H, C = problem.hess_yy_g(zero, zero)[0], problem.hess_xy_g(zero, zero)[0]
    if decoupled:
        apart = np.kron(np.eye(2, dtype=int), np.ones((2, 2), dtype=int))
        H, C = H * apart, C * apart
    e = convert(np.arange(1, 5)[None], "fraction")
    return quadratic(H, -np.swapaxes(C, -1, -2), e, Q=np.eye(4, dtype=int)[None], e=e, shared=True)


def gap(ctx: Context, problem: Bilevel) -> Fraction:
    """The largest difference between the two readings of (7), at one point."""
    at = [Fraction(k) for k in (1, -2, 3, 2)]
    h: list[Array] = []
    for hyper in ("submodel", "full"):
        a = ctx.algorithm("rabo")(hyper=hyper, mask_x=HELD, mask_y=HELD)
        h.append(hypergradients(a, problem, at, at)[0])
    return max(abs(Fraction(v)) for v in (h[0] - h[1]).reshape(-1))


def _check_readings(ctx: Context) -> Finding:
    seeds = ctx.pick(3, 10)
    apart = [gap(ctx, blocks(ctx.seed(k), decoupled=False)) for k in range(seeds)]
    equal = [gap(ctx, blocks(ctx.seed(k), decoupled=True)) for k in range(seeds)]
    good = all(g > 0 for g in apart) and not any(equal)
    dense = int(
        (inverse(blocks(ctx.seed(0), decoupled=False).hess_yy_g(*[np.zeros((1, 1, 4))] * 2)) != 0).sum()
    )
    return Finding(
        verdict=Verdict.SUPPORTED if good else Verdict.REFUTED,
        method=Method.RATIONAL,
        summary=f"they differ on {sum(g > 0 for g in apart)} of {seeds} random problems (largest gap {float(max(apart)):.2g}) and agree on "
        f"{sum(g == 0 for g in equal)} of {seeds} where g couples nothing held to anything that is not. The full reading inverts "
        f"all of H at the pruned point ({dense} of 16 entries here), which costs what the full model costs",
        numbers={"differ": sum(g > 0 for g in apart), "agree_decoupled": sum(g == 0 for g in equal)},
        cases=2 * seeds,
    )


READINGS = Statement(
    id="rabo/readings",
    paper=PAPER,
    location="(7) and the sentence below it; proof of Lemma 2",
    kind="qualitative",
    variant="added",
    sentence="(7) with the submodel's derivatives, whose Hessian is the principal block, and (7) of the full function at the pruned point are two "
    "methods; they agree where g couples no held coordinate with one that is not held.",
    because="The sentence on cost needs the first (its dimensions are the submodel's), the proof of Lemma 2 the second.",
    about=("rabo",),
    check=_check_readings,
    expected=Verdict.SUPPORTED,
)


def _check_masked(ctx: Context) -> Finding:
    problem = random_quadratic(ctx.seed(), 3, 3, 3, shared=True, rational=True)
    zero = np.zeros((1, 3, 3), dtype=int)
    H = problem.hess_yy_g(zero, zero)[0]
    m = np.array([[1, 1, 0], [0, 1, 0], [1, 1, 0]])
    pruned = H * m[:, :, None] * m[:, None, :]
    flat = [int((M == 0).all(axis=1).sum()) for M in pruned]
    uncovered = (pruned.sum(axis=0) == 0).all(axis=1)
    witness = masked_witness()
    refuted = all(flat) and recheck(witness).ok
    return Finding(
        verdict=Verdict.REFUTED if refuted else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary="the Hessian of y -> g_i(x.m, y.m) is diag(m) H diag(m): flat in every coordinate that client i does not hold "
        f"({flat} of 3 here), so that (7) has no inverse there; the clients' mean is flat in the {int(uncovered.sum())} that nobody holds, so that y* of (2) is not unique",
        numbers={"flat_directions": flat},
        cases=3,
        witness=witness if refuted else None,
    )


MASKED = Statement(
    id="rabo/masked-convexity",
    paper=PAPER,
    location="(2), (7), Assumption 1",
    kind="qualitative",
    variant="added",
    sentence="The pruned lower level of (2) is strongly convex in y where g_i is, so that (2) has one y*(x) and (7) an inverse.",
    formula=r"g(x, y) = \frac1n \sum_i g_i(x \odot m_x^i, y \odot m_y^i)",
    because="Pruning makes it constant along what is pruned; (7) needs the principal block, and y* is unique only if somebody holds each coordinate.",
    check=_check_masked,
    expected=Verdict.REFUTED,
)


def _check_masked_repaired(ctx: Context) -> Finding:
    import sympy as sp

    # u' (sum_i M_i H_i M_i) u >= mu sum_i |M_i u|^2 = mu sum_k C_k u_k^2, since H_i >= mu
    u, c, mu, N = sp.symbols("u c mu N", positive=True)
    excess = mu * (1 + c) * u**2 / N - mu * u**2 / N  # coverage 1 + c, so at least 1
    floor = bool(sp.expand(excess).is_positive)
    problem = random_quadratic(ctx.seed(), 3, 3, 3, shared=True)
    zero = np.zeros((1, 3, 3))
    H = np.asarray(problem.hess_yy_g(zero, zero)[0], dtype=float)
    least = min(float(np.linalg.eigvalsh(each)[0]) for each in H)
    masks = np.array([[1, 1, 0], [0, 1, 1], [1, 0, 0]])
    mean = (H * masks[:, :, None] * masks[:, None, :]).mean(axis=0)
    found = float(np.linalg.eigvalsh(mean)[0])
    tolerance = 1e-12
    good = floor and found >= least * int(masks.sum(axis=0).min()) / 3 - tolerance
    return Finding(
        verdict=Verdict.PROVED if good else Verdict.REFUTED,
        method=Method.SYMBOLIC,
        summary="u' mean(M_i H_i M_i) u >= (mu_g/N) sum_k C_k u_k^2; principal blocks of H_i >= mu_g I are >= mu_g I; on one instance the "
        f"least eigenvalue is {found:.3f}, the bound {least / 3:.3f}",
        numbers={"least_eigenvalue": found, "bound": least / 3, "tolerance": tolerance},
    )


MASKED_REPAIRED = Statement(
    id="rabo/masked-convexity-repaired",
    paper=PAPER,
    location="(2), (7), Assumption 1",
    kind="qualitative",
    variant="repaired",
    repairs="rabo/masked-convexity",
    sentence="If somebody holds each coordinate, the pruned lower level of (2) is mu_g C_y*/N-strongly convex; and the principal block of every "
    "H_i has eigenvalues of at least mu_g, so that (7) of the submodel is defined.",
    because="Full coverage is added, and the constant shrinks by C_y*/N.",
    check=_check_masked_repaired,
    expected=Verdict.PROVED,
)
