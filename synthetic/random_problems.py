"""Random problems of every family, each fixed by its seed."""

from __future__ import annotations

from typing import Any

from spiritlevel.core.constants import Real
from spiritlevel.core.numbers import Array
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.bounded import Kind
from spiritlevel.synthetic.constructors import bounded, curved, flat, linear, quadratic
from spiritlevel.synthetic.draws import Draws, gram, sizes


def title(family: str, **values: Any) -> str:
    """A name that says how to get the problem again.

    Examples
    --------
    >>> title("curved", n=5, seed=1)
    'curved(n=5, seed=1)'
    """
    return f"{family}({', '.join(f'{key}={value}' for key, value in values.items())})"


def lower_blocks(
    draws: Draws, n: int, p: int, q: int, coupling: Any, heterogeneity: Any
) -> tuple[Array, Array, Array]:
    """``H_i = M_i M_i' + I``, ``B_i`` of size ``coupling``, ``c_i``."""
    H = gram(draws.agents(n, q, q, heterogeneity=heterogeneity)) + draws.eye(q)
    B = draws.times(coupling, draws.agents(n, q, p, heterogeneity=heterogeneity), "coupling")
    return H, B, draws.agents(n, q, heterogeneity=heterogeneity)


def random_quadratic(
    seed: int,
    n: int,
    p: int,
    q: int,
    *,
    shared: bool = False,
    scale: Real = 1,
    coupling: Real = 1,
    heterogeneity: Real = 1,
    rational: bool = False,
) -> Bilevel:
    """A strongly convex `quadratic` problem with all blocks present.

    ``H_i = M_i M_i' + I`` and ``[[A_i, E_i], [E_i', Q_i]] = scale (N_i N_i' + [[I, 0], [0, 0]])``, so that
    the objective is ``scale``-strongly convex: along ``y = y*(x)``, affine in x, the upper level is.

    Parameters
    ----------
    seed
        Of `numpy.random.default_rng`.
    n, p, q
        Numbers of agents, upper and lower variables.
    shared
        Of `Bilevel`.
    scale
        Factor of the upper level, positive.
    coupling
        Factor of the B_i; 0 makes y* constant.
    heterogeneity
        Size of what differs between agents; 0 makes them identical.
    rational
        Multiples of 1/4 as `fractions.Fraction` (and what arithmetic makes of them) rather than floats.

    Raises
    ------
    InputError
        If a size or seed is not a whole number in range, or a factor not a finite number.

    Examples
    --------
    >>> problem = random_quadratic(0, 3, 2, 1, rational=True)
    >>> problem.hypergradient(problem.solution()[None])
    array([[Fraction(0, 1), Fraction(0, 1)]], dtype=object)
    """
    n, p, q = sizes(n, p, q)
    draws = Draws.of(seed, rational)
    H, B, c = lower_blocks(draws, n, p, q, coupling, heterogeneity)
    joint = gram(draws.agents(n, p + q, p + q, heterogeneity=heterogeneity))
    joint[:, :p, :p] = joint[:, :p, :p] + draws.eye(p)
    joint = draws.times(scale, joint, "scale")
    a, e, k = (
        draws.times(scale, draws.agents(n, *shape, heterogeneity=heterogeneity)) for shape in ((p,), (q,), ())
    )
    return quadratic(
        H,
        B,
        c,
        A=joint[:, :p, :p],
        a=a,
        E=joint[:, :p, p:],
        Q=joint[:, p:, p:],
        e=e,
        k=k,
        shared=shared,
        name=title("quadratic", n=n, p=p, q=q, seed=seed),
        x0=draws.array(p),
        y0=draws.array(q),
    )


def random_bounded(
    seed: int,
    n: int,
    p: int,
    q: int,
    *,
    shared: bool = False,
    scale: Real = 1,
    coupling: Real = 1,
    heterogeneity: Real = 1,
    kind: Kind = "huber",
) -> Bilevel:
    """A random `bounded` problem; parameters as in `random_quadratic`, ``kind`` as in `BoundedUpper`.

    Examples
    --------
    >>> random_bounded(0, 3, 2, 1, kind="cos").constants.C_fy
    Fraction(1, 1)
    """
    n, p, q = sizes(n, p, q)
    draws = Draws.of(seed)
    H, B, c = lower_blocks(draws, n, p, q, coupling, heterogeneity)
    target = draws.array(p)
    return bounded(
        H,
        B,
        c,
        b=draws.balanced(n, p, heterogeneity),
        x_target=target,
        scale=scale,
        kind=kind,
        shared=shared,
        name=title("bounded", kind=kind, n=n, p=p, q=q, seed=seed),
        x0=target + draws.array(p),
        y0=draws.array(q),
    )


def random_curved(
    seed: int,
    n: int,
    p: int,
    q: int,
    *,
    shared: bool = False,
    scale: Real = 1,
    coupling: Real = 1,
    heterogeneity: Real = 1,
    kind: Kind = "huber",
) -> Bilevel:
    """A random `curved` problem; parameters as in `random_quadratic`, ``kind`` as in `BoundedUpper`.

    Examples
    --------
    >>> random_curved(0, 3, 2, 1).constants.mu_g
    Fraction(1, 1)
    """
    n, p, q = sizes(n, p, q)
    draws = Draws.of(seed)
    _, B, c = lower_blocks(draws, n, p, q, coupling, heterogeneity)
    target = draws.array(p)
    return curved(
        B,
        c,
        b=draws.balanced(n, p, heterogeneity),
        x_target=target,
        scale=scale,
        kind=kind,
        shared=shared,
        name=title("curved", kind=kind, n=n, p=p, q=q, seed=seed),
        x0=target + draws.array(p),
        y0=draws.array(q),
    )


def random_flat(
    seed: int,
    n: int,
    p: int,
    q: int,
    *,
    shared: bool = False,
    scale: Real = 1,
    coupling: Real = 1,
    heterogeneity: Real = 1,
    power: Real = 1,
) -> Bilevel:
    """A random `flat` problem; parameters as in `random_quadratic`, ``power`` as in `FlatUpper`.

    Examples
    --------
    >>> random_flat(0, 3, 2, 1, power=2).constants.L_fx
    Fraction(2, 1)
    """
    n, p, q = sizes(n, p, q)
    draws = Draws.of(seed)
    H, B, c = lower_blocks(draws, n, p, q, coupling, heterogeneity)
    return flat(
        H,
        B,
        c,
        b=draws.balanced(n, p, heterogeneity),
        power=power,
        scale=scale,
        shared=shared,
        name=title("flat", power=power, n=n, p=p, q=q, seed=seed),
        x0=draws.array(p),
        y0=draws.array(q),
    )


def random_linear(
    seed: int,
    n: int,
    p: int,
    q: int,
    *,
    shared: bool = False,
    coupling: Real = 1,
    heterogeneity: Real = 1,
    rational: bool = False,
) -> Bilevel:
    """A random balanced `linear` problem; parameters as in `random_quadratic`.

    Examples
    --------
    >>> random_linear(0, 3, 2, 1, rational=True).value(random_linear(1, 3, 2, 1, rational=True).x0[None])
    array([Fraction(0, 1)], dtype=object)
    """
    n, p, q = sizes(n, p, q)
    draws = Draws.of(seed, rational)
    H, B, c = lower_blocks(draws, n, p, q, coupling, heterogeneity)
    return linear(
        H,
        B,
        c,
        b=draws.balanced(n, p, heterogeneity),
        shared=shared,
        name=title("linear", n=n, p=p, q=q, seed=seed),
        x0=draws.array(p),
        y0=draws.array(q),
    )
