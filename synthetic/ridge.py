"""Ridge hyper-parameter tuning on any data matrix: its rows, split over agents, make a bilevel problem."""

from __future__ import annotations

import math

import numpy as np

from spiritlevel.core.errors import InputError
from spiritlevel.core.numbers import Array
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.ridge_levels import HalfMeanSquares, RidgeLower, RidgeUpper


def split_rows(rows: int, agents: int, *, seed: int, validation: float = 0.3) -> list[tuple[Array, Array]]:
    """Deal shuffled rows out to the agents, as evenly as possible, each to train and to validate.

    Parameters
    ----------
    rows, agents
        Every agent gets ``rows // agents`` rows or one more; at least 2.
    seed
        The split depends on it and on the sizes alone.
    validation
        Share of an agent's rows to validate with, rounded, but at least one row for either use.

    Returns
    -------
    For each agent the row numbers to train with and to validate with.

    Raises
    ------
    InputError
        If there are too few rows, or an argument is out of range.

    Examples
    --------
    >>> [(len(train), len(check)) for train, check in split_rows(9, 2, seed=0)]
    [(3, 2), (3, 1)]
    """
    if not 1 <= agents <= rows // 2:
        raise InputError(
            f"agents is {agents} for {rows} rows; give 1 to {rows // 2}, two rows to each at least"
        )
    if not 0 < validation < 1:
        raise InputError(f"validation is {validation}; give a share between 0 and 1")
    if seed < 0:
        raise InputError(f"seed is {seed}; give a whole number >= 0")
    parts = np.array_split(np.random.default_rng(seed).permutation(rows), agents)
    cuts = [min(max(1, round(validation * len(part))), len(part) - 1) for part in parts]
    return [(part[cut:], part[:cut]) for part, cut in zip(parts, cuts, strict=True)]


def standardised(values: Array, argument: str) -> Array:
    """Columns shifted to mean 0 and scaled to variance 1.

    Raises
    ------
    InputError
        If a column is constant up to rounding, since it says nothing.

    Examples
    --------
    >>> standardised(np.array([[1.0], [3.0]]), "X").ravel()
    array([-1.,  1.])
    """
    spread = values.std(axis=0)
    size = np.abs(values).max(axis=0)
    dull = np.flatnonzero(spread <= 1e-12 * size)  # a constant column's computed spread is about 1e-16 * size
    if len(dull):
        raise InputError(f"column {dull[0]} of {argument} is constant; leave it out")
    return np.asarray((values - values.mean(axis=0)) / spread)


def _data(values: object, argument: str, dimensions: int) -> Array:
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{argument} is not an array of real numbers; give one row per sample") from error
    if array.ndim != dimensions or 0 in array.shape:
        wanted = "(rows, features)" if dimensions == 2 else "(rows,)"
        raise InputError(f"{argument} has shape {array.shape}; give {wanted}, not empty")
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        where = ", ".join(str(k) for k in bad[0])
        raise InputError(f"{argument}[{where}] is {array[tuple(bad[0])]}; every entry must be finite")
    return array


def ridge(
    X: Array,
    t: Array,
    agents: int,
    *,
    seed: int,
    validation: float = 0.3,
    shared: bool = False,
    box: float = 3.0,
    radius: float | None = None,
    pull: float = 0.0,
    name: str = "ridge",
) -> Bilevel:
    r"""Tune one ridge penalty per feature on data split over agents.

    Columns of ``X`` and ``t`` are standardised over all rows (one common scale; that the validation rows
    share in it is a matter of statistics, not of the bilevel problem). See
    `spiritlevel.synthetic.ridge_levels` for the formulas and the constants.

    Parameters
    ----------
    X, t
        Features, shape ``(rows, p)``, and targets, shape ``(rows,)``.
    agents, seed, validation
        See `split_rows`.
    shared
        Whether all agents fit one common y (on the mean of their training losses) or each its own.
    box
        The constants hold for :math:`|x_k| \le` ``box``; penalties from ``exp(-box)`` to ``exp(box)``.
    radius
        The constants hold for :math:`|y| \le` ``radius``; None for twice a bound on :math:`|y^*|`.
    pull
        :math:`\rho` of the term :math:`\rho |x|^2 / 2` in every f_i; 0 for the problem as practised, whose
        infimum need not be attained (dropping a feature means an infinite x), positive to make sure
        that a minimiser exists.

    Raises
    ------
    InputError
        If the data are not finite numbers of these shapes, a column is constant, there are too few
        rows, or an argument is out of range.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> problem = ridge(rng.normal(size=(20, 3)), rng.normal(size=20), 4, seed=1)
    >>> problem.n, problem.p, problem.q
    (4, 3, 3)
    """
    X, t = _data(X, "X", 2), _data(t, "t", 1)
    if len(t) != len(X):
        raise InputError(f"t has {len(t)} rows and X has {len(X)}; give one target per row of X")
    if not 0 < box <= 15:  # beyond, exp(-box) would drown in the rounding of exp(box)
        raise InputError(f"box is {box}; give a number above 0, up to 15")
    if radius is not None and not 0 < radius < 1e100:
        raise InputError(f"radius is {radius}; give a positive number")
    if not 0 <= pull < math.inf:
        raise InputError(f"pull is {pull}; give a number >= 0")
    X, t = standardised(X, "X"), standardised(t[:, None], "t")[:, 0]
    parts = split_rows(len(X), agents, seed=seed, validation=validation)
    lower = RidgeLower(HalfMeanSquares.of((X[rows], t[rows]) for rows, _ in parts), box, radius)
    upper = RidgeUpper(HalfMeanSquares.of((X[rows], t[rows]) for _, rows in parts), lower.ball, pull)
    return Bilevel(lower, upper, name=name, shared=shared)


def diabetes(
    agents: int,
    *,
    seed: int = 0,
    validation: float = 0.3,
    shared: bool = False,
    box: float = 3.0,
    radius: float | None = None,
    pull: float = 0.0,
) -> Bilevel:
    """`ridge` on scikit-learn's bundled diabetes data: 442 patients, 10 features (Efron et al. 2004).

    Raises
    ------
    InputError
        As `ridge`, and if scikit-learn is not installed.

    Examples
    --------
    >>> diabetes(34).n
    34
    """
    try:
        from sklearn.datasets import load_diabetes
    except ImportError as error:
        raise InputError(
            "the diabetes data need scikit-learn; install it with: pip install 'spiritlevel[data]'"
        ) from error
    X, t = load_diabetes(return_X_y=True, scaled=False)
    return ridge(
        X,
        t,
        agents,
        seed=seed,
        validation=validation,
        shared=shared,
        box=box,
        radius=radius,
        pull=pull,
        name=f"diabetes(n={agents}, seed={seed})",
    )
