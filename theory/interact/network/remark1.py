"""Remark 1: dense networks, lambda, larger steps and faster convergence, taken apart."""

from __future__ import annotations

from fractions import Fraction

from spiritlevel.core.constants import Constants
from spiritlevel.core.graphs import from_graph, named
from spiritlevel.core.networks import Network
from spiritlevel.core.spectra import eigenvalues, modulus
from spiritlevel.theory.interact import PAPER
from spiritlevel.theory.interact.assumptions import A1, A2
from spiritlevel.theory.interact.network.claims import decouples, rate_identities, unproved
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
SPARSE, DENSE = (
    Fraction(5, 6),
    Fraction(1, 3),
)  # lambda of the 6-ring and of the complete graph, Section 6's W


def _check_admitted(ctx: Context) -> Finding:
    lists = {"printed": THEOREM_1, "repaired": THEOREM_1_REPAIRED}
    admitted = {
        name: [rule.largest(CONSTANTS, lam, 6)["alpha"] for lam in (SPARSE, DENSE)]
        for name, rule in lists.items()
    }
    unit = Constants(mu_g=1, L_g=4, C_gxy=1, L_fx=1, L_fy=1)
    ordinary = [THEOREM_1.largest(unit, lam, 6)["alpha"] for lam in (SPARSE, DENSE)]
    witness = admitted_witness()
    stands = recheck(witness).ok
    sparse, dense = admitted["printed"]
    smaller = dense < sparse
    return Finding(
        verdict=Verdict.REFUTED if smaller and stands else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=f"Section 6's W, m = 6, small constants: the 6-ring (lambda 5/6) is admitted alpha = {sparse}, the complete graph "
        f"(lambda 1/3) {dense}, by 1/(m(1-lambda)); with L_f of order 1 {'the other way round' if ordinary[0] < ordinary[1] else 'likewise'}",
        numbers={
            "ring": str(sparse),
            "complete": str(dense),
            "averaging": str(THEOREM_1.largest(CONSTANTS, Fraction(0), 6)["alpha"]),
            "repaired_ring": float(admitted["repaired"][0]),
            "repaired_complete": float(admitted["repaired"][1]),
            "ordinary_constants_ring": float(ordinary[0]),
            "ordinary_constants_complete": float(ordinary[1]),
            "witness_stands": stands,
        },
        cases=2,
        witness=witness if smaller else None,
    )


LAMBDA = Statement(
    id="interact/lambda",
    paper=PAPER,
    location="Remark 1",
    kind="network",
    sentence="A denser network with a smaller lambda allows a larger alpha in Theorem 1's list.",
    formula=r"\lambda \downarrow\ \Rightarrow\ \alpha_{\text{Theorem 1}} \uparrow",
    because="The entry 1/(m(1-lambda)) is an upper bound on alpha that shrinks as lambda does, and it binds where the Lipschitz "
    "constants are small.",
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
    sentence="On a denser network with a smaller lambda a larger alpha is stable.",
    formula=r"\lambda \downarrow\ \Rightarrow\ \sup\{\alpha : \rho < 1\} \uparrow",
    because="For equal agents the limit is (1+lambda_m)^2/(2h): an edge can lower lambda and the smallest eigenvalue with it; with "
    "Section 6's W the smallest eigenvalue, and so the limit, is the same for every graph.",
    about=("interact",),
    check=_check_stable,
    expected=Verdict.REFUTED,
)


def _check_rate(ctx: Context) -> Finding:
    import networkx as nx
    import sympy

    a = ctx.algorithm("interact")
    ring = nx.cycle_graph(6)
    chord = nx.cycle_graph(6)
    chord.add_edge(0, 3)
    pairs: dict[str, tuple[Network, Network]] = {
        "complete:6 with Section 6's W, then J": (named("complete:6", "laplacian"), named("J:6")),
        "6-ring, then with a long chord": (from_graph(ring, "laplacian"), from_graph(chord, "laplacian")),
    }
    measured, off = {}, []
    for text, pair in pairs.items():
        measured[text] = [Pencil.of(a, equal_agents(6), network, 1.0).best()[1] for network in pair]
        for network, radius in zip(pair, measured[text], strict=True):
            values = eigenvalues(network)
            off.append(abs(radius - 1 + best_step(values[1], values[-1])))
    server, complete = sympy.sqrt(2) / 2, sympy.Rational(2, 3)
    slower = all(v[1] > v[0] + 1e-6 for v in measured.values()) and bool(server > complete)
    first, second = measured.values()
    return Finding(
        verdict=decide(not slower, *first, *second),
        method=Method.SYMBOLIC,
        summary=f"least spectral radius, equal agents: J (lambda 0) {first[1]:.4f} = 1/sqrt(2), the complete graph with Section 6's W "
        f"(lambda 1/3) {first[0]:.4f} = 2/3; the 6-ring {second[0]:.4f} = 11/12, with a long chord {second[1]:.4f} = 14/15",
        numbers={**measured, "off_the_formula": largest(off), "tolerance": 1e-6},
        cases=4,
    )


LAMBDA_RATE = Statement(
    id="interact/lambda-rate",
    paper=PAPER,
    location="Remark 1",
    kind="network",
    sentence="A denser network, or one with a smaller lambda, converges faster, each at its own best alpha.",
    formula=r"\lambda \downarrow\ \Rightarrow\ \min_\alpha \rho \downarrow",
    because="The best rate is linear in the gap of lambda_2 only until the smallest eigenvalue interferes, as it does for J; and an "
    "edge more can raise lambda_2.",
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
    off, radii = [], []
    for text in texts:
        network = named(text, "laplacian")
        radii.append(Pencil.of(ctx.algorithm("interact"), equal_agents(network.n), network, 1.0).best()[1])
        off.append(abs(radii[-1] - (1 + modulus(network)) / 2))
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
