"""Named problems made of the two levels, from arrays: quadratic, bounded, curved, flat, linear."""

from __future__ import annotations

from typing import Any

import numpy as np

from spiritlevel.core.constants import Real
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.bounded import BoundedUpper, Kind
from spiritlevel.synthetic.data import row, together
from spiritlevel.synthetic.flat import FlatUpper
from spiritlevel.synthetic.levels import Lower
from spiritlevel.synthetic.lower import CurvedLower, QuadraticLower
from spiritlevel.synthetic.upper import BLOCKS, LinearUpper, QuadraticUpper


def quadratic(
    H: Any,
    B: Any,
    c: Any,
    *,
    A: Any = None,
    a: Any = None,
    E: Any = None,
    Q: Any = None,
    e: Any = None,
    k: Any = None,
    shared: bool = False,
    name: str = "quadratic",
    x0: Any = None,
    y0: Any = None,
) -> Bilevel:
    """Quadratic in both levels: the hypergradient is affine and `Bilevel.solution` is one linear solve.

    Parameters
    ----------
    H, B, c
        Of `QuadraticLower`.
    A, a, E, Q, e, k
        Of `QuadraticUpper`; None for zero.
    shared, name, x0, y0
        Of `Bilevel`.

    Raises
    ------
    InputError
        As those classes do. All arrays become exact if any entry is.

    Examples
    --------
    >>> problem = quadratic(H=[[[2.0]]], B=[[[1.0]]], c=[[0.0]], A=[[[1.0]]], a=[[-3.0]])
    >>> problem.solution()
    array([3.])
    """
    upper = {"A": A, "a": a, "E": E, "Q": Q, "e": e, "k": k}
    data = together({"H": H, "B": B, "c": c, **upper})
    lower = QuadraticLower(data["H"], data["B"], data["c"])
    blocks: dict[str, Any] = {block: data.get(block) for block in BLOCKS}
    joined = QuadraticUpper(lower.n, lower.p, lower.q, **blocks)
    return Bilevel(lower, joined, name, shared=shared, x0=x0, y0=y0)


def bounded(
    H: Any,
    B: Any,
    c: Any,
    *,
    b: Any,
    x_target: Any,
    scale: Real = 1,
    kind: Kind = "huber",
    shared: bool = False,
    name: str = "bounded",
    x0: Any = None,
    y0: Any = None,
) -> Bilevel:
    """Quadratic lower level under a `BoundedUpper` whose targets are the lower solutions at ``x_target``.

    So ``x_target`` is a global minimiser, with value 0. The objective is convex for "huber" (y* is affine)
    and not for "cos". Floats only.

    Parameters
    ----------
    H, B, c
        Of `QuadraticLower`.
    b, x_target, scale, kind
        Of `BoundedUpper`.
    shared, name, x0, y0
        Of `Bilevel`.

    Raises
    ------
    InputError
        As those classes do.

    Examples
    --------
    >>> problem = bounded([[[1.0]]], [[[2.0]]], [[0.0]], b=[[0.0]], x_target=[3.0])
    >>> problem.hypergradient(problem.solution()[None]), problem.infimum()
    (array([[0.]]), 0.0)
    """
    lower = QuadraticLower(H, B, c).over("float")
    return _with_target(lower, b, x_target, scale, kind, shared, name, x0, y0)


def curved(
    B: Any,
    c: Any,
    *,
    b: Any,
    x_target: Any,
    scale: Real = 1,
    kind: Kind = "huber",
    shared: bool = False,
    name: str = "curved",
    x0: Any = None,
    y0: Any = None,
) -> Bilevel:
    """`CurvedLower` under a `BoundedUpper` whose targets are the lower solutions at ``x_target``.

    Satisfies every smoothness and boundedness assumption of the papers with finite constants, and
    nothing in it is quadratic. ``x_target`` is a global minimiser, with value 0; since y* is not affine,
    the objective need not be convex even for "huber". Parameters and errors as in `bounded`.

    Examples
    --------
    >>> problem = curved([[[2.0]]], [[0.0]], b=[[0.0]], x_target=[3.0], kind="cos")
    >>> problem.value(problem.solution()[None])
    array([0.])
    """
    return _with_target(CurvedLower(B, c).over("float"), b, x_target, scale, kind, shared, name, x0, y0)


