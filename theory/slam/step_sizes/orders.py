r"""The right sides of (138), (148), (171) and (174), term by term, and the step sizes to put in.

Letters: ``sf``, ``sg`` are :math:`\sigma_f^2, \sigma_g^2`; ``b`` is :math:`b_r`, for every r; ``P`` is :math:`P_c^1 - \underline P_c`; ``Q`` the
potential at the start; ``e`` is :math:`\|y^1 - y^*\|^2`; ``bend`` is :math:`L_{xy}/(4\vartheta)`, ``slack`` :math:`\vartheta L_{xy} D_x/4`,
``cross`` :math:`C_{xy}L_{f,0}L_{g,2}/\mu_g^2`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from spiritlevel.theory.slam.step_sizes.signs import Powers, powers

LETTERS = (
    *(
        "T",
        "n",
        "m",
        "L_fx",
        "L_fy",
        "L_g",
        "L_f",
        "L_y",
        "L_yc",
        "L_f0",
        "bend",
        "slack",
        "cross",
        "mu",
        "low",
        "high",
    ),
    *(
        "C",
        "D_x",
        "D_y",
        "Q",
        "P",
        "e",
        "sf",
        "sg",
        "start",
        "start_y",
        "c",
        "a_0",
        "b_0",
        "g_0",
        "r_0",
        "e_0",
    ),
)
Values = Any


def letters() -> Values:
    """A positive symbol for each of `LETTERS`."""
    import sympy as sp

    return SimpleNamespace(**{name: sp.Symbol(name, positive=True) for name in LETTERS})


def sizes(v: Values, gamma: Any = None, rho: Any = None, bias: Any = None) -> Values:
    """alpha = a_0 sqrt(T/n), beta = b_0 sqrt(T/n), and gamma, rho, b; by default gamma = g_0 sqrt(T/n), rho fixed, b^2 = e_0/(nT)."""
    import sympy as sp

    scale = sp.sqrt(v.T / v.n)
    made = {
        "alpha": v.a_0 * scale,
        "beta": v.b_0 * scale,
        "gamma": v.g_0 * scale if gamma is None else gamma,
        "rho": v.r_0 if rho is None else rho,
        "b": sp.sqrt(v.e_0 / (v.n * v.T)) if bias is None else bias,
    }
    return SimpleNamespace(**(vars(v) | made))


def upper_consensus(v: Values) -> dict[str, Any]:
    """(138)."""
    ratio = v.gamma / v.rho
    x, y = v.D_x / v.alpha**2, v.D_y / v.beta**2
    return {
        "C gamma Q/(T rho)": v.C * ratio * v.Q / v.T,
        "gamma/rho D_x/alpha^2": ratio * ((v.L_fx + 1) / (2 * v.n) + v.L_fx * v.m**2 / v.n) * x,
        "D_x/(n^2 rho^2 alpha^2)": 4 * v.L_fx**2 * v.m**2 / (v.n**2 * v.rho**2 * v.low) * x,
        "gamma/rho D_y/beta^2": ratio * v.m * v.L_fy**2 / (v.n * v.L_fx) * y,
        "D_y/(n^2 rho^2 beta^2)": 4 * v.L_fy**2 * v.m / (v.n**2 * v.rho**2 * v.low) * y,
        "gamma/rho n b^2": ratio * v.n * (2 * v.b) ** 2 / 2,
        "gamma/rho sigma_f^2/(n alpha^2)": ratio * v.L_fx * v.m**2 * v.sf / (v.n * v.alpha**2),
        "b^2/rho^2": 4 * (2 * v.b) ** 2 / (v.rho**2 * v.low),
        "sigma_f^2/(n alpha^2)": v.high * v.sf / (v.n * v.alpha**2),
    }


def lower_consensus(v: Values) -> dict[str, Any]:
    """(148) with (146)."""
    ratio = v.gamma / v.rho
    x, y = v.D_x / v.alpha**2, v.D_y / v.beta**2
    return {
        "C gamma Q/(T rho)": v.C * ratio * v.Q / v.T,
        "C gamma D_x/(n rho alpha^2)": v.C * ratio * v.L_g / (2 * v.n) * x,
        "sigma_g^2/(n beta^2)": v.high * v.sg / (v.n * v.beta**2),
        "D_x/(n^2 rho^2 alpha^2)": 3 * v.L_g**2 / (v.n**2 * v.rho**2 * v.low) * x,
        "C gamma D_y/(n rho beta^2)": ratio * 3 * v.C * v.L_g / (2 * v.n) * y,
        "D_y/(n^2 rho^2 beta^2)": 3 * v.L_g**2 / (v.n**2 * v.rho**2 * v.low) * y,
    }


def stationarity(v: Values, upper: Any, lower: Any) -> dict[str, Any]:
    """(171), with bounds of |Ax|^2 and |Ay|^2, of which |x - mean|^2 and |y - mean|^2 are at most 1/sigma_min each."""
    n2 = v.n**2
    x = (
        4 * (v.m + 1) * v.L_f**2 / n2
        + 20 * (v.m + 1) / n2 * v.cross**2
        + 16 * (v.m + 1) * (v.L_yc * v.L_y) ** 2 / v.n
    )
    moved = 1 + 2 * (v.m + 1) * v.n * v.L_y**2 / v.alpha + v.slack / v.alpha**2
    return {
        "2 alpha P/T": 2 * v.alpha * v.P / v.T,
        "D_y/(n^2 beta^2)": 4 * v.m**2 * v.L_fy**2 / n2 * v.D_y / v.beta**2,
        "|y - mean|^2/n^2": 8 * v.m * (v.m * v.L_fy**2 + (v.m + 1) * v.L_yc**2) / n2 * lower / v.low,
        "|x - mean|^2/n": x * upper / v.low,
        "alpha sigma_g^2/(n^2 beta^2)": 2 * v.alpha * (v.m + 1) / v.n * moved * v.sg / (v.n * v.beta**2),
        "sigma_f^2/(n^2 alpha)": 2
        * v.alpha
        * (v.m + 1)
        / v.n
        * (v.bend + v.L_y**2)
        * v.sf
        / (v.n * v.alpha**2),
        "b^2/n": 2 * v.alpha * 4 * v.b**2 / (v.n * v.alpha),
        "L_f sigma_f^2/(n alpha)": 2 * v.alpha * v.L_f * v.sf / (2 * v.n * v.alpha**2),
    }


def optimality(v: Values, divisor: Any) -> dict[str, Any]:
    """(174) with what stands in the place of 1 + C_2."""
    x = v.D_x / v.alpha**2
    moved = 1 + 2 * (v.m + 1) * v.n * v.L_y**2 / v.alpha + v.slack / v.alpha**2
    return {
        "start": v.e / (v.T * divisor),
        "(L_y^2 + bend) D_x/alpha^2": (v.L_y**2 + v.bend) * x / divisor,
        "D_x/(8(m+1)n alpha)": v.alpha / (8 * (v.m + 1) * v.n) * x / divisor,
        "sigma_g^2/(n beta^2)": moved * v.sg / (v.n * v.beta**2) / divisor,
        "sigma_f^2/(n alpha^2)": (v.bend + v.L_y**2) * v.sf / (v.n * v.alpha**2) / divisor,
    }


def table(v: Values, terms: Mapping[str, Any]) -> dict[str, Powers]:
    """The leading powers of T and n of every term."""
    return {name: powers(term, v.T, v.n) for name, term in terms.items()}


def least_weight(v: Values) -> Any:
    """The least C of (131) by consensus: 8 tau_f/(rho sigma_min)."""
    return 8 * v.alpha / (v.gamma * v.rho * v.low)


def upper_movement(v: Values) -> Any:
    r"""D_x of (41b), (43) with the best theta, :math:`1/b - 1`; the sum of both parts of (43) for the larger one."""
    share = v.rho * v.gamma * v.low / v.alpha  # 1 - b
    ball = (v.rho * v.high) ** 2 * v.start + v.sf / v.n + (v.L_f0 + v.sf) * share**2 / 2
    return 8 * v.sf / (v.n * share**2) + 4 * (v.L_f0 + v.sf) + 4 / share**2 * ball


def lower_movement(v: Values) -> Any:
    """D_y of (41c)."""
    import sympy as sp

    alpha_0, beta_0 = v.alpha / sp.sqrt(v.T), v.beta / sp.sqrt(v.T)
    moved = (v.D_x / v.mu**2 + v.mu * v.rho * v.start_y * alpha_0) * beta_0**2 / alpha_0**2
    return v.sg / v.n + moved + v.sg / (v.n * v.mu * beta_0)


def with_constants(v: Values) -> Values:
    """C, D_x and D_y in the place of letters."""
    made = SimpleNamespace(**(vars(v) | {"C": least_weight(v), "D_x": upper_movement(v)}))
    made.D_y = lower_movement(made)
    return made
