r"""How small ``C_0`` and how large ``C_1`` must be: exact thresholds on scalar quadratics.

With :math:`g = a y^2/2 - b x y` and :math:`f = p (y - c)^2/2 + N x^2/2`, no noise, and u, v, q at rest, one step of
DSBO with :math:`\alpha = C_0\beta`, :math:`\gamma = \beta` is exactly :math:`I + \beta A` on (x, y, s, h), where

.. math:: \det(\lambda - A) = (\lambda + 1)\bigl(\lambda^3 + (1+a)\lambda^2 + (a + C_0 N)\lambda + C_0 a \mu\bigr),
   \qquad \mu = N + p b^2/a^2 = F''.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.algorithms.dsbo import State
from spiritlevel.core.constants import Real
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.networks import averaging
from spiritlevel.core.numbers import Array, Field, convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.families import quadratic
from spiritlevel.theory.dsbo import PAPER
from spiritlevel.theory.instruments.affine import probe_function
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, decide


def small_step(a: Any, b: Any, p: Any, N: Any, C_0: Any) -> list[list[Any]]:
    """The matrix A of the small-step limit, in the order x, y, s, h.

    Examples
    --------
    >>> small_step(1, 1, 1, 0, 2)[0]
    [0, 0, -2, -2.0]
    """
    return [[0, 0, -C_0, -C_0 * b / a], [b, -a, 0, 0], [N, 0, -1, 0], [0, p, 0, -1]]


def one_step(
    make: Callable[..., Algorithm], a: Real, b: Real, p: Real, N: Real, C_0: Real, beta: Real, field: Field
) -> Array:
    """The matrix of one step of the code on (x, y, s, h), with u, v and q at rest; c = 0."""
    problem = quadratic(H=[[[a]]], B=[[[b]]], c=[[0]], A=[[[N]]], Q=[[[p]]], shared=True, name="scalar").over(
        field
    )
    algorithm = make(alpha=C_0 * beta, beta=beta, gamma=beta, L_g=a, mu_g=a, b=1).over(field)
    net = Gossip(averaging(1, exact=field != "float"))

    def step(z: Array) -> Array:
        x, y, s, h = (z[:, None, k : k + 1] for k in range(4))
        still = x * 0
        inverse = still + 1 / convert(np.array([a], dtype=object), field)[0]
        new = algorithm.step(1, State(x, y, s, h, still - b, still + a, inverse), Oracle(problem), net)
        return np.concatenate([new.x, new.y, new.s, new.h], axis=-1)[:, 0]

    return probe_function(step, 4, field)[0]


def _agrees(ctx: Context) -> bool:
    """Whether the code's step is ``I + beta A``, in exact rationals."""
    for data in (
        ("2", "3", "5", "7", "1/11"),
        ("1/2", "-1", "1", "0", "3/8"),
        ("4", "1/3", "1/7", "2/5", "2"),
    ):
        a, b, p, N, C_0 = (Fraction(text) for text in data)
        M = one_step(ctx.algorithm("dsbo"), a, b, p, N, C_0, Fraction(1, 13), "fraction")
        A = small_step(a, b, p, N, C_0)
        if any(M[i, j] != int(i == j) + Fraction(A[i][j]) / 13 for i in range(4) for j in range(4)):
            return False
    return True


def hurwitz(coefficients: Any) -> list[Any]:
    """What must be positive so that all roots of ``z^3 + c2 z^2 + c1 z + c0`` have negative real part."""
    c2, c1, c0 = coefficients
    return [c2, c0, c2 * c1 - c0]


def threshold(a: float, b: float, p: float, N: float = 0.0) -> float:
    """The supremum of stable ``C_0`` in the small-step limit; inf if ``N >= p b^2/a``.

    Examples
    --------
    >>> threshold(0.5, 1, 1)
    0.375
    """
    pull = p * b**2 / a - N
    return a * (1 + a) / pull if pull > 0 else float("inf")


