r"""The algebra behind (14)-(19): identities that hold for all numbers, each expanded to 0 by sympy.

For vectors an identity of second degree is used coordinate by coordinate; for the lower-level Hessian,
eigenvalue by eigenvalue.
"""

from __future__ import annotations

import functools
from typing import Any


def _zero(*expressions: Any) -> bool:
    import sympy

    return all(sympy.simplify(expression) == 0 for expression in expressions)


@functools.cache
def descent() -> bool:
    r"""(14) with plain constants, from three facts.

    The mean moves by :math:`-\alpha \bar u`, so an :math:`L_\ell`-Lipschitz gradient gives
    :math:`\ell(\bar x_{t+1}) - \ell(\bar x_t) \le -\alpha \langle g, \bar u\rangle + L_\ell \alpha^2 |\bar u|^2 / 2` with
    :math:`g = \nabla\ell(\bar x_t)`; polarisation turns the product into :math:`-|g|^2 - |\bar u|^2 + |g - \bar u|^2`;
    and :math:`g - \bar u = a + b + c` (consensus, lower level, tracking) obeys
    :math:`|a+b+c|^2 \le 2|a|^2 + 4|b|^2 + 4|c|^2`, where :math:`|a|^2 \le L_\ell^2 \sum|\bar x - x_i|^2 / m` and
    :math:`|b|^2 \le L_f^2 \sum |y_i - y_i^*|^2 / m` are Lemma 1 and Jensen's inequality.
    """
    import sympy

    g, u, a, b, c, alpha = sympy.symbols("g u a b c alpha", real=True)
    polarised = -alpha * g * u - alpha / 2 * ((g - u) ** 2 - g**2 - u**2)
    split = 2 * a**2 + 4 * b**2 + 4 * c**2 - (a + b + c) ** 2
    return _zero(polarised, split - (a - b - c) ** 2 - 2 * (b - c) ** 2)


@functools.cache
def young() -> bool:
    r""":math:`(1+c)|a|^2 + (1+1/c)|b|^2 - |a+b|^2 = |ca - b|^2/c`, and the factors for :math:`c = 1/\lambda - 1`."""
    import sympy

    a, b = sympy.symbols("a b", real=True)
    c, lam = sympy.symbols("c lam", positive=True)
    square = (1 + c) * a**2 + (1 + 1 / c) * b**2 - (a + b) ** 2 - (c * a - b) ** 2 / c
    choice = 1 / lam - 1
    return _zero(square, (1 + choice) * lam**2 - lam, 1 + 1 / choice - 1 / (1 - lam))


@functools.cache
def contraction_step() -> bool:
    r"""(15) with :math:`S = C_{g_{xy}}/\mu_g` for :math:`L_y` squared once, any :math:`\delta > 0`, any v.

    With e = y - y* and G = H e, H between :math:`\mu_g` and :math:`L_g`: by Young twice (factor 1 + r) the left
    side is at most :math:`(1+r)^2 |e - \beta G|^2 + (1+r)(1+1/r)\beta^2 |G - v|^2 + (1+1/r) S^2 |dx|^2`; the two
    identities here bound :math:`|e - \beta G|^2`, eigenvalue by eigenvalue h of H, and :math:`-|G|^2` by v.
    """
    import sympy

    G, v, e = sympy.symbols("G v e", real=True)
    h, mu, L, beta, delta = sympy.symbols("h mu L beta delta", positive=True)
    gain = 2 * beta / (mu + L) - beta**2
    slope = 1 - 2 * beta * mu * L / (mu + L)
    # >= 0 as mu <= h <= L
    curvature = (slope - gain * h**2 - (1 - beta * h) ** 2) * e**2 - 2 * beta / (mu + L) * (h - mu) * (
        L - h
    ) * e**2
    # >= 0 for every delta > 0; it is multiplied by gain, which is >= 0 as beta <= 2/(mu + L)
    swap = G**2 + (delta - 1) * v**2 + (1 / delta - 1) * (G - v) ** 2 - (G - (1 - delta) * v) ** 2 / delta
    return young() and _zero(curvature, swap)


@functools.cache
def movement_bound() -> bool:
    r""":math:`|dx|^2 \le 8 x_\perp + 2\alpha^2 |u|^2`: Young with c = 1, and :math:`(1-w)^2 \le 4` on the spectrum of W."""
    import sympy

    a, b, w = sympy.symbols("a b w", real=True)
    # (1 + w)(3 - w) >= 0 for -1 <= w <= 1
    return _zero(2 * a**2 + 2 * b**2 - (a + b) ** 2 - (a - b) ** 2, 4 - (1 - w) ** 2 - (1 + w) * (3 - w))


def remark_minimum(most: Any = 1) -> Any:
    r"""The least value of :math:`2(1+r)(1 - 2\beta\mu L/(\mu+L))` over :math:`0 < \beta \le` ``most`` :math:`/ (\mu+L)`.

    In :math:`\rho = 2 \beta \mu L/(\mu+L) = 6r`, which is at most ``most / 2`` since :math:`4 \mu L \le (\mu+L)^2`, it is
    :math:`2(1 + \rho/6)(1 - \rho)`, falling for every :math:`\rho > 0`; so the least value is that at the right end.

    Examples
    --------
    >>> remark_minimum(), remark_minimum(2)
    (13/12, 0)
    """
    import sympy

    rho, mu, L = sympy.symbols("rho mu L", positive=True)
    left = 2 * (1 + rho / 6) * (1 - rho)
    falling = _zero(sympy.diff(left, rho) + sympy.Rational(5, 3) + 2 * rho / 3)
    square = _zero((mu + L) ** 2 - 4 * mu * L - (mu - L) ** 2)
    if not (falling and square):
        raise ArithmeticError("the left side is not the falling function that the argument needs")
    return left.subs(rho, sympy.Rational(most) / 2)


def true_factor() -> tuple[int, ...]:
    """Coefficients of the factor of (15), (1+r)^2 (1-6r), from the constant term up.

    Examples
    --------
    >>> true_factor()
    (1, -4, -11, -6)
    """
    import sympy

    r = sympy.symbols("r")
    return tuple(int(k) for k in reversed(sympy.Poly((1 + r) ** 2 * (1 - 6 * r), r).all_coeffs()))
