"""Hyper-parameter tuning for linear classification: the rows of a data matrix, split over agents, make a bilevel problem.

The task of DSBO (NeurIPS 2022), Section 6, repaired: a convex loss, and weights that stay positive.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from spiritlevel.core.errors import InputError, unknown
from spiritlevel.core.numbers import Array
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.data import moved, shaped, together
from spiritlevel.synthetic.draws import sizes, whole
from spiritlevel.synthetic.logistic_levels import (
    ExpWeights,
    LogisticLower,
    LogisticUpper,
    SigmoidWeights,
    Weights,
)
from spiritlevel.synthetic.logistic_loss import MeanLogistic
from spiritlevel.synthetic.random_problems import title
from spiritlevel.synthetic.ridge import split_rows, standardised

WEIGHTS = ("exp", "sigmoid")
PRECISION = 1e-9
"""Of `Tuning.solution`: no Newton step there is longer."""

Part = tuple[Array, Array]
"""One agent's rows: features ``(N, q)`` and labels +1 or -1 ``(N,)``."""


@dataclass(frozen=True, eq=False)
class Tuning(Bilevel):
    """A `Bilevel` whose stationary point is looked for numerically, when somebody asks."""

    @cached_property
    def _solution(self) -> Array | None:
        if self.stationary is not None or self.field != "float":
            return self.stationary
        with np.errstate(all="ignore"):  # on the way to infinite x, where there is no stationary point
            try:
                return self._descended()
            except (InputError, np.linalg.LinAlgError):
                return None

    def _descended(self) -> Array | None:
        from scipy.optimize import minimize

        x = minimize(
            lambda x: float(self.value(x[None])[0]),
            self.start()[0].mean(axis=0),
            jac=lambda x: self.hypergradient(x[None])[0],
            method="BFGS",
            options={"gtol": 1e-7},
        ).x
        for _ in range(5):
            step = np.linalg.solve(self.hessian(x), self.hypergradient(x[None])[0])
            if np.linalg.norm(step) <= PRECISION:
                return np.asarray(x)
            x = x - step
        return None

    def hessian(self, x: Array) -> Array:
        """The objective's Hessian at ``x`` of shape ``(p,)``, by complex steps through the hypergradient; ``(p, p)``."""
        h = 1e-30  # a complex step has no cancellation, so it may be this small
        rows = self.over("complex").hypergradient(x + 1j * h * np.eye(self.p)).imag / h
        return np.asarray(rows + rows.T) / 2

    def solution(self) -> Array | None:
        """A stationary point within about `PRECISION` of an exact one, found from the start; None if none was.

        With ``pull = 0`` there may be none: the infimum can lie at infinite x.
        """
        return self._solution


def tuning(
    train: Sequence[Part],
    check: Sequence[Part],
    *,
    weights: str = "exp",
    box: float = 3.0,
    low: float = 0.1,
    high: float = 2.0,
    radius: float | None = None,
    pull: float = 0.0,
    shared: bool = True,
    name: str = "logistic",
) -> Tuning:
    r"""The problem of given training and validation rows, one part per agent; see `spiritlevel.synthetic.logistic_levels`.

    Parameters
    ----------
    train, check
        For each agent its rows; labels are +1 or -1.
    weights
        ``exp``: :math:`w(x) = e^x`, and the constants hold for :math:`|x_k| \le` ``box`` only. ``sigmoid``: w rises from
        ``low`` to ``high``, so that ``low`` is a strong convexity constant for all x.
    box, low, high
        See ``weights``.
    radius
        The constants hold for :math:`|y| \le` ``radius``; None for twice a bound on :math:`|y^*|`.
    pull
        :math:`\rho` of the term :math:`\rho |x|^2 / 2` in every f_i; 0 for the problem as practised.
    shared
        Whether all agents fit one common y (on the mean of their training losses) or each its own.

    Raises
    ------
    InputError
        If an argument is out of range.

    Examples
    --------
    The same rows for three agents:

    >>> X, b = np.array([[1.0, 0.5], [-1.0, 2.0]]), np.array([1.0, -1.0])
    >>> tuning([(X, b)] * 3, [(X, b)] * 3, weights="sigmoid", low=0.25).constants.mu_g
    0.25
    """
    chosen, pull = _weights(weights, float(box), float(low), float(high)), float(pull)
    if radius is not None and not 0 < radius < 1e100:
        raise InputError(f"radius is {radius}; give a positive number")
    if not 0 <= pull < math.inf:
        raise InputError(f"pull is {pull}; give a number >= 0")
    lower = LogisticLower(MeanLogistic.of(train), chosen, None if radius is None else float(radius))
    return Tuning(lower, LogisticUpper(MeanLogistic.of(check), pull), name=name, shared=shared)