def _radius(ctx: Context, data: tuple[float, float, float, float], C_0: float, beta: float) -> float:
    M = one_step(ctx.algorithm("dsbo"), *data, C_0, beta, "float")
    return float(abs(np.linalg.eigvals(M)).max())


def _check_C0(ctx: Context) -> Finding:
    import sympy as sp

    a, b, p, N, C = sp.symbols("a b p N C_0", positive=True)
    z = sp.Symbol("z")
    polynomial = (z * sp.eye(4) - sp.Matrix(small_step(a, b, p, N, C))).det(method="berkowitz")
    cubic = z**3 + (1 + a) * z**2 + (a + C * N) * z + C * a * (N + p * b**2 / a**2)
    factored = sp.expand(polynomial - (z + 1) * cubic) == 0
    c2, c0, last = hurwitz((1 + a, a + C * N, C * a * (N + p * b**2 / a**2)))
    condition = sp.expand(last - (a * (1 + a) - C * (p * b**2 / a - N))) == 0
    agrees = _agrees(ctx)
    proof = factored and condition and c2.is_positive and c0.is_positive and agrees
    beta = 1e-3
    cases = [(0.5, 1.0, 1.0, 0.0), (2.0, 1.0, 3.0, 0.5), (0.25, -0.5, 1.0, 0.1)]
    around = [
        [_radius(ctx, data, factor * threshold(*data), beta) - 1 for factor in (0.9, 1.1)] for data in cases
    ]
    seen = all(low < 0 < high for low, high in around)
    return Finding(
        verdict=Verdict.PROVED if proof and seen else Verdict.INCONCLUSIVE if seen else Verdict.REFUTED,
        method=Method.SYMBOLIC,
        summary=f"Routh-Hurwitz, with the code's own step {'' if agrees else 'NOT '}I + beta A exactly: stable for small beta iff "
        "C_0 (p b^2/a - N) < a(1+a), that is C_0 < a^2(1+a)/(p b^2) for N = 0; spectral radius less 1 at beta = 0.001 is "
        f"{around[0][0]:.2g} and {around[0][1]:.2g} at 0.9 and 1.1 times the threshold {threshold(*cases[0])}",
        numbers={f"a, b, p, N = {data}": pair for data, pair in zip(cases, around, strict=True)}
        | {f"threshold, a = {v}, b = p = 1": threshold(v, 1, 1) for v in (0.01, 0.1, 1.0)},
        cases=3 + 2 * len(cases),
    )


C0 = Statement(
    id="dsbo/C0-small",
    paper=PAPER,
    location="(5), 'C_0 > 0 is a small constant'",
    kind="step size",
    variant="added",
    sentence="On scalar quadratics with f = p(y-c)^2/2 + N x^2/2, DSBO with (5) is stable for small beta exactly if "
    "C_0 (p b^2/a - N) < a(1+a).",
    formula=r"C_0 < \frac{a^2(1+a)}{p b^2}\ (N = 0)",
    because="How small C_0 must be: of the order of mu_g^2 for small mu_g, and no bound where N >= p b^2/a. On the boundary a pair of "
    "imaginary eigenvalues makes every I + beta A unstable.",
    about=("dsbo",),
    check=_check_C0,
    expected=Verdict.PROVED,
)


def decay(a: float, C_1: float, nu: float = 0.0) -> float:
    """The power of T by which noise-free errors change under (6): ``C_1`` times the largest real part of A's spectrum.

    ``nu = N/mu`` in [0, 1]; the gap changes by twice this power.

    Examples
    --------
    >>> round(decay(4.0, 100.0), 2), decay(1.0, 0.9) > 0
    (-2.05, True)
    """
    roots = np.roots([1, 1 + a, a + 2 * nu / C_1, 2 * a / C_1])
    return float(C_1 * max(-1.0, roots.real.max()))


