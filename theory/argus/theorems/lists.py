r"""The step-size list of Theorem 1, for ``spiritlevel steps``.

``lam`` is the paper's rho, ``m`` its N. ``L_p`` is its L, the Lipschitz constant of the joint gradient of :math:`L'_{pi}`,
multipliers included, which no problem knows beforehand; ``M`` the cap on cuts, ``T`` the last iteration, :math:`T_1 + T` in the paper.
"""

from __future__ import annotations

from collections.abc import Callable

from spiritlevel.core.constants import Real
from spiritlevel.theory.step_lists.stepsize import Rule, Setting, Term, over

Bound = Callable[[Real, Real, Real, Real, Real, Real, Real], Real]
"""``bound(rho, N, L, M, T, tau, k_1)``, of eta or of its square."""


def _term(name: str, bound: Bound, power: int = 1, serves: str = "") -> Term:
    def value(s: Setting) -> Real:
        return bound(s.lam, s.m, *(s.more[k] for k in NEEDS))

    return Term(name, "eta", value, 2 if power == 2 else 1, serves=serves)


NEEDS = ("L_p", "M", "T", "tau", "k_1")
TERMS = (
    _term("(1-rho)/(288 L N k_1 tau)", lambda r, N, L, M, T, tau, k: over(1 - r, 288 * L * N * k * tau)),
    _term(
        "sqrt(1-rho)/(24 L sqrt(N k_1 tau))",
        lambda r, N, L, M, T, tau, k: over(1 - r, 576 * L**2 * N * k * tau),
        2,
    ),
    _term(
        "sqrt(1-rho)/(24 L sqrt(2 (N+M) (T_1+T)))",
        lambda r, N, L, M, T, tau, k: over(1 - r, 1152 * L**2 * (N + M) * T),
        2,
        "C_2 at the last iteration",
    ),
    _term("1/(10 N L)", lambda r, N, L, M, T, tau, k: over(1, 10 * N * L)),
    _term("(1-rho)^2/(640 L^2 N)", lambda r, N, L, M, T, tau, k: over((1 - r) ** 2, 640 * L**2 * N)),
    _term("(1-rho)^(3/2)/(40 L)", lambda r, N, L, M, T, tau, k: over((1 - r) ** 3, 1600 * L**2), 2),
    _term("1/(4 L sqrt(M))", lambda r, N, L, M, T, tau, k: over(1, 16 * L**2 * M), 2),
)
LIST = Rule(
    "argus/stepsize",
    ("eta",),
    TERMS,
    "argus-no-cuts",  # Argus itself has no fixed map: it damps its multipliers by 1/sqrt(t), and its cuts switch
    needs=NEEDS,
    units={"eta": {"f": -1, "length": 2}, "L_p": {"f": 1, "length": -2}},
)
