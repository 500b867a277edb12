"""Where SLAM is stable on the disagreement between agents, and what Theorem 1 asks for."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.graphs import named
from spiritlevel.core.numbers import Array
from spiritlevel.synthetic.families import quadratic
from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.instruments.affine import probe
from spiritlevel.theory.instruments.signs import without_minus
from spiritlevel.theory.instruments.stability import radius
from spiritlevel.theory.plots import Area, Curve, Plot
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.assumptions import ALL
from spiritlevel.theory.slam.moments.modes import in_powers
from spiritlevel.theory.slam.step_sizes.modes import inside, polynomial, quadratic_mode, stable
from spiritlevel.theory.slam.step_sizes.witnesses import tau_witness
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import check as recheck

GRAPHS = ("path:3", "ring:4", "star:4")


def from_the_code(ctx: Context) -> bool:
    """Whether one step's characteristic polynomial is the two levels' product and a coupling, for all values."""
    import sympy as sp

    found, z, a = polynomial(ctx.algorithm("slam"))
    upper, lower = (
        quadratic_mode(z, a["rho"] * a["gamma"] * a["s"] / step, a["gamma"], curvature / step)
        for step, curvature in ((a["alpha"], a["l"]), (a["beta"], a["h"]))
    )
    coupling = a["b"] ** 2 * a["kappa"] / (a["alpha"] * a["beta"] * a["h"]) * z * (z - 1) ** 2
    return bool(sp.expand(found - z**2 * (upper * lower + coupling)) == 0)


def by_schur_cohn() -> bool:
    """That the three signs are those of the quadratic's coefficients in w, z = (1 + w)/(1 - w), and cannot all be negative."""
    import sympy as sp

    q, gamma, u, w, z = sp.symbols("q gamma u w z")
    p = quadratic_mode(z, q, gamma, u)
    moved = sp.Poly(sp.cancel(p.subs(z, (1 + w) / (1 - w)) * (1 - w) ** 2), w).all_coeffs()
    stated = [4 - 2 * u - q * (2 + 1 / gamma), 2 * (q + u), q / gamma]
    same = all(sp.simplify(got - want) == 0 for got, want in zip(moved, stated, strict=True))
    return same and sp.simplify(sum(stated) - 4) == 0


def _cases(ctx: Context, count: int) -> list[tuple[Fraction, Fraction, Fraction]]:
    rng = np.random.default_rng(ctx.seed("cases"))
    draws = rng.integers((-10, 1, -10), (60, 200, 60), (count, 3))
    return [(Fraction(int(q), 24), Fraction(int(g), 48), Fraction(int(u), 24)) for q, g, u in draws]


def _splits(ctx: Context) -> bool:
    """Whether the code's whole map is ``P0 x I + P1 x L`` with the same P0, P1 on every graph, in rationals."""
    seen = []
    made = ctx.algorithm("slam")(
        alpha=Fraction(7), beta=Fraction(5), gamma=Fraction(2, 3), rho=Fraction(3, 4)
    )
    for text in GRAPHS:
        network = named(text, exact=True)
        one = [[[Fraction(3, 2)]]] * network.n
        problem = quadratic(one, one, [[Fraction(0)]] * network.n, A=one, Q=one, shared=True)
        P0, P1, exact = in_powers(probe(made, problem, network), network)
        seen.append(exact and (P0.tolist(), P1.tolist()))
    return all(entry == seen[0] and entry for entry in seen)


def _check_jury(ctx: Context) -> Finding:
    derived, proof, splits = from_the_code(ctx), by_schur_cohn(), _splits(ctx)
    cases = _cases(ctx, ctx.pick(3000, 20000))
    wrong = [case for case in cases if stable(*case) != inside(*case)]
    inner = sum(stable(*case) for case in cases)
    good = derived and proof and splits and not wrong
    return Finding(
        verdict=Verdict.REFUTED if wrong or not derived else Verdict.PROVED if good else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary="the code's own step has exactly this polynomial, and with b, kappa in both levels z^2 (U V + b^2 kappa/(alpha beta h) z (z-1)^2); Schur-Cohn "
        f"by z = (1+w)/(1-w); {len(wrong)} of {len(cases)} exact random cases differ from the roots ({inner} stable)"
        if derived
        else "the code's step has another polynomial",
        numbers={"derived": derived, "proof": proof, "splits": splits, "stable": inner, "wrong": len(wrong)},
        cases=len(cases),
    )


