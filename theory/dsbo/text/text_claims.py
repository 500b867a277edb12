"""More sentences of the text: the sampling oracle's letters, compositional problems, the MDP, speed-up without noise."""

from __future__ import annotations

import numpy as np

from spiritlevel.theory.dsbo import PAPER
from spiritlevel.theory.dsbo.step_sizes.thresholds import small_step
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict

Queries = dict[str, str]
ORACLE: Queries = {
    "grad_x f": "zeta",
    "grad_y f": "xi",
    "grad_y g": "zeta",
    "hess_yy g": "xi",
    "hess_xy g": "xi",
}
"""Which sample each quantity depends on in Assumption 3.1, as printed."""
ASKED: Queries = {
    "grad_x f": "zeta",
    "grad_y f": "zeta",
    "grad_y g": "xi",
    "hess_yy g": "xi",
    "hess_xy g": "xi",
}
"""The same in Step 3 of Algorithm 1."""
DEFINED = {"f": "zeta", "g": "xi"}
"""Below (1): f^k is an expectation over zeta^k, g^k one over xi^k."""


def misfits(queries: Queries) -> list[str]:
    """Quantities whose sample is not the one that defines their function.

    Examples
    --------
    >>> misfits(ORACLE), misfits(ASKED)
    (['grad_y f', 'grad_y g'], [])
    """
    return [name for name, sample in queries.items() if DEFINED[name[-1]] != sample]


def _check_letters(ctx: Context) -> Finding:
    oracle, asked = misfits(ORACLE), misfits(ASKED)
    return Finding(
        verdict=Verdict.REFUTED if oracle else Verdict.SUPPORTED,
        method=Method.RATIONAL,
        summary=f"{' and '.join(oracle)} have the other function's sample in Assumption 3.1; in Algorithm 1 "
        f"{len(asked)} of {len(ASKED)} have",
        numbers={"Assumption 3.1": oracle, "Algorithm 1": asked},
        cases=len(ORACLE) + len(ASKED),
    )


LETTERS = Statement(
    id="dsbo/sampling-letters",
    paper=PAPER,
    location="Assumption 3.1 and Algorithm 1, Step 3",
    kind="qualitative",
    sentence="The oracle of Assumption 3.1 answers the queries of Algorithm 1: derivatives of f at zeta, of g at xi.",
    because="zeta and xi are swapped for grad_y f and grad_y g in the assumption; a slip, Algorithm 1 has them right.",
    check=_check_letters,
    expected=Verdict.REFUTED,
)


def _check_compositional(ctx: Context) -> Finding:
    import sympy as sp

    y, m, v = sp.symbols("y m v", real=True)  # mean and variance of one coordinate of h(x, xi)
    g = y**2 - 2 * y * m + (v + m**2)  # E (y - h)^2 from E h = m and E h^2 = v + m^2
    holds = sp.expand(g - (y - m) ** 2 - v) == 0 and sp.diff(g, y, 2) == 2
    return Finding(
        verdict=Verdict.PROVED if holds else Verdict.REFUTED,
        method=Method.SYMBOLIC,
        summary="E(y - h)^2 = (y - E h)^2 + Var h in every coordinate, with second derivative 2",
    )


COMPOSITIONAL = Statement(
    id="dsbo/compositional",
    paper=PAPER,
    location="Section 1.1, compositional optimisation",
    kind="identity",
    sentence="With g(x, y) = E|y - h(x, xi)|^2 the lower solution is y*(x) = E h(x, xi), and g is strongly convex in y.",
    formula=r"\arg\min_y \mathbb E\|y - h(x,\xi)\|^2 = \mathbb E h(x,\xi)",
    check=_check_compositional,
    expected=Verdict.PROVED,
)


def _check_mdp(ctx: Context) -> Finding:
    import sympy as sp

    r, s, slope, lam, S = sp.symbols("r s slope lam S", positive=True)
    # along a unit direction one state's residual is r + slope s; F = sum residual^2/(2|S|) + lam |x|^2/2
    along = sp.diff((r + slope * s) ** 2 / (2 * S) + lam * s**2 / 2, s, 2) - lam
    holds = sp.simplify(along - slope**2 / S) == 0
    return Finding(
        verdict=Verdict.PROVED if holds else Verdict.REFUTED,
        method=Method.SYMBOLIC,
        summary="u'Hess F u - lambda |u|^2 is the mean over states of squared slopes of the residuals: a sum of squares",
    )


MDP = Statement(
    id="dsbo/mdp-strongly-convex",
    paper=PAPER,
    location="Section 6, policy evaluation",
    kind="identity",
    sentence="The regularised Bellman objective is lambda-strongly convex.",
    formula=r"\nabla^2 F = \lambda I + \tfrac1{|\mathcal S|} \sum_s c_s c_s^\top \succeq \lambda I",
    because="And therefore outside Theorem 5.3's assumptions, see dsbo/pl-bounded-gradient.",
    check=_check_mdp,
    expected=Verdict.PROVED,
)


def noise_free_gap(K: int, T: int, C_0: float, *, scaled: bool = True) -> float:
    """``F - F*`` relative to its start after T steps by (5) on one scalar problem that all K agents share.

    Averages obey the same recursion for every network. ``scaled``: steps grow with sqrt(K) as in (5); else K = 1's.

    Examples
    --------
    >>> noise_free_gap(20, 2000, 0.05) < noise_free_gap(5, 2000, 0.05)
    True
    """
    beta = ((K if scaled else 1) / T) ** 0.5
    A = np.array(small_step(1.0, 1.0, 1.0, 0.0, C_0), dtype=float)
    return float(np.linalg.matrix_power(np.eye(4) + beta * A, T)[0, 0]) ** 2


def _check_confounded(ctx: Context) -> Finding:
    agents, T, C_0 = (5, 10, 20), 20_000, 0.01
    gaps = [noise_free_gap(K, T, C_0) for K in agents]
    same = [noise_free_gap(K, T, C_0, scaled=False) for K in agents]
    faster = gaps[0] > 2 * gaps[1] > 4 * gaps[2] > 0
    return Finding(
        verdict=Verdict.SUPPORTED if faster and len(set(same)) == 1 else Verdict.REFUTED,
        method=Method.LINEAR,
        summary=f"without noise and with identical agents the gap after T = 20000 falls to {', '.join(f'{g:.2g}' for g in gaps)} of its start "
        f"for K = 5, 10, 20 by (5), and to {same[0]:.2g} for every K if the steps do not grow with K",
        numbers={"gaps": gaps, "gaps, steps without K": same, "C_0": C_0},
        cases=2 * len(agents),
    )


CONFOUNDED = Statement(
    id="dsbo/speedup-without-noise",
    paper=PAPER,
    location="Section 6 ('converges faster when using more agents')",
    kind="speedup",
    variant="added",
    sentence="Faster convergence with more agents at equal T needs no averaging of noise: the step sizes grow with sqrt(K).",
    because="So a plot of loss against iterations for K = 5, 10, 20 does not by itself show the linear speed-up, which is about noise.",
    check=_check_confounded,
    expected=Verdict.SUPPORTED,
)