def _with_target(
    lower: Lower,
    b: Any,
    x_target: Any,
    scale: Real,
    kind: Kind,
    shared: bool,
    name: str,
    x0: Any,
    y0: Any,
) -> Bilevel:
    target = row("x_target", x_target, lower.p, "float")
    everywhere = np.broadcast_to(target, (1, lower.n, lower.p))
    y_target = (lower.shared_argmin(everywhere) if shared else lower.argmin(everywhere))[0]
    upper = BoundedUpper(scale, kind, target, b, y_target)
    return Bilevel(lower, upper, name, shared=shared, stationary=target, lowest=0.0, x0=x0, y0=y0)


def flat(
    H: Any,
    B: Any,
    c: Any,
    *,
    b: Any,
    power: Real = 1,
    scale: Real = 1,
    x_weight: Real = 1,
    y_weight: Real = 1,
    shared: bool = False,
    name: str = "flat",
    x0: Any = None,
    y0: Any = None,
) -> Bilevel:
    """Quadratic lower level under a `FlatUpper`: satisfies every assumption, has no minimiser. Floats only.

    The objective is positive and falls to its infimum along almost every ray: to 0 where every component
    of every y* depends on x; an agent with ``B_i = 0`` adds its constant value. (Where single components
    do not depend on x, or that is in doubt, the infimum is None.) It is not convex, and between the humps
    of several agents there may be local minima.

    Parameters
    ----------
    H, B, c
        Of `QuadraticLower`.
    b, power, scale, x_weight, y_weight
        Of `FlatUpper`.
    shared, name, x0, y0
        Of `Bilevel`.

    Raises
    ------
    InputError
        As those classes do.

    Examples
    --------
    >>> problem = flat([[[1.0]]], [[[2.0]]], [[0.0]], b=[[0.0]], power=2)
    >>> problem.solution(), problem.infimum(), problem.value(np.array([[0.0], [1.0]]))
    (None, 0.0, array([2. , 0.7]))
    """
    lower = QuadraticLower(H, B, c).over("float")
    upper = FlatUpper(power, b, lower.q, scale, x_weight, y_weight)
    lowest = _flat_infimum(lower, upper, shared)
    return Bilevel(lower, upper, name, shared=shared, lowest=lowest, x0=x0, y0=y0)


def _flat_infimum(lower: QuadraticLower, upper: FlatUpper, shared: bool) -> float | None:
    """0 if every y* grows along some ray; agents whose y* is constant add its value; None if in doubt."""
    if upper.y_weight == 0:
        return 0.0
    H, B = (a.mean(axis=0, keepdims=True) if shared else a for a in (lower.H, lower.B))
    coupled = (B != 0).any(axis=(-2, -1))
    slopes = np.linalg.solve(H[coupled], B[coupled])
    # Rounding of the solve is smaller than this, so that a row above it is not zero.
    rounding = 1e-13 * np.linalg.cond(H[coupled]) * np.linalg.norm(slopes, axis=(-2, -1))
    if (np.linalg.norm(slopes, axis=-1) <= rounding[:, None]).any():
        return None
    origin = np.zeros((1, lower.n, lower.p))
    constant = (lower.shared_argmin(origin) if shared else lower.argmin(origin))[0]
    left = float(upper.tail(constant)[np.broadcast_to(~coupled, lower.n)].sum()) / lower.n
    return float(upper.scale) * float(upper.y_weight) * left


def linear(
    H: Any,
    B: Any,
    c: Any,
    *,
    b: Any,
    balanced: bool = True,
    shared: bool = False,
    name: str = "linear",
    x0: Any = None,
    y0: Any = None,
) -> Bilevel:
    """Quadratic lower level under a `LinearUpper`: all upper-level constants are zero.

    With balanced b_i the objective is zero and every point is stationary; `Bilevel.solution` is the
    origin. All arrays become exact if any entry is.

    Parameters
    ----------
    H, B, c
        Of `QuadraticLower`.
    b, balanced
        Of `LinearUpper`.
    shared, name, x0, y0
        Of `Bilevel`.

    Raises
    ------
    InputError
        As those classes do.

    Examples
    --------
    >>> linear([[[1.0]]] * 2, [[[0.01]]] * 2, [[0.0]] * 2, b=[[1.0], [-1.0]]).constants.C_fy
    Fraction(0, 1)
    """
    data = together({"H": H, "B": B, "c": c, "b": b})
    lower = QuadraticLower(data["H"], data["B"], data["c"])
    upper = LinearUpper(data["b"], lower.q, balanced)
    if not balanced:
        return Bilevel(lower, upper, name, shared=shared, x0=x0, y0=y0)
    origin = np.zeros(lower.p, dtype=int)
    return Bilevel(lower, upper, name, shared=shared, stationary=origin, lowest=0.0, x0=x0, y0=y0)
