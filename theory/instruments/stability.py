"""The exact stability limit of one step size of one algorithm on one quadratic problem."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.networks import Network
from spiritlevel.core.numbers import Array
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.theory.instruments.affine import probe
from spiritlevel.theory.instruments.spectrum import Quotient, Stability, quotient, stability_limit

PROBED = (0.001, 0.01, 0.1)
KEPT = 1e-11
"""How near to 1 an eigenvalue of a float matrix counts as 1; a curvature of 1e-8 is farther from it at every step probed."""


class Kept(ValueError):
    """An algorithm that leaves something as it is at every step size, without saying what."""


def radius(algorithm: Algorithm, problem: SolvedProblem, network: Network) -> float:
    """Spectral radius of one step on the subspace that its conserved quantities leave.

    Raises
    ------
    NotAffine
        If the problem is not quadratic.

    Examples
    --------
    >>> from spiritlevel.core.algorithms.interact import Interact
    >>> from spiritlevel.core.graphs import named
    >>> from spiritlevel.synthetic.families import random_quadratic
    >>> problem, ring = random_quadratic(seed=1, n=4, p=2, q=2), named("ring:4")
    >>> radius(Interact(alpha=1e-3, beta=0.1), problem, ring) < 1
    True
    """
    return quotient(probe(algorithm, problem, network)).radius


def matrix(algorithm: Algorithm, problem: SolvedProblem, network: Network) -> Array:
    """One step on the subspace that its conserved quantities leave, of which `radius` is the spectral radius."""
    return quotient(probe(algorithm, problem, network)).M


def step_limit(
    algorithm: Callable[..., Algorithm],
    step: str,
    others: Mapping[str, Any],
    problem: SolvedProblem,
    network: Network,
) -> Stability:
    """The smallest value of ``step`` at which the algorithm stops being stable, the others held fixed.

    See `spiritlevel.theory.instruments.spectrum.stability_limit` for what the scan can miss, and
    `spiritlevel.theory.instruments.covering` for what can certify that it missed nothing.

    Raises
    ------
    NotAffine
        If the problem is not quadratic.
    Kept
        If nothing is stable because something stays as it is at every step size.
    """

    def restricted(value: float) -> Quotient:
        return quotient(probe(algorithm(**{**others, step: value}), problem, network))

    found = stability_limit(lambda value: restricted(value).radius)
    if found.limit == 0 and all(_keeps(restricted(value).M) for value in PROBED):
        raise Kept(
            f"{step} has no stability limit: at {step} = {', '.join(map(str, PROBED))} one step leaves something as it is, which is no "
            "instability; name what the algorithm conserves in its `conserved`, or take a problem without flat directions"
        )
    return found


def _keeps(M: Array) -> bool:
    """Whether 1 is an eigenvalue, up to rounding."""
    return bool(M.size) and float(np.abs(np.linalg.eigvals(M) - 1).min()) < KEPT
