r"""The algebra behind (14)-(19): right minus left is a sum of squares, in the coefficients that are tested.

Each proof takes an `Inequality` and reads its coefficients at symbols. What the analysis gives, a
Lipschitz bound or an eigenvalue's range, enters as the size of a symbol; then right minus left, less the
squares that the proof names, must have no negative part. For vectors that is used coordinate by coordinate;
for Hessians and mixing matrices, eigenvalue by eigenvalue.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from spiritlevel.theory.interact.constants import lemmas
from spiritlevel.theory.interact.one_step.terms import Inequality, Letters

CONTRACTION = ({"each next lower": 1}, "each lower, each v, each dx, each inexact")
"""The terms of (15), left and right."""


class Unproved(ValueError):
    """A proof was asked about an inequality in other terms than its own."""


def _zero(*expressions: Any) -> bool:
    import sympy

    return all(sympy.simplify(expression) == 0 for expression in expressions)


def not_negative(expression: Any, *real: Any) -> bool:
    """Whether it is a polynomial in squares of the real symbols, and in other symbols, that are positive, without a minus.

    A quotient of two such polynomials passes too. Sufficient for ``expression >= 0``, not necessary.

    Examples
    --------
    >>> import sympy
    >>> a, c = sympy.Symbol("a", real=True), sympy.Symbol("c", positive=True)
    >>> not_negative(c * a**2 + a**4 / (1 + c), a), not_negative(c * a, a), not_negative((1 - c) * a**2, a)
    (True, False, False)
    """
    import sympy

    whole = sympy.expand(expression)
    parts = (whole,) if whole.is_polynomial() else sympy.fraction(sympy.cancel(sympy.together(expression)))
    for part in parts:
        symbols = sorted(part.free_symbols | set(real), key=str)
        for powers, coefficient in sympy.Poly(part, *symbols).terms():
            odd = any(power % 2 for symbol, power in zip(symbols, powers, strict=True) if symbol in real)
            if odd or coefficient < 0:
                return False
    return True


def _positive(names: str) -> Any:
    import sympy

    return sympy.symbols(names, positive=True)


def _bounds() -> Any:
    """The constants of A1 and A2 as symbols; mu_g through its inverse, so that Lemma 1's are polynomials."""
    names = "L_g C_gxy L_gxy L_gyy L_fx L_fy C_fy"
    symbols = dict(zip(names.split(), _positive(names), strict=True))
    return SimpleNamespace(mu_g=1 / _positive("inverse"), **symbols)


def _parts(c: Any) -> tuple[Any, Any, Any]:
    """What bounds the three parts of `decomposition` per distance."""
    return (
        c.C_gxy * c.L_fy / c.mu_g,
        c.L_gxy * c.C_fy / c.mu_g,
        c.C_gxy * c.L_gyy * c.C_fy / c.mu_g**2,
    )


def _right(inequality: Inequality, left: dict[str, int], names: str, **given: Any) -> dict[str, Any]:
    """The coefficients at symbols, for one agent or more.

    Raises
    ------
    Unproved
        If the inequality has other terms than those that the proof speaks of.
    """
    c = _bounds()
    r, alpha, lam, more = _positive("r alpha lam more")
    letters: dict[str, Any] = {"alpha": alpha, "beta": _beta(c, r), "m": 1 + more, "lam": lam, "r": r} | given
    k = lemmas(c, inequality.convention)
    right = inequality.right(Letters(mu=c.mu_g, L=c.L_g, k=k, **letters))
    if dict(inequality.left) != left or set(right) != set(names.split(", ")):
        raise Unproved(f"the proof is about {left} and {names}, not {dict(inequality.left)} and {set(right)}")
    return dict(right)


def _beta(c: Any, r: Any) -> Any:
    r"""The step size that :math:`r = \beta \mu L / (3 (\mu + L))` comes from."""
    return 3 * r * (c.mu_g + c.L_g) / (c.mu_g * c.L_g)


