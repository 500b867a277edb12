r"""Quadratic problems of clients, with what differs between them set apart by level.

.. math:: g_i = \tfrac12 y^\top H_i y - y^\top (B_i x + b_i), \qquad
          f_i = \tfrac12 (y - c_i)^\top P (y - c_i) + x^\top W y + \tfrac12 (x - a_i)^\top S (x - a_i).
"""

from __future__ import annotations

from functools import cache

import numpy as np

from spiritlevel.core.numbers import Array
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.families import quadratic


def assembled(H: Array, B: Array, b: Array, P: Array, c: Array, W: Array, S: Array, a: Array) -> Bilevel:
    """The problem from ``H (n, q, q)``, ``B (n, q, p)``, ``b, c (n, q)``, ``a (n, p)`` and common P, W, S."""
    n = len(H)

    def everywhere(matrix: Array) -> Array:
        return np.broadcast_to(matrix, (n, *matrix.shape))

    k = np.einsum("ni,ij,nj->n", c, P, c) / 2 + np.einsum("ni,ij,nj->n", a, S, a) / 2
    return quadratic(
        H, B, b, A=everywhere(S), a=-a @ S, E=everywhere(W), Q=everywhere(P), e=-c @ P, k=k, shared=True
    )


@cache
def clients(
    seed: int,
    n: int,
    p: int,
    q: int,
    *,
    het_g: float = 0.0,
    het_f: float = 0.0,
    het_b: float = 0.0,
    shift: float = 0.0,
) -> Bilevel:
    """A random problem; ``het_g`` of H_i, B_i and b_i, ``het_f`` of c_i and a_i, ``het_b`` of b_i alone.

    The draws do not depend on what differs. ``shift`` moves the origin by that share of the way to the solution: with 1
    the solution of the problem without differences is at x = 0, y = 0.

    Examples
    --------
    >>> float(abs(clients(1, 3, 2, 2, shift=1.0).solution()).max()) < 1e-12
    True
    """
    rng = np.random.default_rng(seed)

    def spd(size: int) -> Array:
        A = rng.standard_normal((size, size))
        return np.asarray(A @ A.T / size + np.eye(size))

    H0, B0, b0 = spd(q), rng.standard_normal((q, p)) / np.sqrt(p), rng.standard_normal(q)
    P, c0, S, a0 = spd(q), rng.standard_normal(q), spd(p), rng.standard_normal(p)
    W = 0.2 * rng.standard_normal((p, q))
    H = np.array([H0 + het_g * spd(q) for _ in range(n)])
    B = B0 + het_g * rng.standard_normal((n, q, p)) / np.sqrt(p)
    b = b0 + het_g * rng.standard_normal((n, q))
    c = c0 + het_f * rng.standard_normal((n, q))
    a = a0 + het_f * rng.standard_normal((n, p))
    b = b + het_b * rng.standard_normal((n, q))
    if shift:
        one = assembled(H0[None], B0[None], b0[None], P, c0[None], W, S, a0[None])
        x = shift * one.solution()  # type: ignore[operator]
        y = np.linalg.solve(H0, B0 @ x + shift * b0)
        # the terms that are linear in the moved coordinates
        b, c, a = (
            b + B @ x - H @ y,
            c - np.linalg.solve(P, P @ y + W.T @ x),
            a - np.linalg.solve(S, S @ x + W @ y),
        )
    return assembled(H, B, b, P, c, W, S, a)


@cache
def separable(d: int, n: int, seed: int = 0) -> Bilevel:
    """n equal clients and d coordinates that do not meet: all matrices are diagonal."""
    rng = np.random.default_rng(seed)
    h, s, k = (0.5 + rng.random(d) for _ in range(3))
    b, w = rng.uniform(0.3, 1.0, d), rng.uniform(-0.2, 0.2, d)

    def equal(z: Array) -> Array:
        return np.repeat(z[None], n, axis=0)

    H, B, W = np.diag(h), np.diag(b), np.diag(w)
    zero, target = np.zeros(d), rng.standard_normal(d)
    return assembled(equal(H), equal(B), equal(zero), np.diag(k), equal(target), W, np.diag(s), equal(zero))