def _weights(kind: str, box: float, low: float, high: float) -> Weights:
    if kind not in WEIGHTS:
        raise unknown("weights", str(kind), WEIGHTS)
    if kind == "sigmoid":
        if not 0 < low < high < math.inf:
            raise InputError(f"low is {low} and high {high}; give 0 < low < high")
        return SigmoidWeights(low, high)
    if not 0 < box <= 15:  # beyond, exp(-box) would drown in the rounding of exp(box)
        raise InputError(f"box is {box}; give a number above 0, up to 15")
    return ExpWeights(box)


def logistic(
    X: Array,
    labels: Array,
    agents: int,
    *,
    seed: int,
    validation: float = 0.3,
    weights: str = "exp",
    box: float = 3.0,
    low: float = 0.1,
    high: float = 2.0,
    radius: float | None = None,
    pull: float = 0.0,
    shared: bool = True,
    name: str = "logistic",
) -> Tuning:
    """Tune one weight per feature of a linear classifier on data split over agents.

    Columns of ``X`` are standardised over all rows. Labels are any two numbers; the larger one becomes +1.

    Parameters
    ----------
    X, labels
        Features, shape ``(rows, p)``, and labels, shape ``(rows,)``.
    agents, seed, validation
        See `spiritlevel.synthetic.ridge.split_rows`.
    weights, box, low, high, radius, pull, shared, name
        See `tuning`.

    Raises
    ------
    InputError
        If the data are not finite numbers of these shapes, there are not two labels, a column is constant, there are
        too few rows, or an argument is out of range.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> problem = logistic(rng.normal(size=(20, 3)), np.arange(20) % 2, 4, seed=1)
    >>> problem.n, problem.p, problem.q, problem.shared
    (4, 3, 3, True)
    """
    data = together({"X": X, "labels": labels})
    shaped(data, {"X": "Nq", "labels": "N"}, {})
    features, marks = standardised(moved(data["X"], "float"), "X"), moved(data["labels"], "float")
    kinds = np.unique(marks)
    if len(kinds) != 2:
        raise InputError(f"labels has {len(kinds)} different values; give two, such as 0 and 1")
    signs = np.where(marks == kinds[1], 1.0, -1.0)
    parts = split_rows(len(features), agents, seed=seed, validation=validation)
    return tuning(
        [(features[rows], signs[rows]) for rows, _ in parts],
        [(features[rows], signs[rows]) for _, rows in parts],
        weights=weights,
        box=box,
        low=low,
        high=high,
        radius=radius,
        pull=pull,
        shared=shared,
        name=name,
    )


def random_logistic(
    seed: int,
    n: int,
    p: int,
    *,
    samples: int = 20,
    validation: float = 0.3,
    weights: str = "exp",
    box: float = 3.0,
    low: float = 0.1,
    high: float = 2.0,
    radius: float | None = None,
    pull: float = 0.0,
    shared: bool = True,
) -> Tuning:
    """`logistic` on standard normal features, labelled by a logistic model of which every second feature is part.

    Parameters
    ----------
    seed
        Of `numpy.random.default_rng`, for the data and their split.
    n, p
        Numbers of agents and of features.
    samples
        Rows per agent, at least 2.
    validation, weights, box, low, high, radius, pull, shared
        See `logistic`.

    Raises
    ------
    InputError
        If an argument is out of range.

    Examples
    --------
    >>> random_logistic(0, 3, 2, weights="sigmoid").name
    'logistic(n=3, p=2, seed=0, weights=sigmoid)'
    """
    n, p, _ = sizes(n, p, p, samples=whole("samples", samples, 2))
    rng = np.random.default_rng(whole("seed", seed, 0))
    X = rng.standard_normal((n * samples, p))
    slopes = 2 * rng.choice([-1.0, 1.0], size=p) * (np.arange(p) % 2 == 0)
    labels = X @ slopes + rng.logistic(size=len(X)) > 0
    labels[:2] = False, True  # both labels occur
    return logistic(
        X,
        labels.astype(float),
        n,
        seed=seed,
        validation=validation,
        weights=weights,
        box=box,
        low=low,
        high=high,
        radius=radius,
        pull=pull,
        shared=shared,
        name=title("logistic", n=n, p=p, seed=seed, weights=weights),
    )
