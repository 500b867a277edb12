"""Remark 1: dense networks, lambda, larger steps and faster convergence, taken apart."""

from __future__ import annotations

import math
from fractions import Fraction

from spiritlevel.core.constants import Constants
from spiritlevel.core.graphs import from_graph, named
from spiritlevel.core.networks import Network
from spiritlevel.core.spectra import eigenvalues, modulus
from spiritlevel.theory.interact import PAPER
from spiritlevel.theory.interact.assumptions import A1, A2
from spiritlevel.theory.interact.network.claims import decouples, rate_identities, unproved
from spiritlevel.theory.interact.network.figures import admitted_plot, radius_plot
from spiritlevel.theory.interact.network.modes import CURVATURE, Pencil, best_step, equal_agents
from spiritlevel.theory.interact.network.remark1_witnesses import (
    admitted_witness,
    stable_witness,
)
from spiritlevel.theory.interact.step_sizes.theorem1_list import THEOREM_1, THEOREM_1_REPAIRED
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, decide, largest
from spiritlevel.theory.witness import check as recheck

SMALL = Fraction(1, 10000)
CONSTANTS = Constants(
    mu_g=1,
    L_g=1 + SMALL,
    C_gxy=Fraction(1, 100),
    L_gxy=SMALL,
    L_gyy=SMALL,
    L_fx=SMALL,
    L_fy=SMALL,
    C_fy=SMALL,
)
ONES = Constants(mu_g=1, L_g=2, C_gxy=1, L_gxy=1, L_gyy=1, L_fx=1, L_fy=1, C_fy=1)
TOLERANCE = 1e-6  # of a radius and of a lambda; the least radius is found to about 1e-9
# lambda of the 6-ring, of K_{m/2,m/2} and of the complete graph, Section 6's W
SPARSE, BIPARTITE, DENSE = Fraction(5, 6), Fraction(2, 3), Fraction(1, 3)


def _check_admitted(ctx: Context) -> Finding:
    lists = {"printed": THEOREM_1, "repaired": THEOREM_1_REPAIRED}
    admitted = {
        name: [rule.largest(CONSTANTS, lam, 6)["alpha"] for lam in (SPARSE, DENSE)]
        for name, rule in lists.items()
    }
    large = {
        m: [THEOREM_1.largest(ONES, lam, m)["alpha"] for lam in (BIPARTITE, DENSE, Fraction(0))]
        for m in (6, 10**6)
    }
    binds = all(
        math.isclose(float(alpha) * 10**6 * float(1 - lam), 1, rel_tol=1e-9)
        for alpha, lam in zip(large[10**6], (BIPARTITE, DENSE, Fraction(0)), strict=True)
    )
    witness = admitted_witness()
    stands = recheck(witness).ok
    sparse, dense = admitted["printed"]
    smaller = dense < sparse
    return Finding(
        verdict=Verdict.REFUTED if smaller and stands else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=f"Section 6's W, m = 6, small constants: the 6-ring (lambda 5/6) is admitted alpha = {sparse}, the complete graph "
        f"(lambda 1/3) {dense}, by 1/(m(1-lambda)); with every constant 1 but L_g = 2 that entry "
        f"{'binds' if binds else 'does not bind'} at m = 10^6: K_(m/2,m/2) (lambda 2/3), K_m (1/3) and J (0) are admitted {', '.join(f'{float(v):.2g}' for v in large[10**6])}",
        numbers={
            "ring": str(sparse),
            "complete": str(dense),
            "averaging": str(THEOREM_1.largest(CONSTANTS, Fraction(0), 6)["alpha"]),
            "repaired_ring": float(admitted["repaired"][0]),
            "repaired_complete": float(admitted["repaired"][1]),
            **{f"all constants 1, L_g 2, m = {m}": [float(a) for a in v] for m, v in large.items()},
            "binds_with_constants_1": binds,
            "witness_stands": stands,
        },
        cases=8,
        figures=(admitted_plot(CONSTANTS),),
        witness=witness if smaller else None,
    )


