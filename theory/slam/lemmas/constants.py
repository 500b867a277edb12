r"""Lemma 4's constants as printed, in all their versions, and their units.

Measure f in other units, :math:`f \to s f`, :math:`\sigma_f, L_{f,0}, \rho, \alpha \to s\,\cdot`: the iterates x stay, so
:math:`D_x/\alpha^2` and :math:`B_x` must. Measure g so, with :math:`\sigma_g, \mu_g, L_{g,1}, \rho, \beta \to s\,\cdot`: y stays, so
:math:`D_y/\beta^2` must. Numbers or symbols may be put in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

Values = Any
"""A namespace with n, sigma2, L, eta, theta, rho, high, B and what else a formula names."""

Formula = Callable[[Values], Any]


def C_x(v: Values) -> Any:
    """(41a), (52) and (62) agree."""
    return 2 * (1 + 1 / v.theta) / (1 - v.eta)


def _with_ball(v: Values, noise: Any) -> Any:
    return noise + 2 * C_x(v) * v.rho**2 * v.high**2 * v.B


D_X: Mapping[str, Formula] = {
    "(41b)": lambda v: _with_ball(v, 4 * C_x(v) * v.sigma2 / v.n + 4 * (v.L + v.sigma2)),
    "(57)": lambda v: _with_ball(v, 2 * (2 * C_x(v) * v.sigma2 / v.n + 2 * (v.L**2 + v.sigma2) / v.n)),
    "(58)": lambda v: _with_ball(v, 2 * (2 * C_x(v) * v.sigma2 + 2 * (v.L + v.sigma2)) / v.n),
    "(64)": lambda v: _with_ball(v, 4 * (C_x(v) * v.sigma2 + v.L + v.sigma2)),
}
B_X: Mapping[str, Formula] = {
    "(43)": lambda v: (v.sigma2 * (2 + 2 / v.theta) + v.n * (v.L + v.sigma2) * (1 - v.eta)) / _divisor(v),
    "(61)": lambda v: (C_x(v) * v.sigma2 + v.L + v.sigma2) / (v.n * v.rho**2 * v.high**2 * C_x(v)),
    "(63)": lambda v: (v.sigma2 * (2 + 2 / v.theta) + (v.L + v.sigma2) * (1 - v.eta)) / _divisor(v),
}


def _divisor(v: Values) -> Any:
    return v.n * (2 + 2 / v.theta) * v.rho**2 * v.high**2


def values(**given: Any) -> Values:
    """Numbers for the formulas.

    Examples
    --------
    >>> one = Fraction(1)
    >>> v = values(n=2, sigma2=one, L=one, eta=one / 2, theta=one, rho=one, high=one, B=0)
    >>> {name: str(formula(v)) for name, formula in (D_X | B_X).items()}
    {'(41b)': '24', '(57)': '20', '(58)': '20', '(64)': '40', '(43)': '3/4', '(61)': '5/8', '(63)': '5/8'}
    """
    return SimpleNamespace(**given)


def symbols() -> Values:
    """Positive symbols for everything."""
    import sympy

    names = "n sigma2 L eta theta rho high B"
    return SimpleNamespace(**dict(zip(names.split(), sympy.symbols(names, positive=True), strict=True)))


def agreeing(formulas: Mapping[str, Formula]) -> list[tuple[str, ...]]:
    """The versions of one constant, in groups that are equal for all values.

    Examples
    --------
    >>> agreeing(B_X)
    [('(43)',), ('(61)', '(63)')]
    """
    import sympy

    v, groups = symbols(), list[list[str]]()
    for name, formula in formulas.items():
        for group in groups:
            if sympy.cancel(formula(v) - formulas[group[0]](v)) == 0:
                group.append(name)
                break
        else:
            groups.append([name])
    return [tuple(group) for group in groups]


TERMS: Mapping[str, tuple[str, int, Mapping[str, int]]] = {
    "C_x sigma_f^2 of D_x": ("f", 2, {"sigma_f": 2}),
    "L_f0 of D_x": ("f", 2, {"L_f0": 1}),
    "C_x rho^2 B_x of D_x": ("f", 2, {"rho": 2}),
    "sigma_f^2 of B_x": ("f", 0, {"sigma_f": 2, "rho": -2}),
    "L_f0 of B_x": ("f", 0, {"L_f0": 1, "rho": -2}),
    "sigma_g^2/n of D_y": ("g", 2, {"sigma_g": 2}),
    "D_x of D_y": ("g", 2, {"mu_g": -2, "beta_0": 2}),
    "|y^1|^2 of D_y": ("g", 2, {"mu_g": 1, "rho": 1, "beta_0": 2}),
    "sigma_g^2/(n mu_g beta_0) of D_y": ("g", 2, {"sigma_g": 2, "mu_g": -1, "beta_0": -1}),
    "1/mu_g of (39b)": ("g", 1, {"mu_g": -1}),
    "tau_g of (39b)": ("g", 1, {"tau_g": 1}),
}
"""Terms of (39b), (41), (43): the unit they are put to, the power they must scale with, and the letters that scale."""

REPAIRED: Mapping[str, tuple[str, int, Mapping[str, int]]] = {
    "L_f0^2 of D_x": ("f", 2, {"L_f0": 2}),
    "L_f0^2 of B_x": ("f", 0, {"L_f0": 2, "rho": -2}),
    "C_xy^2 D_x of D_y": ("g", 2, {"C_xy": 2, "mu_g": -2, "beta_0": 2}),
    "|y^1|^2 of D_y, by (76) done right": ("g", 2, {"mu_g": -1, "rho": 1, "beta_0": 2}),
    "L_g1^2 sigma_g^2/(n mu_g beta_0) of D_y": ("g", 2, {"L_g1": 2, "sigma_g": 2, "mu_g": -1, "beta_0": -1}),
    "L_g1^2/mu_g of (39b)": ("g", 1, {"L_g1": 2, "mu_g": -1}),
}
"""The same terms with the squares that the proof drops."""


def strays(terms: Mapping[str, tuple[str, int, Mapping[str, int]]]) -> dict[str, str]:
    """The terms that scale otherwise than they must; every letter named scales with the first power.

    Examples
    --------
    >>> strays(REPAIRED)
    {}
    """
    found = {}
    for name, (unit, due, powers) in terms.items():
        s = Fraction(3)
        value = Fraction(1)
        for power in powers.values():
            value *= s**power
        if value != s**due:
            found[name] = f"{unit}^{sum(powers.values())} for {unit}^{due}"
    return found
