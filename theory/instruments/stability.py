"""The exact stability limit of one step size of one algorithm on one quadratic problem."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.networks import Network
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.theory.instruments.affine import probe
from spiritlevel.theory.instruments.spectrum import Stability, quotient, stability_limit


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


def step_limit(
    algorithm: Callable[..., Algorithm],
    step: str,
    others: Mapping[str, Any],
    problem: SolvedProblem,
    network: Network,
) -> Stability:
    """The smallest value of ``step`` at which the algorithm stops being stable, the others held fixed.

    See `spiritlevel.theory.instruments.spectrum.stability_limit` for what the scan can miss.
    """
    return stability_limit(lambda value: radius(algorithm(**{**others, step: value}), problem, network))