def descent(inequality: Inequality) -> bool:
    r"""(14) from three facts.

    The mean moves by :math:`-\alpha \bar u`, so an :math:`L`-Lipschitz gradient gives
    :math:`\ell(\bar x_{t+1}) - \ell(\bar x_t) \le -\alpha \langle g, \bar u\rangle + L \alpha^2 |\bar u|^2 / 2` with
    :math:`g = \nabla\ell(\bar x_t)`; :math:`g = \bar u + a + b + c` (consensus, lower level, tracking); and
    :math:`|a| \le L X`, :math:`|b| \le F Y` with :math:`X^2 = \sum|\bar x - x_i|^2 / m`, :math:`Y^2 = \sum |y_i - y_i^*|^2 / m`
    by Lemma 1 and Jensen's inequality. F adds up :math:`L_{fx}` and the parts of `decomposition`; L is F times one
    more than :math:`C/\mu`, as in `constants_follow`.
    """
    import sympy

    u, c, s, t, p, q = sympy.symbols("u c s t p q", real=True)
    alpha, more = _positive("alpha more")
    constants = _bounds()
    F = constants.L_fx + sum(_parts(constants))
    L = F * (1 + constants.C_gxy / constants.mu_g)
    names = "gradient, ubar, missed, x apart, lower"
    k = _right(inequality, {"next objective": 1, "objective": -1}, names)
    # |a| = L |s| and |b| = F |t|, where X^2 = s^2 + p^2 and Y^2 = t^2 + q^2 for some p and q
    a, b = L * s, F * t
    g = u + a + b + c
    largest = -alpha * g * u + L * alpha**2 / 2 * u**2
    right = k["gradient"] * g**2 + k["ubar"] * u**2 + k["missed"] * c**2
    right += (1 + more) * (k["x apart"] * (s**2 + p**2) + k["lower"] * (t**2 + q**2))
    squares = alpha / 2 * ((a - b - c) ** 2 + 2 * (b - c) ** 2)
    return not_negative(right - largest - squares, u, c, s, t, p, q)


def contraction_step(inequality: Inequality, delta: Any) -> bool:
    r"""(15) for a symbol :math:`\delta > 0` that its coefficients have, any v, with :math:`|dy^*| \le C/\mu\, |dx|`.

    With e = y - y* and G = h e, h an eigenvalue of the mean Hessian, :math:`\mu_g \le h \le L_g`, and d = dy*, the left side is
    :math:`|e - \beta v - d|^2`. Young for d, Young for G - v, :math:`|e - \beta G|^2` through
    :math:`(h - \mu)(L - h) \ge 0`, and :math:`-|G|^2` by v leave one square each. :math:`2\beta/(\mu+L) - \beta^2`, which
    multiplies the last, is not negative as :math:`\beta \le 2/(\mu+L)`.
    """
    import sympy

    v, e, s, p = sympy.symbols("v e s p", real=True)
    h, r = _positive("h r")
    c = _bounds()
    k = _right(inequality, *CONTRACTION)
    mu, L = c.mu_g, c.L_g
    # |d| = C/mu |s|, where |dx|^2 = s^2 + p^2 for some p
    beta, d, G = _beta(c, r), c.C_gxy / mu * s, h * e
    right = k["each lower"] * e**2 + k["each v"] * v**2 + k["each dx"] * (s**2 + p**2)
    right += k["each inexact"] * (G - v) ** 2
    gain = 2 * beta / (mu + L) - beta**2
    squares = (
        young(r, e - beta * v, -d)
        + (1 + r) * young(r, e - beta * G, beta * (G - v))
        + (1 + r) ** 2 * 2 * beta / (mu + L) * (h - mu) * (L - h) * e**2
        + (1 + r) ** 2 * gain * (G - (1 - delta) * v) ** 2 / delta
    )
    return not_negative(right - (e - beta * v - d) ** 2 - squares, v, e, s, p)


def young(c: Any, a: Any, b: Any) -> Any:
    """``(1+c) a^2 + (1+1/c) b^2 - (a+b)^2``, written as a square over c."""
    return (c * a - b) ** 2 / c


