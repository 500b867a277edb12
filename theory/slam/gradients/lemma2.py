"""Lemma 2: how fast the shared lower solution and its derivative change, and slips in its proof."""

from __future__ import annotations

import math

import numpy as np

from spiritlevel.core.numbers import Array, convert
from spiritlevel.synthetic.shifted import STEEPEST, curvature, slope
from spiritlevel.theory.evidence import broken, by_proof, sides
from spiritlevel.theory.instruments.falsify import Box, Search, excess, search
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.assumptions import A1_G, A1_H, A1_XY, A5, P2
from spiritlevel.theory.slam.gradients.instances import two_tasks
from spiritlevel.theory.slam.gradients.lemma_witnesses import eq27_witness, eq29_witness, mixed_witness
from spiritlevel.theory.slam.gradients.means import letters, mean, root_mean_square_is_larger
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, largest


def along(theta: Array, t: Array) -> tuple[Array, Array]:
    r"""A stack x of `ShiftedLower`'s agents with :math:`y^*(x) - x_i = t_i`, and the derivatives of y* in every x_i.

    Closed forms: :math:`y = -\frac1n \sum \theta_i \varphi'(t_i)`, and the derivative in x_j is
    :math:`\frac1n \theta_j \varphi''(t_j) / (1 + \frac1n \sum \theta_i \varphi''(t_i))`.

    Examples
    --------
    >>> x, derivative = along(np.array([1.0]), np.array([0.75]))
    >>> x.round(12), derivative.round(6)  # 64/125 / (1 + 64/125)
    (array([-1.35]), array([0.338624]))
    """
    n = len(theta)
    y = -(theta * slope(t)).mean()
    bent = theta * curvature(t)
    return y - t, bent / n / (1 + bent.mean())


def box(n: int) -> Box:
    """The agents' weights, a stack, and what is added to it; the first agent always moves."""
    added: Box = {"d0": (1e-2, 3.0, "log"), **{f"d{i}": (-3.0, 3.0, "linear") for i in range(1, n)}}
    return {
        **{f"theta{i}": (1e-2, 1e2, "log") for i in range(n)},
        **{f"t{i}": (-3.0, 3.0, "linear") for i in range(n)},
        **added,
    }


def _read(v: dict[str, float], n: int) -> tuple[Array, Array, Array]:
    theta, t, d = (np.array([v[f"{k}{i}"] for i in range(n)]) for k in ("theta", "t", "d"))
    return theta, t, t + d


def first(v: dict[str, float], n: int) -> tuple[float, float]:
    r"""Both sides of (25) for stacks: n copies of y* on the left, L_y = C_xy/mu_g on the right.

    With ``theta`` below 1/100 and small moves around t = 0 the two come together: y* moves by :math:`\theta/(1 + \theta)`.
    """
    theta, s, t = _read(v, n)
    x, z = along(theta, s)[0], along(theta, t)[0]
    moved = math.sqrt(n) * abs((x + s)[0] - (z + t)[0])
    return moved, theta.max() * float(np.linalg.norm(x - z))


def second(v: dict[str, float], n: int) -> tuple[float, float]:
    """Both sides of (26) without its sqrt(2 n): n copies of the derivative, L_g2 in x or y alone."""
    theta, s, t = _read(v, n)
    (x, J), (z, K) = along(theta, s), along(theta, t)
    L_g2, L_y = theta.max() * STEEPEST, theta.max()
    bound = L_g2 * (1 + L_y) ** 2 / math.sqrt(n)
    return math.sqrt(n) * float(np.linalg.norm(J - K)), bound * float(np.linalg.norm(x - z))


def attack(ctx: Context, which: str, share: float = 1.0) -> list[Search]:
    """Search for one to three agents, for violations of that share of the bound."""
    both, found = {"first": first, "second": second}[which], []
    for n in (1, 2, 3):

        def violation(v: dict[str, float], n: int = n) -> float:
            left, right = both(v, n)
            return excess(left, share * right)

        found.append(search(violation, box(n), ctx.pick(1000, 4000), ctx.seed(which, n)))
    return found


def stacked_norms(ctx: Context) -> list[tuple[float, float]]:
    r"""On quadratics with two tasks: the exact Lipschitz constant :math:`\|\bar H^{-1}[B_1 .. B_n]\|/\sqrt n`, and L_y."""
    found = []
    for k in range(ctx.pick(6, 40)):
        problem = two_tasks(ctx.seed("blocks", k), 2 + k % 4)
        H, B = (convert(getattr(problem.lower, name), "float") for name in ("H", "B"))
        block = np.linalg.solve(H.mean(axis=0), np.concatenate(list(B), axis=1))
        bound = np.linalg.norm(B, 2, axis=(1, 2)).max() / np.linalg.eigvalsh(H).min()
        found.append((float(np.linalg.norm(block, 2)) / math.sqrt(problem.n), float(bound)))
    return found