JURY = Statement(
    id="slam/jury",
    paper=PAPER,
    location="(5), (4)",
    kind="step size",
    variant="added",
    sentence="Where all agents have the curvature l, one SLAM step acts on an eigenvector of A'A with eigenvalue s as z^2 - (2 - q - q/gamma - u) z + "
    "(1 - q - u), q = rho s/tau_f, u = l/alpha; for u >= 0 it is stable exactly if 0 < q and q (2 + 1/gamma) < 4 - 2u.",
    formula=r"q\,(2 + \tfrac1\gamma) < 4 - \tfrac{2l}{\alpha},\quad q = \tfrac{\rho\sigma_{\max}}{\tau_f} = \tfrac{\rho\gamma\sigma_{\max}}{\alpha}",
    because="The exact region that the conditions on tau are to be compared with; q + u < 2 follows, and for l < 0 also q + u > 0 is needed. "
    "The same for y with beta and its Hessian.",
    about=("slam",),
    check=_check_jury,
    expected=Verdict.PROVED,
)


def _edge(l: int) -> Any:
    one = [[[1]]] * 2
    return quadratic(one, [[[0]]] * 2, [[0]] * 2, A=[[[l]]] * 2, x0=[[1], [-1]], shared=True)


def run(ctx: Context, steps: int, l: int, **sizes: Fraction) -> Fraction:
    """x_1 after some exact steps of SLAM on an edge, from (1, -1), with ``f_i = l x^2/2`` and g = y^2/2."""
    from spiritlevel.core.gossip import Gossip
    from spiritlevel.core.oracle import Oracle

    problem = _edge(l).over("fraction")
    a, o, net = (
        ctx.algorithm("slam")(**sizes).over("fraction"),
        Oracle(problem),
        Gossip(named("path:2", exact=True)),
    )
    x, y = (z[None] for z in problem.start())
    s: Any = a.init(x, y, o, net)
    for t in range(1, steps + 1):
        s = a.step(t, s, o, net)
    return Fraction(s.x[0, 0, 0])


def picture() -> Plot:
    """Theorem 1's region and the exact one, f = 0."""
    q = np.linspace(0.02, 2.2, 110)
    gamma = np.geomspace(0.05, 50, 90)
    edge = np.linspace(0.19, 1.98, 60)

    def area(label: str, holds: Array) -> Area:
        return Area(label, q.tolist(), gamma.tolist(), holds.tolist())

    exact = q[None, :] * (2 + 1 / gamma[:, None]) < 4
    return Plot(
        title="Disagreement between agents, f = 0",
        x_label="q = rho sigma_max / tau",
        y_label="gamma",
        areas=(
            area("stable", exact),
            area("Theorem 1: tau >= rho sigma_max", np.broadcast_to(q <= 1, exact.shape)),
        ),
        curves=(Curve("q (2 + 1/gamma) = 4", edge.tolist(), (edge / (4 - 2 * edge)).tolist()),),
        log="y",
        caption="Below the curve SLAM diverges. Theorem 1 admits everything left of 1, whatever gamma is; "
        "for large gamma it could go on to 2.",
    )


def _check_tau(ctx: Context) -> Finding:
    rho, gamma = Fraction(75, 4), Fraction(2, 15)
    doubled = run(ctx, 41, 0, alpha=Fraction(10), beta=Fraction(10), gamma=gamma, rho=rho)
    # x^{r+1} = (-3 (-2)^r + 10 (-1/4)^r)/7 from x^1 = 1
    closed = (-3 * Fraction(-2) ** 41 + 10 * Fraction(-1, 4) ** 41) / 7
    small, large = (
        float(run(ctx, 60, 1, alpha=Fraction(100), beta=Fraction(100), gamma=g, rho=Fraction(50) / g))
        for g in (Fraction(2, 5), Fraction(3, 5))
    )
    c = [Fraction(k) for k in (1, 2, 10, 100)]  # tau = c rho sigma_max
    hidden = [not stable(1 / k, 1 / (4 * k), Fraction(0)) for k in c]
    stands = recheck(tau_witness()).ok
    as_told = doubled == closed and all(hidden)
    return Finding(
        verdict=Verdict.REFUTED
        if stands
        else Verdict.SUPPORTED
        if abs(doubled) < 1
        else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary="edge, f = 0, tau = 2 rho sigma_max, gamma = 2/15: x^(r+1) = (-3 (-2)^r + 10 (-1/4)^r)/7, for every T and alpha; no constant c in tau >= c rho "
        f"sigma_max helps, as gamma = 1/(4c) is unstable; f = x^2/2, alpha = 100, tau = rho sigma_max: |x| = {abs(small):.2g} after 60 steps for "
        f"gamma = 0.4, {abs(large):.2g} for 0.6"
        if as_told
        else f"edge, f = 0, tau = 2 rho sigma_max, gamma = 2/15: the code's x is {float(doubled):.3g} after 41 steps, {float(closed):.3g} by hand",
        numbers={
            "x after 41 steps": str(doubled),
            "gamma 0.4": small,
            "gamma 0.6": large,
            "c": [int(k) for k in c],
        },
        cases=3 + len(c),
        audit=audit(ALL, [_edge(0)]),
        witness=tau_witness() if stands else None,
        figures=(picture(),),
    )