def _growth(a: float, C_1: float, steps: int) -> float:
    """By what power of T the slowest mode changes between T/2 and T in a run of (6); b = p = 1, N = 0."""
    A = np.array(small_step(a, 1.0, 1.0, 0.0, 2 * a**2 / C_1), dtype=float)
    values, vectors = np.linalg.eig(A)
    slowest = np.linalg.inv(vectors)[int(values.real.argmax())]
    z = np.array([1.0, 1.0, 1.0, 1.0])
    half = z
    for t in range(steps):
        half = z if t == steps // 2 else half
        z = z + C_1 / (C_1 + t) * (A @ z)
    return float(np.log2(abs(slowest @ z) / abs(slowest @ half)))


def _check_C1(ctx: Context) -> Finding:
    import sympy as sp

    a, C, nu, rest = sp.symbols("a C_1 nu rest", positive=True)
    _, _, last = hurwitz((1 + a, a + 2 * nu / C, 2 * a / C))
    general = sp.simplify(last - (a * (1 + a) * C + 2 * nu * (1 + a) - 2 * a) / C) == 0
    at_two = sp.expand(a * (1 + a) * (2 + rest) + 2 * nu * (1 + a) - 2 * a)
    proof = general and at_two.is_positive and _agrees(ctx)
    least = {v: _least(v) for v in (0.01, 0.1, 1.0, 4.0)}
    steps = ctx.pick(4000, 20000)
    # by Gamma functions mode k changes like T^(C_1 lambda_k) (1 + O(1/T)); 20/T is far above that error
    runs = {(v, k): _growth(v, k * 2 / (1 + v), steps) for v in (0.5, 1.0) for k in (0.8, 1.3)}
    off = max(abs(power - decay(v, k * 2 / (1 + v))) for (v, k), power in runs.items())
    seen = off < 20 / steps and all((power > 0) == (k < 1) for (_, k), power in runs.items())
    return Finding(
        verdict=Verdict.PROVED if proof and seen else decide(False, off),
        method=Method.SYMBOLIC,
        summary="Routh-Hurwitz: C_1 > 2/(1+a) for N = 0, and C_1 >= 2 suffices for every scalar quadratic; runs grow below it and decay above. "
        f"For a noise-free gap of order 1/T it must exceed {least[0.01]:.3g} at a = 0.01, {least[0.1]:.3g} at 0.1, {least[1.0]:.3g} at 1: "
        "of order 1/mu_g",
        numbers={"largest error of a power": off, "tolerance": 20 / steps}
        | {f"least C_1 for a gap of order 1/T, a = {v}": c for v, c in least.items()}
        | {f"power of T, a = {v}, C_1 = {k * 2 / (1 + v):.4g}": power for (v, k), power in runs.items()},
        cases=len(runs) + len(least),
    )


def _least(a: float) -> float:
    """The least ``C_1`` from which on `decay` stays at or below -1/2, for N = 0, by bisection."""
    low, high = 0.1, 1e5
    for _ in range(60):
        middle = (low * high) ** 0.5
        low, high = (low, middle) if decay(a, middle) <= -0.5 else (middle, high)
    return high


C1 = Statement(
    id="dsbo/C1",
    paper=PAPER,
    location="(6), 'C_1 > 0 is a large constant'",
    kind="step size",
    variant="added",
    sentence="On scalar quadratics with f = p(y-c)^2/2 + N x^2/2, mu = F'' and no noise, DSBO with (6) converges for every C_1 >= 2, "
    "and for N = 0 exactly if C_1 > 2/(1+a).",
    formula=r"C_1 > \frac{2}{1+a} - \frac{2\nu}{a},\quad \nu = N/\mu",
    because="How large C_1 must be for stability; for the rate it must exceed a multiple of 1/mu_g, while the transient of (6) grows with it "
    "(see dsbo/gamma-range).",
    about=("dsbo",),
    check=_check_C1,
    expected=Verdict.PROVED,
)