def mean_is_definite() -> bool:
    """The mean of H_i - mu I is the mean Hessian less mu I: semidefinite parts have a semidefinite mean."""
    H, H_, mu = letters("H H_mean mu")
    return bool(mean(H - mu, {H: H_}) == H_ - mu)


def lipschitz(ctx: Context, share: float = 1.0) -> Finding:
    """(25) with that share of its constant."""
    proof = mean_is_definite() and root_mean_square_is_larger()
    searches, norms = attack(ctx, "first", share), stacked_norms(ctx)
    ratio = largest(exact / bound for exact, bound in norms)
    reached = [share * (1 + s.value) for s in searches]
    against = any(s.found for s in searches) or not ratio <= share
    return Finding(
        verdict=by_proof(proof, against),
        method=Method.SYMBOLIC,
        summary="n copies of -H^-1 mean(C_i' dx_i), with H >= mu_g and (mean|dx_i|)^2 <= mean|dx_i|^2 for any n: at most C_xy/mu_g |dx|; "
        f"exact norms on quadratics reach {ratio:.2f} of it, a search on curved lower levels of 1, 2, 3 agents "
        f"{', '.join(f'{r:.2f}' for r in reached)}",
        numbers={"quadratics": ratio, "curved": reached, "proof": proof, "tolerance": 1e-9},
        cases=len(norms) + sum(s.evaluations for s in searches),
    )


LIP = Statement(
    id="slam/lemma2-lip",
    paper=PAPER,
    location="Lemma 2, (25)",
    kind="lemma",
    sentence="The shared lower solution is Lipschitz with constant L_y = C_xy/mu_g, stacks against stacks.",
    formula=r"\|y_k^*(x) - y_k^*(x')\| \le \frac{C_{xy}}{\mu_g} \|x - x'\|",
    assumptions=(P2, A1_XY, A5),
    check=lambda ctx: lipschitz(ctx),
    expected=Verdict.PROVED,
)


def product_rule() -> bool:
    """C H^-1 - C' H'^-1 = (C - C') H^-1 + C' H'^-1 (H' - H) H^-1, in non-commuting symbols."""
    import sympy

    C, C2, H, H2 = letters("C C2 H H2")
    left = C * H**-1 - C2 * H2**-1
    right = (C - C2) * H**-1 + C2 * H2**-1 * (H2 - H) * H**-1
    return bool(sympy.expand(left - right) == 0)


def constant_follows() -> bool:
    """L (1 + s) r/mu from the cross terms and C L (1 + s) r/mu^2 from the Hessians, s = L_y = C/mu, are L (1 + L_y)^2 r/mu."""
    import sympy

    L, C, mu = sympy.symbols("L C mu", positive=True)
    L_y = C / mu
    parts = L * (1 + L_y) / mu + C * L * (1 + L_y) / mu**2
    printed = sympy.sqrt(2) * L / mu * (1 + L_y + C * (1 + L_y) / mu)
    return bool(
        sympy.simplify(parts - L * (1 + L_y) ** 2 / mu) == 0
        and sympy.simplify(printed / parts - sympy.sqrt(2)) == 0
    )


def smooth(ctx: Context, share: float = 1.0) -> Finding:
    """(26) with that share of the smaller constant that its proof gives."""
    proof = product_rule() and constant_follows() and root_mean_square_is_larger() and mean_is_definite()
    searches = attack(ctx, "second", share)
    reached = [share * (1 + s.value) for s in searches]
    loose = [r / math.sqrt(2 * n) for n, r in enumerate(reached, 1)]
    against = any(s.found for s in searches)
    return Finding(
        verdict=by_proof(proof, against),
        method=Method.SYMBOLIC,
        summary="the difference of two products in two parts, bounded by A1 and (25), with L_g2 (1 + L_y)^2/mu_g for stacks even over sqrt(n): "
        "sqrt(2 n) less than printed; a search on curved lower levels of 1, 2, 3 unequal agents reaches "
        f"{', '.join(f'{r:.2f}' for r in reached)} of the smaller constant, {', '.join(f'{r:.2f}' for r in loose)} of the printed one",
        numbers={
            "of the smaller constant": reached,
            "of the printed one": loose,
            "proof": proof,
            "tolerance": 1e-9,
        },
        cases=sum(s.evaluations for s in searches),
    )