TAU = Statement(
    id="slam/tau-condition",
    paper=PAPER,
    location="Theorem 1 and (10a); (39c), (39d)",
    kind="step size",
    sentence="With 1/alpha ~ 1/beta ~ sqrt(n/T) and tau_f, tau_g at least of the order of rho sigma_max, the average of |Ax|^2 is O(1/sqrt(nT)), whatever gamma is.",
    formula=r"\tau_f, \tau_g \ge O(\rho\,\sigma_{\max}(A^\top A)) \Rightarrow \tfrac1T \sum_r \|A x^r\|^2 = O(1/\sqrt{nT})",
    because="gamma is missing: q = rho sigma_max/tau must stay below 4/(2 + 1/gamma), which is small for small gamma. Lemma 4 excludes that by "
    "(39a), (39b) with far too large a gamma (slam/hidden-gamma), (149) by gamma ~ alpha, with which the average falls on quadratics (slam/thm1-ul-consensus-fixed-n); "
    "Theorem 1 and the corollaries, which list all other step sizes, leave gamma open.",
    assumptions=ALL,
    check=_check_tau,
    expected=Verdict.REFUTED,
)


def _check_repaired(ctx: Context) -> Finding:
    import sympy as sp

    v, w, g = sp.symbols("v w g", positive=True)
    u, q = v / (1 + v), w / (1 + w)  # anything in (0, 1); q = 1 and u = 0 apart
    gamma = 1 / (2 * (1 - u)) + g
    rooms = [
        4 - 2 * a - b * (2 + 1 / sp.sympify(gamma.subs(v, 0) if a == 0 else gamma))
        for a in (u, sp.Integer(0))
        for b in (q, 1)
    ]
    proof = all(without_minus(room) for room in rooms)
    sharp = sp.simplify(quadratic_mode(-1, 1, 1 / (2 * (1 - u)), u)) == 0
    radii = []
    for l, gamma_ in ((1, 0.52), (1, 0.50)):  # alpha = 50: the edge is 50/98
        one = [[[1.0]]] * 4
        problem = quadratic(one, [[[0.0]]] * 4, [[0.0]] * 4, A=[[[float(l)]]] * 4, shared=True)
        made = ctx.algorithm("slam")(alpha=50.0, beta=50.0, gamma=gamma_, rho=50.0 / gamma_ / 4)
        radii.append(radius(made, problem, named("ring:4")))
    agrees = radii[0] < 1 < radii[1]
    return Finding(
        verdict=Verdict.PROVED
        if proof and sharp and agrees
        else Verdict.INCONCLUSIVE
        if agrees
        else Verdict.REFUTED,
        method=Method.SYMBOLIC,
        summary="4 - 2u - q(2 + 1/gamma) has no minus for q <= 1 and gamma above the edge, where -1 is a root at q = 1; the code on a ring of 4, alpha = 50, q = 1: "
        f"spectral radius {radii[0]:.4f} for gamma = 0.52, {radii[1]:.4f} for 0.50, the edge being {50 / 98:.4f}",
        numbers={"radius, gamma = 0.52": radii[0], "radius, gamma = 0.50": radii[1], "edge": 50 / 98},
        cases=6,
    )


TAU_REPAIRED = Statement(
    id="slam/tau-condition-repaired",
    paper=PAPER,
    location="Theorem 1; (39d)",
    kind="step size",
    variant="repaired",
    repairs="slam/tau-condition",
    sentence="Where all agents have the curvature l, 0 <= l < alpha, and levels do not interact, tau_f >= rho sigma_max makes the disagreement vanish "
    "if gamma > alpha/(2(alpha - l)); no smaller gamma does at equality.",
    formula=r"\gamma > \tfrac{\alpha}{2(\alpha - l)}",
    because="Adds the condition on gamma, about 1/2 for large alpha. For y with beta and its Hessian.",
    about=("slam",),
    check=_check_repaired,
    expected=Verdict.PROVED,
)
