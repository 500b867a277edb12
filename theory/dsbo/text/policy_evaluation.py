"""The regularised Bellman problem of Section 6: its curvature."""

from __future__ import annotations

from typing import Any

from spiritlevel.theory.dsbo import PAPER
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict


def objective(x: Any, phi: Any, P: Any, r: Any, gamma: Any, lam: Any) -> Any:
    """The displayed F: features ``phi[s]``, transitions ``P[s][s']``, rewards ``r[s][s']``."""
    S, value = len(phi), [sum(a * b for a, b in zip(row, x, strict=True)) for row in phi]
    residual = [
        value[s] - sum(P[s][then] * (r[s][then] + gamma * value[then]) for then in range(S)) for s in range(S)
    ]
    return sum(each**2 for each in residual) / (2 * S) + lam * sum(v**2 for v in x) / 2


def _check_mdp(ctx: Context) -> Finding:
    import sympy as sp

    x = sp.symbols("x0 x1", real=True)
    gamma, lam = sp.symbols("gamma lambda", positive=True)
    phi, r = ([[sp.Symbol(f"{k}{i}{j}", real=True) for j in (0, 1)] for i in (0, 1)] for k in ("phi", "r"))
    stay = sp.symbols("p0 p1", positive=True)
    P = [[stay[0], 1 - stay[0]], [1 - stay[1], stay[1]]]
    hessian = sp.hessian(objective(x, phi, P, r, gamma, lam), x)
    c = [
        sp.Matrix([phi[s][i] - gamma * sum(P[s][then] * phi[then][i] for then in (0, 1)) for i in (0, 1)])
        for s in (0, 1)
    ]
    squares = lam * sp.eye(2) + (c[0] * c[0].T + c[1] * c[1].T) / 2
    built = (hessian - squares).applyfunc(sp.expand) == sp.zeros(2, 2)
    # any number of states and features: along a unit direction a state's residual is a + k t
    a, k, t, S = sp.symbols("a k t S", positive=True)
    along = sp.simplify(sp.diff((a + k * t) ** 2 / (2 * S) + lam * t**2 / 2, t, 2) - lam - k**2 / S) == 0
    # features that are 0 are the least favourable: there the regulariser stands alone
    plain = hessian.subs(dict.fromkeys([v for row in phi for v in row], 0))
    least = sp.simplify(min((sp.simplify(plain[i, i] - lam) for i in (0, 1)), key=lambda v: v.subs(lam, 1)))
    if bool(least.is_negative):
        verdict, told = (
            Verdict.REFUTED,
            f"with features 0 the Hessian is lambda I plus {least} on the diagonal",
        )
    elif built and along:
        verdict = Verdict.PROVED
        told = "the Hessian of the displayed F with |S| = m = 2, all symbols, is lambda I + (1/|S|) sum c_s c_s'; any |S| and m add such squares"
    else:
        verdict, told = Verdict.INCONCLUSIVE, "the Hessian is not shown to be lambda I plus squares"
    return Finding(verdict=verdict, method=Method.SYMBOLIC, summary=told)


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
