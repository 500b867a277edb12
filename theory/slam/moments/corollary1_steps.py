r"""Corollary 1's step sizes: what :math:`\rho \ge n` does to SLAM-L's y, whatever gamma is.

Where all lower levels have the Hessian h, an iteration acts on an eigenvector of :math:`A^\top A` with the eigenvalue s, by
:math:`\mu = \gamma A^\top\omega`, as

.. math:: y^+ = (1 - u - q) y - \mu/\beta, \quad \mu^+ = \mu + \rho s y^+, \quad q = \rho\gamma s/\beta, \quad u = h/\beta,

with the characteristic polynomial :math:`z^2 - (2 - u - q - \rho s/\beta) z + (1 - u - q)`. At z = -1 it is
:math:`4 - 2u - 2q - \rho s/\beta`, which is negative for all :math:`q \ge 0` once :math:`\rho s \ge 4\beta - 2h`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from spiritlevel.core.numbers import Array
from spiritlevel.synthetic.families import quadratic
from spiritlevel.theory.instruments.stability import radius
from spiritlevel.theory.plots import Area, Curve, Plot
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.assumptions import ALL
from spiritlevel.theory.slam.gradients.findings import formal_step, unproved
from spiritlevel.theory.slam.moments.scalar import graph
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import Condition, Iteration, Witness
from spiritlevel.theory.witness import check as recheck


def same_step(ctx: Context) -> list[str]:
    """What of y and its multipliers one formal step of SLAM-L does otherwise, for any graph."""
    from spiritlevel.theory.instruments.formal import BETA
    from spiritlevel.theory.instruments.formal_graphs import GAMMA, RHO, L, different

    made = formal_step(ctx, "slam-l")
    if made is None:
        return ["all"]
    o: Any = made.oracle
    s, z = made.state, made.after
    h = o.grad_y_g(s.x, s.y)
    return different(
        {
            "y": (z.y, s.y - (h + GAMMA * s.om + RHO * GAMMA * L * s.y) / BETA),
            "om": (z.om, s.om + RHO / GAMMA * L * z.y),
        }
    )


def at_minus_one() -> tuple[bool, Any]:
    """Whether the recursion has the displayed polynomial, with its value at -1 and h, beta, rho, s, q in it."""
    import sympy

    beta, rho, s, h, q = sympy.symbols("beta rho s h q", positive=True)
    u, z = h / beta, sympy.Symbol("z")
    M = sympy.Matrix([[1 - u - q, -1 / beta], [rho * s * (1 - u - q), 1 - rho * s / beta]])
    polynomial = z**2 - (2 - u - q - rho * s / beta) * z + (1 - u - q)
    same = sympy.expand(M.charpoly(z).as_expr() - polynomial) == 0
    value = sympy.expand(polynomial.subs(z, -1))
    return bool(same and sympy.expand(value - (4 - 2 * u - 2 * q - rho * s / beta)) == 0), value


def never_stable() -> bool:
    """Whether the value at -1 is negative for all q > 0, so all gamma, where rho s is 4 beta - 2 h or more."""
    import sympy

    same, value = at_minus_one()
    beta, rho, s, h, q = sympy.symbols("beta rho s h q", positive=True)
    more = sympy.symbols("more", nonnegative=True)
    worst = sympy.simplify(value.subs(rho, (4 * beta - 2 * h + more) / s))
    return same and bool(sympy.simplify(worst + 2 * q + more / beta) == 0)


def some_gamma() -> bool:
    """Whether a quarter of the room that rho s < 4 beta - 2 h leaves is a stable q, below 1: by Schur and Cohn.

    Then p(1) = rho s/beta > 0, p(-1) > 0 and, as u + q < 2, |p(0)| < 1.
    """
    import sympy

    same, value = at_minus_one()
    beta, rho, s, h, q = sympy.symbols("beta rho s h q", positive=True)
    room = 4 - 2 * h / beta - rho * s / beta  # positive
    left = sympy.simplify(value.subs(q, room / 4) - room / 2)
    product = sympy.simplify(
        2 - h / beta - room / 4 - (room / 4 + rho * s / (2 * beta))
    )  # 2 - u - q is positive
    return same and bool(left == 0 and product == 0)


def diverging(n: int = 64) -> Witness:
    """n agents on a complete graph, ``T = n^4``, beta = sqrt(T/n), rho = n, tau_g = rho sigma_max: y grows sevenfold per step.

    Examples
    --------
    >>> recheck(diverging()).last.holds
    False
    """
    unit = [[1 if j == k else 0 for j in range(n)] for k in range(2)]
    beta = round((n**3) ** 0.5)
    return Witness(
        statement="slam/cor1-penalty",
        paper=PAPER,
        location="Corollary 1",
        claim_text="from T = n^4 on the average of |Ay|^2 is below 10^6/sqrt(nT)",
        note="f = 0, g_i = y^2/2, no noise: every assumption holds. Only the first 16 of T iterations are summed, which is less than all. Any other gamma diverges too, "
        "and for steps C sqrt(n/T) any n > 16 C^2.",
        given={
            "n": n,
            "T": n**4,
            "beta": beta,
            "gamma": f"{beta}/{n * n}",
            "rho": n,
            "e0": unit[0],
            "e1": unit[1],
        },
        define=(("tau", "beta/gamma"),),
        assume=(
            Condition("1/beta = sqrt(n/T)", "beta**2 == T/n"),
            Condition("rho >= n and tau_g >= rho sigma_max, sigma_max = n", "rho >= n and tau >= rho*n"),
        ),
        iterate=(
            Iteration(
                text="(5a), (4b) on a complete graph, L y = n y - (sum of y); total adds up y'Ly",
                times=16,
                start=(("y", "e0 - e1"), ("om", f"zeros({n})"), ("total", "n*norm2(y)")),
                step=(
                    ("Ly", f"n*y - sum(y)*ones({n})"),
                    ("y", "y - y/beta - (gamma/beta)*om - (rho*gamma/beta)*Ly"),
                    ("Ly", f"n*y - sum(y)*ones({n})"),
                    ("om", "om + (rho/gamma)*Ly"),
                    ("total", "total + dot(y, Ly)"),
                ),
                show=("total",),
            ),
        ),
        claim=Condition("the average is below 10^6/sqrt(nT)", "(total/T)**2 <= 10**12/(n*T)"),
    )


def _radii(ctx: Context, n: int = 4) -> tuple[float, float]:
    """Spectral radii on a complete graph with h = 1, rho = n, q = 1/100: beta a little above and below its limit."""
    one, limit = [[[1.0]]] * n, (n * n + 2) / 4
    given = quadratic(one, [[[0.0]]] * n, [[0.0]] * n, A=one, shared=True)
    found = []
    for beta in (1.02 * limit, 0.98 * limit):
        made = ctx.algorithm("slam-l")(alpha=50.0, beta=beta, gamma=beta / (100 * n * n), rho=float(n))
        found.append(radius(made, given, graph("complete", n)))
    return found[0], found[1]


def _region(u: float = 0.1) -> Plot:
    """Where the displayed recursion has a spectral radius below 1, u = h/beta, and what Corollary 1 asks for."""
    weight, gamma = np.geomspace(0.25, 16, 49), np.geomspace(0.01, 10, 46)
    penalty, q = np.broadcast_arrays(weight[None, :], weight[None, :] * gamma[:, None])
    kept = 1 - u - q
    M = np.stack(
        [np.stack([kept, -np.ones_like(q)], axis=-1), np.stack([penalty * kept, 1 - penalty], axis=-1)],
        axis=-2,
    )
    stable = abs(np.linalg.eigvals(M)).max(axis=-1) < 1
    edge = np.geomspace(0.25, (4 - 2 * u) * 0.98, 30)

    def area(label: str, holds: Array) -> Area:
        return Area(label, weight.tolist(), gamma.tolist(), holds.tolist())

    return Plot(
        title="SLAM-L's y between agents, h = beta/10",
        x_label="rho sigma_max / beta",
        y_label="gamma",
        areas=(
            area("stable, by the exact spectral radius", stable),
            area("Corollary 1, complete graphs, T = n^4, n >= 16", (penalty >= 4) & (q <= 1)),
        ),
        curves=(
            Curve(
                "rho sigma_max (1 + 2 gamma) = 4 beta - 2h",
                edge.tolist(),
                ((4 - 2 * u - edge) / (2 * edge)).tolist(),
            ),
        ),
        log="xy",
        caption="rho >= n and tau_g >= rho sigma_max leave SLAM-L at T = n^4 with steps sqrt(n/T) no gamma at all: the two sets do not meet.",
    )


def _check_diverges(ctx: Context) -> Finding:
    wrong = same_step(ctx)
    if wrong:
        return unproved(wrong)
    witness, proof = diverging(), never_stable()
    refuted = proof and recheck(witness).ok
    return Finding(
        verdict=Verdict.REFUTED if refuted else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary="on a complete graph y diverges for every gamma once n^2 >= 4 beta, beta = C sqrt(T/n): for T <= n^5/(16 C^2), which at T = n^4 is every n >= 16 C^2; "
        "64 agents, T = n^4, C = 1, gamma = 1/8, tau_g = rho sigma_max in exact rationals: |y| grows sevenfold per step",
        numbers={"for every gamma": proof, "n": 64, "gamma": "1/8"},
        witness=witness if refuted else None,
        figures=(_region(),),
    )


DIVERGES = Statement(
    id="slam/cor1-penalty",
    paper=PAPER,
    location="Corollary 1",
    kind="step size",
    variant="added",
    sentence="Corollary 1's step sizes, 1/beta ~ sqrt(n/T), rho >= n, tau_g >= rho sigma_max, keep the agents' y together from T = n^4 on.",
    formula=r"\beta = C\sqrt{T/n},\ \rho \ge n,\ \tau_g \ge \rho\,\sigma_{\max},\ T \ge n^4 \Rightarrow \tfrac1T \sum_r \|A y^r\|^2 \le K/\sqrt{nT}",
    because="rho sigma_max must stay below 4 beta, however small gamma makes the weight of L: with rho >= n that is T > n^3 sigma_max^2/(16 C^2), n^5 on complete graphs. "
    "It counts against all of Corollary 1; 'T >> n', (190), is not enough.",
    assumptions=ALL,
    about=("slam-l",),
    check=_check_diverges,
    expected=Verdict.REFUTED,
)


def _check_limit(ctx: Context) -> Finding:
    wrong = same_step(ctx)
    if wrong:
        return unproved(wrong)
    proof, (above, below) = never_stable() and some_gamma(), _radii(ctx)
    agrees = above < 1 < below
    return Finding(
        verdict=Verdict.REFUTED if not agrees else Verdict.PROVED if proof else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary="the polynomial at -1 is negative for every gamma from rho s = 4 beta - 2 h on, and below it a quarter of what is left is a stable q; the code on a complete graph "
        f"of 4, rho = 4, q = 1/100: spectral radius {above:.4f} for beta 2 % above the limit, {below:.4f} for 2 % below",
        numbers={"above": above, "below": below, "proof": proof},
        cases=2,
    )


LIMIT = Statement(
    id="slam/cor1-penalty-limit",
    paper=PAPER,
    location="Corollary 1",
    kind="step size",
    variant="added",
    sentence="Where all lower Hessians are h and y* does not move, there is a gamma with tau_g >= rho sigma_max for which the agents' y come together exactly if "
    "rho sigma_max + 2h < 4 beta; with rho >= n and beta = C sqrt(T/n) that needs T > n (n sigma_max + 2h)^2/(16 C^2).",
    formula=r"\rho\,\sigma_{\max} + 2h < 4\beta",
    because="The exact region that 'rho >= n' is to be compared with.",
    about=("slam-l",),
    check=_check_limit,
    expected=Verdict.PROVED,
)
