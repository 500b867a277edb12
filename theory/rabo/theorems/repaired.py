"""Theorem 1 repaired: its bound, held against exact moments and against runs where nothing is quadratic."""

from __future__ import annotations

import itertools
import math

from spiritlevel.core.gossip import Gossip
from spiritlevel.core.masks import Masks
from spiritlevel.core.networks import averaging
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.bounded import Kind
from spiritlevel.synthetic.families import quadratic, random_curved
from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.rabo import PAPER
from spiritlevel.theory.rabo.assumptions import ALL, least_coverage
from spiritlevel.theory.rabo.constants import smoothness
from spiritlevel.theory.rabo.moments.rounds import Maker, kind_of, stable
from spiritlevel.theory.rabo.theorems.lists import SAFETY
from spiritlevel.theory.rabo.theorems.sides import Instance, sides
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, decide, largest

ROUNDING = 1e-12
"""Of V, relative."""


def instances(seeds: int) -> list[Instance]:
    """Masks, differences, noise, local steps, shares of the largest alpha, and numbers of rounds."""
    found = []
    for seed, (mask, het_f, het_b), (sigma, doublings), (T, share) in itertools.product(
        range(seeds),
        (("full", 0.0, 0.0), ("full", 1.0, 0.0), ("full", 0.0, 1.0), ("window:2", 0.0, 0.0), ("window:3", 1.0, 1.0)),
        ((0.0, 6), (1.0, 12), (0.0, 20)),
        ((1, 1.0), (3, 0.1)),
    ):  # fmt: skip
        found.append(Instance(seed, mask, het_f, het_b, sigma, T, share, doublings))
    return found


def pointed() -> list[Instance]:
    """Instances in which one term alone keeps the bound true: of the start, clients, pruning, the inner error, noise.

    Clients: ``f_i = (x - a_i)^2/2``, and client 1, with a_1 = 0, alone holds x, which rests at 0. Pruning: ``f = (x_1 - 1)^2/2 +
    x_1 x_2/2 + (x_2 - 1)^2/2``, every client holds one coordinate, g = y^2/2 rests at y = 0. Of the last two, one channel's noise.
    """
    one, two = [[[1]]] * 2, [[[1, 0.5], [0.5, 1]]] * 2
    apart = quadratic(one, [[[0]]] * 2, [[0]] * 2, A=one, a=[[0], [-2]], shared=True)
    coupled = quadratic(one, [[[0, 0]]] * 2, [[0]] * 2, A=two, a=[[-1, -1]] * 2, shared=True)
    return [
        Instance(1, doublings=20),
        Instance(0, "table:1:0", doublings=40, mask_y="full", made=apart),
        Instance(0, "table:10:01", doublings=40, mask_y="full", made=coupled),
        Instance(1, sigma=1.0, doublings=40, noisy=("grad_y_g",)),
        Instance(1, sigma=1.0, doublings=40, noisy=("grad_x_f",)),
    ]


TERMS = ("start", "clients", "pruning", "inner", "noise")


def rise(kind: Maker, problem: Bilevel, rounds: int, mask: str = "full") -> float:
    """The largest excess of ``V_{q+1} - V_q`` over its bound, relative to V, in one run of equal clients without noise."""
    c = smoothness(problem)
    M_f, L_y = float(c.M_f), float(c.L_y)
    beta = 1 / (2 * float(c.l_g1))
    b = beta * float(c.mu_g)
    alpha = b / (SAFETY * M_f * L_y)
    a = kind(alpha=alpha, beta=beta, T=2, mask_x=mask, mask_y=mask, hyper="full")
    o, net = Oracle(problem), Gossip(averaging(problem.n))
    x, y = (z[None] for z in problem.start())
    s = a.init(x, y, o, net)
    C = least_coverage(Masks(mask).at(1, problem.n, problem.p, s.x))
    pruned = 0 if mask == "full" else 1  # w_1 = w_2 = 1 covers all that masks can do
    w, weight = M_f / L_y, 3 * M_f**2 + M_f / (alpha * L_y) * (2 + b)
    worst = -math.inf
    for t in range(1, rounds + 1):
        star = problem.lower_solution(s.x)[:, :1]
        after = a.step(t, s, o, net)
        pairs = ((s.y, star), (after.y, star), (after.y, problem.lower_solution(after.x)[:, :1]))
        e, e_plus, e_next = (float(((u - v) ** 2).sum()) for u, v in pairs)
        V, V_next = (float(problem.value(z.x[:, 0])[0]) + w * d for z, d in ((s, e), (after, e_next)))
        G = float((problem.hypergradient(s.x[:, 0]) ** 2).sum())
        E_h = float(c.E_h(pruned, pruned, float((s.x**2).sum()), float((after.y**2).sum())))
        bound = alpha / 2 * (-G + 3 * problem.n / C * E_h + weight * (e_plus - (1 - b) * e))
        worst = max(worst, (V_next - V - bound) / (1 + abs(V)))
        s = after
    return worst


