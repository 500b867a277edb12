"""Whether h of (8) is convex: with one round and no l1 term yes, with l1 or with more rounds no, and what is in its place."""

from __future__ import annotations

import numpy as np

from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.lower_estimate import LowerRounds
from spiritlevel.core.numbers import Array, convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.families import random_quadratic
from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.argus.assumptions import A1_B, audit_runs
from spiritlevel.theory.argus.cuts.frozen import Settings
from spiritlevel.theory.argus.cuts.witnesses import (
    convex_witness,
    rounds_witness,
    threshold_rounds_witness,
)
from spiritlevel.theory.evidence import broken, by_proof, sides
from spiritlevel.theory.instruments.cuts import Violation
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import Witness

BY = Settings()


def supported_by_its_slopes() -> bool:
    r"""That :math:`\phi(u) = |u| + w u^2` lies above its linearisations, in letters.

    With s = sign(u0), :math:`|u_0| = s u_0`, the difference is :math:`(|u| - s u) + w (u - u_0)^2`, both parts >= 0.
    """
    import sympy

    u, v, w, s, A = sympy.symbols("u v w s A", real=True)
    gap = (A + w * u**2) - (s * v + w * v**2) - (s + 2 * w * v) * (u - v)
    return bool(sympy.expand(gap - (A - s * u) - w * (u - v) ** 2) == 0)


NET = "ring:4"


def instances(ctx: Context, K: int, cases: int) -> list[Bilevel]:
    """The random rational quadratics."""
    return [
        random_quadratic(seed=ctx.seed(K, k), n=4, p=2, q=2, shared=True, rational=True) for k in range(cases)
    ]


def bends(ctx: Context, K: int, cases: int) -> int:
    """Entries of the estimate after K rounds whose second difference along random lines in x is not 0; exact."""
    found, net = 0, Gossip(named(NET, exact=True).over("fraction"))
    rounds = LowerRounds(K, BY.eta_y, BY.mu, BY.mu, scaled=False)
    for k, problem in enumerate(instances(ctx, K, cases)):
        rng = np.random.default_rng(ctx.seed("line", K, k))

        def draw(rng: np.random.Generator = rng) -> Array:
            return convert(rng.integers(-8, 9, (1, 4, 2)).astype(object), "fraction")

        x, d, y0 = draw(), draw(), draw()
        at = [rounds.run(Oracle(problem), net, x + t * d, y0)[0] for t in (-1, 0, 1)]
        found += int((at[0] - 2 * at[1] + at[2] != 0).sum())
    return found


def _check_r0(ctx: Context) -> Finding:
    proof, bent = supported_by_its_slopes(), bends(ctx, 1, ctx.pick(3, 20))
    return Finding(
        verdict=by_proof(proof, bent > 0),
        method=Method.SYMBOLIC,
        summary="y* is affine in x by (3), |u| + w u^2 lies above its linearisations (identity in letters), and a sum of such of affine "
        f"maps is convex; second differences of the implemented estimate: {bent} not 0",
        numbers={"identity": proof, "second differences not 0": bent},
        cases=ctx.pick(3, 20),
        audit=audit_runs(instances(ctx, 1, ctx.pick(3, 20)), [named(NET)]),
    )


R0 = Statement(
    id="argus/h-convex-r0",
    paper=PAPER,
    location="Section IV-B, after (8)",
    kind="lemma",
    variant="repaired",
    repairs="argus/h-convex-l1",
    sentence="With K = 1 and no l1 term below, y* is affine in x and h is convex, for frozen base point, linearisation point and "
    "multipliers.",
    formula=r"y^* = v_0 + J x, \qquad h = \sum_k |y_k - y_k^*| + \lambda_1 (y_k - y_k^*)^2",
    because="r = 0, to which the paper does not restrict it. Where the base point is the present y, as it moves, h is another function in every update: see argus/stale-cuts.",
    check=_check_r0,
    expected=Verdict.PROVED,
)


def _bent(witness: Witness, where: str) -> Finding:
    """Refuted by a witness whose claim is that h half-way is at most the mean of h at the ends."""
    ((middle, mean),) = sides(witness)
    numbers = {"half-way": middle, "mean of the ends": mean}
    return broken(witness, f"{where}, and {middle} half-way", numbers)


def _check_l1(ctx: Context) -> Finding:
    return _bent(
        convex_witness(),
        "g = (y - x)^2/2, r = |y|, eta_y = 1, lambda_1 = 1/10: h is 0 at (0, 0) and (2, 1)",
    )


L1 = Statement(
    id="argus/h-convex-l1",
    paper=PAPER,
    location="Section IV-B, after (8)",
    kind="lemma",
    sentence="With K = 1 the function h is convex, also where the lower level has an l1 term, as in the paper's problems.",
    formula=r"K = 1 \implies h \text{ convex}",
    assumptions=(A1_B,),
    because="The distance to a soft threshold is not convex: composing |.| with an affine map preserves convexity, with a proximal map "
    "it does not.",
    check=_check_l1,
    expected=Verdict.REFUTED,
)


