"""Problems in exact rationals, from a few whole numbers: quadratic g and Huber's functions of affine forms."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from spiritlevel.core.numbers import convert
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.cut import CutUpper
from spiritlevel.synthetic.lower import QuadraticLower

Form = tuple[Any, Sequence[Any], Sequence[Any], Any]
"""``w h(u'x + v'y - t)`` as ``(w, u, v, t)``."""


def exact_problem(
    name: str,
    *,
    n: int,
    H: Any,
    B: Any,
    c: Any,
    forms: Sequence[Form] | Sequence[Sequence[Form]],
    x0: Any = None,
    y0: Any = None,
) -> Bilevel:
    """n clients with the one lower level ``y'Hy/2 - y'(Bx + c)`` and the forms of f, common or per client.

    Examples
    --------
    >>> problem = exact_problem("one", n=1, H=[[1]], B=[[1]], c=[0], forms=[(1, [1], [-2], 0)], x0=["1/3"])
    >>> problem.hypergradient(problem.start()[0])
    array([[Fraction(1, 3)]], dtype=object)
    """
    common = not isinstance(forms[0][0], tuple)
    each: list[Any] = [forms] * n if common else list(forms)

    def exact(values: Any) -> Any:
        if isinstance(values, str):
            return Fraction(values)
        return [exact(v) for v in values] if isinstance(values, list | tuple) else values

    H, B, c = (convert(exact([block] * n), "fraction") for block in (H, B, c))
    w, u, v, t = (
        convert(exact([[form[k] for form in client] for client in each]), "fraction") for k in range(4)
    )
    x0, y0 = (None if z is None else convert(exact(z), "fraction") for z in (x0, y0))
    return Bilevel(QuadraticLower(H, B, c), CutUpper(w=w, u=u, v=v, t=t), name, shared=True, x0=x0, y0=y0)