def _curved(seed: int) -> Bilevel:
    kind: Kind = "cos" if seed % 2 else "huber"
    return random_curved(seed, n=3, p=3, q=3, shared=True, heterogeneity=0, kind=kind)


def _check_bound(ctx: Context) -> Finding:
    kind = kind_of(ctx)
    given = instances(ctx.pick(2, 12))
    ratios = {i: (found := sides(kind, i)).left / found.right for i in given}
    sharp = [sides(kind, i) for i in pointed()]
    fails = any(s.left > s.right for s in sharp)
    turns = {term: any(term in s.deciding for s in sharp) for term in TERMS}
    top = max(ratios, key=ratios.__getitem__)
    rises = [
        rise(kind, _curved(k), ctx.pick(40, 400), mask)
        for k in range(ctx.pick(4, 12))
        for mask in ("full", "window:2")
    ]
    worst, excess = largest(ratios.values()), largest(rises)
    with_masks = largest(r for i, r in ratios.items() if i.mask != "full")
    verdict = decide(worst <= 1 and excess <= ROUNDING and not fails, worst, excess)
    if verdict is Verdict.SUPPORTED and not all(turns.values()):
        verdict = Verdict.INCONCLUSIVE  # a term that nothing tests
    return Finding(
        verdict=verdict,
        method=Method.MOMENTS,
        summary=f"{len(given)} quadratics with full masks and windows, differences in f and g, noise, T = 1 and 3, Q = 2^6 to 2^20: left over right is at most "
        f"{worst:.3f} ({with_masks:.1e} with windows); {len(rises)} runs where nothing is quadratic fall in every round as claimed "
        f"(largest excess {excess:.1e} of V). {len(sharp)} instances fail without one term each: {', '.join(t for t, found in turns.items() if found)}",
        numbers={
            "largest_ratio": worst,
            "largest_ratio_with_windows": with_masks,
            "at": f"{top}",
            "largest_excess": excess,
            "tolerance": ROUNDING,
            "refuted_without": [t for t, found in turns.items() if found],
            "left_and_right_where_one_term_decides": [[s.left, s.right] for s in sharp],
        },
        cases=len(given) + len(sharp) + len(rises),
        audit=audit(ALL, [given[0].problem, _curved(0)]),
    )


REPAIRED_BOUND = Statement(
    id="rabo/thm1-repaired",
    paper=PAPER,
    location="Theorem 1, (26)",
    kind="bound",
    variant="repaired",
    repairs="rabo/thm1-bound",
    sentence="With beta <= 1/(2 l_g1), alpha <= beta mu_g/(6 M_f L_y), delta_f a bound on how far D_i is from the hypergradient of the means, "
    "(7) of the full function and s_q = E||y_{q+1} - y*(x_q)||^2 - (1 - beta mu_g) E||y_q - y*(x_q)||^2, the average of E||grad_K Phi||^2 is at "
    "most 2(V_1 - V_{Q+1})/(alpha Q) plus floors that do not fall with alpha, plus alpha (L_f + 2k M_f L_y) N sigma_f^2/(C_x*)^2.",
    formula=r"\frac1Q \sum_q E\|\nabla_K \Phi(x_q)\|^2 \le \frac{2(V_1 - V_{Q+1})}{\alpha Q} + \frac{3N}{C_x^*}(\delta_f^2 + \bar E_h) + "
    r"\Big(3M_f^2 + \frac{M_f (2 + \beta\mu_g)}{\alpha L_y}\Big) \bar s + \alpha (L_f + 2 k M_f L_y) \frac{N \sigma_f^2}{(C_x^*)^2}",
    because="V_1 - V_{Q+1} for its negative; the terms of clients and masks keep a factor 1 where (26) has alpha; noise loses its Jensen "
    "factor N/C_x* to independence (k = 1 where y* is affine, 1 + 2/(beta mu_g) otherwise); the steps of rabo/thm1-steps-repaired, whose "
    "symbolic proof gives the descent in every round.",
    assumptions=ALL,
    about=("rabo",),
    check=stable(_check_bound),
    expected=Verdict.SUPPORTED,
)