def low_proof() -> bool:
    """That the threshold s of v has ``(v - s)^2 <= k^2`` on its three pieces: so |y - v| <= |y - s| + k, and h_low <= h."""
    import sympy

    v, k = sympy.symbols("v k", real=True)
    beyond = all(sympy.expand((v - s) ** 2 - k**2) == 0 for s in (v - k, v + k))
    within = sympy.expand((v - 0) ** 2 - v**2) == 0  # and there |v| <= k
    return bool(beyond and within and supported_by_its_slopes())


def _check_low(ctx: Context) -> Finding:
    proof, cases, wrong = low_proof(), ctx.pick(40, 400), 0
    rng = np.random.default_rng(ctx.seed("points"))

    def draw(*shape: int) -> Array:
        return convert(rng.integers(-8, 9, shape).astype(object), "fraction") / 4

    for _ in range(cases):
        h = Violation(draw(2), draw(2, 2), kappa=abs(draw(2)), weight=abs(draw(1))[0])
        x, y, x2, y2 = draw(2), draw(2), draw(2), draw(2)
        half = h.low((x + x2) / 2, (y + y2) / 2)
        wrong += h.low(x, y) > h.at(x, y) or 2 * half > h.low(x, y) + h.low(x2, y2)
    return Finding(
        verdict=by_proof(proof, wrong > 0),
        method=Method.SYMBOLIC,
        summary="a soft threshold moves v by at most k (on each of its pieces), so (|y - v| - k)_+ <= |y - soft(v)|; a convex "
        f"nondecreasing function of that is convex; {wrong} of {cases} random rational pairs contradict",
        numbers={"pieces": proof, "contradictions": wrong},
        cases=cases,
    )


LOW = Statement(
    id="argus/h-convex-l1-repaired",
    paper=PAPER,
    location="Section IV-B, after (8)",
    kind="lemma",
    variant="repaired",
    repairs="argus/h-convex-l1",
    sentence="With r = k |.|_1 the function h_low, in which every |y - v| is lessened by k, is convex and at most h.",
    formula=r"h_{low} = \sum_k e_k + \lambda_1 e_k^2, \quad e_k = (|y_k - v_k(x)| - k)_+, \qquad h_{low} \le h",
    assumptions=(A1_B,),
    because="The threshold is replaced by the most that it can do, so that only the affine v remains; {h <= eps} lies in {h_low <= eps}.",
    check=_check_low,
    expected=Verdict.PROVED,
)


def _check_rounds(ctx: Context) -> Finding:
    return _bent(
        rounds_witness(),
        "g = y^4/4 - x y, y0 = 0, eta_y = 1/2: y'' = x - x^3/16, h is 0 at (0, 0) and (2, 3/2)",
    )


ROUNDS = Statement(
    id="argus/h-convex-K2",
    paper=PAPER,
    location="Section IV-A, (5)-(7)",
    kind="lemma",
    variant="added",
    sentence="With K = 2 rounds and no l1 term h is convex.",
    formula=r"K = 2 \implies h \text{ convex}",
    because="The paper claims it for K = 1 only, but (7) and Theorems 2 and 3 allow K rounds: the second one is a gradient at a "
    "point that moves with x, so that y* is as curved in x as that gradient is in y.",
    check=_check_rounds,
    expected=Verdict.REFUTED,
)


def _check_threshold_rounds(ctx: Context) -> Finding:
    return _bent(
        threshold_rounds_witness(),
        "g = (y - x)^2/2, r = |y|, eta_y = 1: the second round gives soft(x) as the first does; h is 0 at (0, 0) and (2, 1)",
    )


THRESHOLD_ROUNDS = Statement(
    id="argus/h-convex-K2-l1",
    paper=PAPER,
    location="Section IV-A, (5)-(7)",
    kind="lemma",
    variant="added",
    sentence="With K = 2 rounds and an l1 term below h is convex, for g quadratic.",
    formula=r"K = 2, \ r = k \|\cdot\|_1 \implies h \text{ convex}",
    because="More rounds do not help: where one solves the lower level, as here, all others return the same soft threshold.",
    assumptions=(A1_B,),
    check=_check_threshold_rounds,
    expected=Verdict.REFUTED,
)


def _check_quadratic(ctx: Context) -> Finding:
    bent = {K: bends(ctx, K, ctx.pick(2, 10)) for K in (2, 3)}
    return Finding(
        verdict=by_proof(supported_by_its_slopes(), any(bent.values())),
        method=Method.SYMBOLIC,
        summary="every round (5), (6) is then an affine map of (y, phi, x), and their composition is affine; second differences not 0 "
        f"on rational quadratics with K = 2, 3: {sum(bent.values())}",
        numbers={f"second differences not 0, K = {K}": many for K, many in bent.items()},
        cases=2 * ctx.pick(2, 10),
        audit=audit_runs(instances(ctx, 2, ctx.pick(2, 10)), [named(NET)]),
    )


QUADRATIC = Statement(
    id="argus/h-convex-K-quadratic",
    paper=PAPER,
    location="Section IV-A, (5)-(7)",
    kind="lemma",
    variant="added",
    sentence="For g quadratic, without an l1 term, h is convex after any number of rounds K, for frozen base point and multipliers.",
    formula=r"\nabla_y g_i \text{ affine}, r = 0 \implies y'^{(K)} \text{ affine in } x",
    because="What the curvature of g in argus/h-convex-K2 is needed for.",
    check=_check_quadratic,
    expected=Verdict.PROVED,
)
