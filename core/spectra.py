r"""Spectral quantities of a mixing matrix: one definition each, and the papers' names for them.

With the eigenvalues of ``W`` sorted as :math:`1 = \lambda_1 \ge \lambda_2 \ge \dots \ge \lambda_n`:

=============== ======================================================== ==========================
here            definition                                               a paper's name
=============== ======================================================== ==========================
`modulus`       :math:`\max(|\lambda_2|, |\lambda_n|) = \|W - J\|_2`     lambda in INTERACT
`spectral_gap`  :math:`1 - \max(|\lambda_2|, |\lambda_n|)`               1 - lambda in INTERACT
`squared_rho`   :math:`\|W - J\|_2^2` (a *squared* norm)                 rho in DSBO
`laplacian`     of the graph, unweighted: second and largest eigenvalue  sigma_min, sigma_max in SLAM
=============== ======================================================== ==========================
"""

from __future__ import annotations

import numpy as np

from spiritlevel.core.networks import Network
from spiritlevel.core.numbers import Array, convert


def eigenvalues(network: Network) -> Array:
    """All eigenvalues of ``W``, largest first, as floats (error about 1e-15 times n).

    Examples
    --------
    >>> from spiritlevel.core.networks import averaging
    >>> eigenvalues(averaging(2)).round(12) + 0.0
    array([1., 0.])
    """
    return np.linalg.eigvalsh(convert(network.dense(), "float"))[::-1]


def modulus(network: Network) -> float:
    r"""The second-largest eigenvalue modulus :math:`\|W - J\|_2`; 0 for a single agent.

    Networks above 512 agents use Lanczos iterations on ``W - J`` (residual 1e-10).

    Examples
    --------
    >>> from spiritlevel.core.graphs import named
    >>> round(modulus(named("ring:8", "third")), 6)
    0.804738
    """
    n = network.n
    if n == 1:
        return 0.0
    if network.is_sparse and n > 512:
        from scipy.sparse.linalg import LinearOperator, eigsh

        def centred(v: Array) -> Array:
            return np.asarray(network.W @ v - v.mean())

        start = np.cos(np.arange(n))
        top = eigsh(LinearOperator((n, n), matvec=centred, dtype=float), k=1, which="LM", v0=start, tol=1e-10)
        return float(abs(top[0][0]))
    values = np.linalg.eigvalsh(convert(network.dense(), "float") - 1 / n)
    return float(np.abs(values).max())


def spectral_gap(network: Network) -> float:
    """One minus `modulus`; 0 when the eigenvalue -1 is present, however well the graph is connected."""
    return 1.0 - modulus(network)


def squared_rho(network: Network) -> float:
    """DSBO's ``rho``: the square of `modulus`, so its ``1 - rho`` lies in [gap, 2 gap].

    Examples
    --------
    >>> from spiritlevel.core.graphs import named
    >>> ring = named("ring:8", "third")
    >>> squared_rho(ring) == modulus(ring) ** 2
    True
    """
    return modulus(network) ** 2


def laplacian(network: Network) -> tuple[float, float]:
    r"""Algebraic connectivity and largest eigenvalue of the graph's Laplacian; SLAM's
    :math:`\tilde\sigma_{\min}, \sigma_{\max}` of :math:`A^\top A`. ``(0, 0)`` for a single agent.

    Examples
    --------
    >>> from spiritlevel.core.graphs import named
    >>> [round(value, 12) for value in laplacian(named("ring:4"))]
    [2.0, 4.0]
    """
    if network.n == 1:
        return 0.0, 0.0
    L = network.laplacian
    values = np.linalg.eigvalsh(convert(L.toarray() if network.is_sparse else L, "float"))
    return float(values[1]), float(values[-1])