LAMBDA = Statement(
    id="interact/lambda",
    paper=PAPER,
    location="Remark 1",
    kind="network",
    sentence="A denser network with a smaller lambda allows a larger alpha in Theorem 1's list.",
    formula=r"\lambda \downarrow\ \Rightarrow\ \alpha_{\text{Theorem 1}} \uparrow",
    because="The entry 1/(m(1-lambda)) is an upper bound on alpha that shrinks as lambda does. It binds where the Lipschitz constants "
    "are small and, whatever they are, once there are enough agents: the other entries stay or grow with m, or fall like its root. "
    "With L_K >= 1 and up to 32 agents it never binds, as m (1-lambda)^3 <= 32 L_K^2, and the sentence is true: all other entries fall as lambda grows.",
    assumptions=(*A1, *A2),
    check=_check_admitted,
    expected=Verdict.REFUTED,
)


def _check_stable(ctx: Context) -> Finding:
    a = ctx.algorithm("interact")
    pair = [named(text, exact=True) for text in ("path:4", "ring:4")]
    limits = [Pencil.of(a, equal_agents(4), network.over("float"), 1.0).limit().limit for network in pair]
    lams = [modulus(network) for network in pair]
    witness = stable_witness()
    stands = recheck(witness).ok
    paper = [
        Pencil.of(a, equal_agents(6), named(text, "laplacian"), 1.0).limit().limit * CURVATURE
        for text in ("path:6", "ring:6", "star:6", "complete:6")
    ]
    same = largest(abs(v - 8 / 9) for v in paper)
    reversed_ = lams[1] < lams[0] and limits[1] < limits[0]
    return Finding(
        verdict=Verdict.REFUTED if reversed_ and stands else decide(not reversed_, *limits),
        method=Method.RATIONAL,
        summary=f"Metropolis weights, h = 1: closing the path of 4 to a ring takes lambda from {lams[0]:.3f} to {lams[1]:.3f} and the "
        f"stable alpha from {limits[0] * CURVATURE:.4f} down to {limits[1] * CURVATURE:.4f} = 2/9; with Section 6's W it is 8/9 on "
        f"path, ring, star and complete graph (to {same:.0e})",
        numbers={
            "lambda": lams,
            "stable_alpha": [v * CURVATURE for v in limits],
            "paper_W_stable_alpha": paper,
            "witness_stands": stands,
        },
        cases=6,
        witness=witness if reversed_ else None,
    )


LAMBDA_STABLE = Statement(
    id="interact/lambda-stable",
    paper=PAPER,
    location="Remark 1, about the algorithm rather than the list",
    kind="network",
    variant="added",
    sentence="On a denser network with a smaller lambda a larger alpha is stable.",
    formula=r"\lambda \downarrow\ \Rightarrow\ \sup\{\alpha : \rho < 1\} \uparrow",
    because="For equal agents the limit is (1+lambda_m)^2/(2h): an edge can lower lambda and the smallest eigenvalue with it; with "
    "Section 6's W the smallest eigenvalue, and so the limit, is the same for every graph.",
    about=("interact",),
    check=_check_stable,
    expected=Verdict.REFUTED,
)


def denser_pairs() -> dict[str, tuple[Network, Network]]:
    """Networks and denser ones of the same agents: the edges of the first are edges of the second, which has more."""
    import networkx as nx

    whole = nx.complete_bipartite_graph(3, 3)
    missing = whole.copy()
    missing.remove_edge(0, 3)
    almost = nx.complete_graph(20)
    almost.remove_edge(0, 1)
    return {
        "K_3,3 without an edge, K_3,3 (Metropolis)": (
            from_graph(missing, "metropolis"),
            from_graph(whole, "metropolis"),
        ),
        "K_20 without an edge (Section 6's W), K_20 with J": (
            from_graph(almost, "laplacian"),
            named("J:20"),
        ),
    }


def _check_rate(ctx: Context) -> Finding:
    a = ctx.algorithm("interact")
    lams, radii, off, against = {}, {}, [], []
    for text, pair in denser_pairs().items():
        lams[text] = [modulus(network) for network in pair]
        radii[text] = [Pencil.of(a, equal_agents(w.n), w, 1.0).best()[1] for w in pair]
        for network, radius in zip(pair, radii[text], strict=True):
            values = eigenvalues(network)
            off.append(abs(radius - 1 + best_step(values[1], values[-1])))
        if lams[text][1] < lams[text][0] - TOLERANCE and radii[text][1] > radii[text][0] + TOLERANCE:
            against.append(text)
    worst = largest(off)
    return Finding(
        # Pairs that obey prove nothing, so that nothing but a pair that does not decides
        verdict=Verdict.REFUTED if against and worst <= TOLERANCE else Verdict.INCONCLUSIVE,
        method=Method.LINEAR,
        summary="least spectral radius over alpha, equal agents: "
        + "; ".join(
            f"{text}: lambda {lams[text][0]:.4f} to {lams[text][1]:.4f}, radius {radii[text][0]:.4f} to {radii[text][1]:.4f}"
            for text in radii
        )
        + f"; denser, of smaller lambda and slower: {len(against)} of {len(radii)} pairs",
        numbers={
            **{f"lambda, {text}": v for text, v in lams.items()},
            **{f"radius, {text}": v for text, v in radii.items()},
            "off_the_formula": worst,
            "tolerance": TOLERANCE,
        },
        cases=len(off),
    )