def mixing(inequality: Inequality, mixed: str, added: str, c: Any = None) -> bool:
    r"""(16) or (17): ``mixed`` is, ``added`` comes on top, with a symbol c > 0 or, without one, :math:`c = 1/\lambda - 1`.

    On an eigenvector of W that sums to zero the eigenvalue is :math:`\lambda\omega` with :math:`|\omega| \le 1`. Without c, also
    :math:`\lambda = 0`, where :math:`1/\lambda - 1` is undefined and W z = 0.
    """
    import sympy

    # what comes on top need not sum to zero: its other part is p
    x, b, w, p = sympy.symbols("x b w p", real=True)
    alpha = _positive("alpha")
    step = alpha if added == "u apart" else 1  # x moves by alpha u, u by the change of p
    free = _positive("c")
    lam = _positive("lam") if c is not None else 1 / (1 + free)
    c = free if c is None else c

    def proved(lam: Any, squares: Any) -> bool:
        k = _right(inequality, {f"next {mixed}": 1}, f"{mixed}, {added}", lam=lam)
        right = k[mixed] * x**2 + k[added] * (b**2 + p**2)
        return not_negative(right - (lam * w * x + step * b) ** 2 - squares, x, b, w, p)

    room = (1 + c) * lam**2 * (1 - w**2) * x**2
    return proved(lam, young(c, lam * w * x, step * b) + room) and (
        c is not free or proved(sympy.Integer(0), 0)
    )


def surrogate_change(inequality: Inequality) -> bool:
    r"""(19): p moves by :math:`a - t_1 - t_2 - t_3`, the change of :math:`\nabla_x f` and the parts of `decomposition`.

    :math:`2|a|^2 + 6(|t_1|^2 + |t_2|^2 + |t_3|^2)` exceeds the square of that by squares; each is at most its Lipschitz
    constant squared times :math:`|dx|^2 + |dy|^2`, and :math:`dy = -\beta v`.
    """
    import sympy

    a, t1, t2, t3, dx, v = sympy.symbols("a t1 t2 t3 dx v", real=True)
    c, k = _bounds(), _right(inequality, {"dp": 1}, "dx, v")
    beta = _beta(c, _positive("r"))
    direct, shared = 2, 2 * 3
    apart = direct * a**2 + shared * (t1**2 + t2**2 + t3**2) - (a - t1 - t2 - t3) ** 2
    squares = (a + t1 + t2 + t3) ** 2 + 2 * ((t1 - t2) ** 2 + (t1 - t3) ** 2 + (t2 - t3) ** 2)
    factor = direct * c.L_fx**2 + shared * sum(part**2 for part in _parts(c))
    rest = k["dx"] * dx**2 + k["v"] * v**2 - factor * (dx**2 + beta**2 * v**2)
    return _zero(sympy.expand(apart - squares)) and not_negative(rest, dx, v)


def movement_bound(inequality: Inequality) -> bool:
    r"""The movement of x: Young with c = 1, and :math:`(1-w)^2 \le 4` for the eigenvalues w of W.

    On an eigenvector that sums to zero x moves by :math:`(w - 1) x - \alpha u`, and the mean by :math:`-\alpha \bar u`.
    """
    import sympy

    x, u, mean, w = sympy.symbols("x u mean w", real=True)
    alpha, more = _positive("alpha more")
    k = _right(inequality, {"dx": 1}, "x apart, u apart, ubar")
    right = k["x apart"] * x**2 + k["u apart"] * u**2 + k["ubar"] * mean**2
    left = ((w - 1) * x - alpha * u) ** 2 + (1 + more) * alpha**2 * mean**2
    # (1 + w)(3 - w) >= 0 for -1 <= w <= 1
    squares = young(1, (w - 1) * x, -alpha * u) + 2 * (1 + w) * (3 - w) * x**2
    return not_negative(right - left - squares, x, u, mean, w)


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


def true_factor(inequality: Inequality) -> tuple[int, ...]:
    """Coefficients of the factor of the old error in (15), (1+r)^2 (1-6r), from the constant term up.

    Examples
    --------
    >>> from spiritlevel.theory.interact.one_step.terms import eq15
    >>> true_factor(eq15("plain", 1))
    (1, -4, -11, -6)
    """
    import sympy

    factor = sympy.cancel(_right(inequality, *CONTRACTION)["each lower"])
    return tuple(int(k) for k in reversed(sympy.Poly(factor, _positive("r")).all_coeffs()))