SMOOTH = Statement(
    id="slam/lemma2-smooth",
    paper=PAPER,
    location="Lemma 2, (26)",
    kind="lemma",
    sentence="The derivative of the shared lower solution is Lipschitz with constant L_xy, for any number of unlike agents.",
    formula=r"\|\nabla y_k^*(x) - \nabla y_k^*(x')\| \le L_{xy} \|x - x'\|, \quad L_{xy} = \frac{\sqrt2 L_{g,2}}{\mu_g} \Big(1 + L_y + "
    r"\frac{C_{xy}(1 + L_y)}{\mu_g}\Big)",
    because="Needs the mixed block of the Hessian of g to be Lipschitz too; see slam/lemma2-needs-mixed.",
    assumptions=(P2, A1_G, A1_XY, A1_H, A5),
    check=lambda ctx: smooth(ctx),
    expected=Verdict.PROVED,
)


def _check_eq27(ctx: Context) -> Finding:
    ((derivative, bound),) = sides(eq27_witness())
    return broken(
        eq27_witness(),
        f"g = y^2/2 - x y: the derivative of y* = x is {derivative}, and any L_g2 will do, such as {bound}",
        numbers={"derivative": derivative, "bound": bound},
    )


EQ_27 = Statement(
    id="slam/lemma2-eq27",
    paper=PAPER,
    location="Proof of Lemma 2, after (27)",
    kind="lemma",
    sentence="The derivative of y* is at most L_g2/mu_g.",
    formula=r"\|\nabla_x y_k^*(x)\| \le L_{g,2}/\mu_g",
    because="Misprint: for C_xy/mu_g, which (27) has and (28) uses.",
    check=_check_eq27,
    expected=Verdict.REFUTED,
)

EQ_27_REPAIRED = Statement(
    id="slam/lemma2-eq27-repaired",
    paper=PAPER,
    location="Proof of Lemma 2, (27)",
    kind="lemma",
    variant="repaired",
    repairs="slam/lemma2-eq27",
    sentence="The derivative of y*, for stacks of n copies as at a common x, is at most C_xy/mu_g.",
    formula=r"\|\nabla_x y_k^*(x)\| \le C_{xy}/\mu_g",
    because="C_xy for L_g2.",
    assumptions=(P2, A1_XY, A5),
    check=lambda ctx: lipschitz(ctx),
    expected=Verdict.PROVED,
)


def _check_eq29(ctx: Context) -> Finding:
    ((derivatives, printed),) = sides(eq29_witness())
    return broken(
        eq29_witness(),
        f"g = y^2/2 + 20/9 phi(y - x): the derivatives differ by {derivatives}, the printed difference is {printed}; the next line has it right",
        numbers={"derivatives": derivatives, "printed": printed},
    )


EQ_29 = Statement(
    id="slam/lemma2-eq29",
    paper=PAPER,
    location="Proof of Lemma 2, (29)",
    kind="identity",
    sentence="The difference of the derivatives of y* is as displayed, with the second cross Hessian at (x, y*(x')).",
    formula=r"\nabla^2_{xy_k} g_k(x, y_k^*(x)) [\nabla^2_{yy} g_k(x, y_k^*(x))]^{-1} - \nabla^2_{xy_k} g_k(x, y_k^*(x')) "
    r"[\nabla^2_{yy} g_k(x', y_k^*(x'))]^{-1}",
    because="Misprint (or a prime lost in the text): x stands for x' in one place; the next line has it right.",
    check=_check_eq29,
    expected=Verdict.REFUTED,
)


def _check_mixed(ctx: Context) -> Finding:
    ((change, bound),) = sides(mixed_witness())
    return broken(
        mixed_witness(),
        f"g = y^2/2 - y psi(x), psi' cut off at 0 and 1: the yy block is constant, the derivative of y* changes by {change} between x = 0 and 1 where {bound} is allowed",
        numbers={"change": change, "bound": bound},
    )


MIXED = Statement(
    id="slam/lemma2-needs-mixed",
    paper=PAPER,
    location="Lemma 2, (26); A1",
    kind="lemma",
    variant="added",
    sentence="(26) holds with L_g2 a Lipschitz constant of the lower level's yy Hessian alone.",
    formula=r"L_{g,2} = \operatorname{Lip}(\nabla^2_{yy} g_{i,k})",
    because="A1's second derivatives of g must include the mixed ones, as (32a) takes for granted.",
    check=_check_mixed,
    expected=Verdict.REFUTED,
)