LAMBDA_RATE = Statement(
    id="interact/lambda-rate",
    paper=PAPER,
    location="Remark 1, each network at its own best alpha",
    kind="network",
    variant="added",
    sentence="A denser network with a smaller lambda converges faster, each at its own best alpha, however small the difference.",
    formula=r"E \subset E',\ \lambda' < \lambda\ \Rightarrow\ \min_\alpha \rho' \le \min_\alpha \rho",
    because="The best rate is linear in the gap of lambda_2 only until the smallest eigenvalue interferes; an edge more can lower "
    "lambda_2, and lambda, and the smallest eigenvalue even more. Remark 1 speaks of dense networks, not of every edge; with Section 6's W it is always so.",
    about=("interact",),
    check=_check_rate,
    expected=Verdict.REFUTED,
)


def _check_rate_repaired(ctx: Context) -> Finding:
    import sympy

    a, v = sympy.symbols("a v", positive=True)
    meets = 2 * a**2 - 2 * a * (1 + v) + v**2
    # With lambda_m = 1/3 this convex quadratic in a is positive and falling at 1/3 and so has its roots beyond; hence
    # a' > 1/3, and 1/3 is at least (1-lambda_2)/2, because lambda_2 >= lambda_m.
    here = {v: sympy.Rational(4, 3), a: sympy.Rational(1, 3)}
    room, slope = meets.subs(here), sympy.diff(meets, a).subs(here)
    identities = {"the step decouples": decouples(ctx)} | rate_identities()
    if not all(identities.values()):
        return unproved(identities)
    texts = ctx.pick(
        ("path:6", "star:6", "erdos-renyi:6:0.5:1", "complete:6"),
        (
            "path:6",
            "ring:6",
            "star:6",
            "erdos-renyi:6:0.5:1",
            "complete:6",
            "grid:3:3",
            "complete:9",
            "ring:12",
        ),
    )
    off, radii, lams = [], [], []
    for text in texts:
        network = named(text, "laplacian")
        radii.append(Pencil.of(ctx.algorithm("interact"), equal_agents(network.n), network, 1.0).best()[1])
        lams.append(modulus(network))
        off.append(abs(radii[-1] - (1 + lams[-1]) / 2))
    worst = largest(off)
    good = room > 0 and slope < 0 and worst < 1e-6
    return Finding(
        verdict=Verdict.PROVED if good else decide(False, worst),
        method=Method.SYMBOLIC,
        summary=f"lambda_m = 1/3 never interferes ({room} > 0, {slope} < 0), so the best radius is (1+lambda)/2 on every graph; "
        f"measured on {len(texts)} graphs to {worst:.0e}"
        if good
        else f"room {room}, slope {slope}; measured radii are off by {worst:.2g}",
        numbers={
            "radii": radii,
            "worst_error": worst,
            "tolerance": 1e-6,
            "room": str(room),
            "slope": str(slope),
        },
        cases=len(texts),
        figures=(radius_plot(lams, radii),),
    )


LAMBDA_RATE_REPAIRED = Statement(
    id="interact/lambda-rate-repaired",
    paper=PAPER,
    location="Remark 1",
    kind="network",
    variant="repaired",
    repairs="interact/lambda-rate",
    sentence="With Section 6's W and equal agents (curvature h, f_i without y) the least spectral radius of (x, u) over alpha is "
    "(1+lambda)/2: a smaller lambda, not an edge more, converges faster.",
    formula=r"W = I - \tfrac{2L}{3\lambda_{\max}(L)} \implies \min_\alpha \rho = \tfrac{1+\lambda}{2}",
    because="Fixes the rule of the weights, so that lambda_m = 1/3 and lambda = lambda_2, and speaks of lambda instead of density.",
    about=("interact",),
    check=_check_rate_repaired,
    expected=Verdict.PROVED,
)
