"""What the statements on rates look like: means of M on log-log axes, and the plane of stable steps."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.networks import Network
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.core.spectra import modulus
from spiritlevel.theory.interact.network.modes import Pencil
from spiritlevel.theory.interact.step_sizes.theorem1_list import THEOREM_1
from spiritlevel.theory.plots import Area, Curve, Plot

POINTS = 45  # of each axis


def stable_region(algorithm: Callable[..., Algorithm], problem: SolvedProblem, network: Network) -> Plot:
    """The (alpha, beta) plane by the exact spectral radius on a grid, with the box that the printed list admits.

    Examples
    --------
    >>> from spiritlevel.core.algorithms.interact import Interact
    >>> from spiritlevel.core.graphs import named
    >>> from spiritlevel.synthetic.families import random_quadratic
    >>> plot = stable_region(Interact, random_quadratic(1, n=3, p=1, q=1), named("ring:3"))
    >>> stable, admitted = (np.array(area.inside) for area in plot.areas)
    >>> bool(stable.any()), bool(stable.all()), bool((admitted <= stable).all())
    (True, False, True)
    """
    c, lam = problem.constants, modulus(network)
    largest = {name: float(v) for name, v in THEOREM_1.largest(c, lam, network.n).items()}
    betas = np.geomspace(largest["beta"] / 100, 10 * largest["beta"], POINTS)
    pencils = [Pencil.of(algorithm, problem, network, float(beta)) for beta in betas]
    alphas = np.geomspace(largest["alpha"] / 100, 10 * max(1.0, largest["alpha"]), POINTS)
    admitted = [
        float(THEOREM_1.largest(c, lam, network.n, {"beta": float(beta)})["alpha"])
        if beta <= largest["beta"]
        else 0.0
        for beta in betas
    ]
    return Plot(
        title=f"INTERACT's steps on one quadratic, {network.name}",
        x_label="step size alpha",
        y_label="step size beta",
        areas=(
            Area(
                "stable: spectral radius below 1",
                alphas,
                betas,
                [(p.radii(alphas) < 1).tolist() for p in pencils],
            ),
            Area(
                "admitted by Theorem 1's list",
                alphas,
                betas,
                [(alphas <= most).tolist() for most in admitted],
            ),
        ),
        log="xy",
        caption="The printed list admits a small corner of the steps with which INTERACT converges on this problem.",
    )


def mean_plot(title: str, curves: list[Curve], caption: str) -> Plot:
    """Means of M over the first iterations against their number."""
    return Plot(
        title=title,
        x_label="iterations T",
        y_label="mean of M over the first T iterations",
        curves=tuple(curves),
        log="xy",
        caption=caption,
    )
