r"""Quadratic problems whose f_i and g_i are means over samples, and their minibatches."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from spiritlevel.core.constants import Constants, Real
from spiritlevel.core.errors import InputError
from spiritlevel.core.numbers import Array, Field
from spiritlevel.core.problem import FiniteSum, Problem, SolvedProblem
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.data import definite, moved, shaped, symmetric, together, without_zeros
from spiritlevel.synthetic.draws import Draws, gram, sizes, whole
from spiritlevel.synthetic.lower import QuadraticLower
from spiritlevel.synthetic.random_problems import title
from spiritlevel.synthetic.upper import BLOCKS, QuadraticUpper

LOWER = {"B": "nNqp", "H": "nNqq", "c": "nNq"}
UPPER = {name: "nN" + axes[1:] for name, axes in BLOCKS.items()}


def _means(terms: dict[str, Array]) -> dict[str, Array]:
    return {name: array.sum(axis=1) / array.shape[1] for name, array in terms.items()}


def _levels(arrays: dict[str, Array], n: int, p: int, q: int) -> tuple[QuadraticLower, QuadraticUpper]:
    """The two levels made of arrays that have been checked."""
    lower = QuadraticLower(arrays["H"], arrays["B"], arrays["c"], trusted=True)
    blocks: dict[str, Any] = {name: arrays.get(name) for name in BLOCKS}
    return lower, QuadraticUpper(n, p, q, **blocks, trusted=True)


@dataclass(frozen=True, eq=False)
class FiniteSumQuadratic(Bilevel):
    r"""The quadratic problem of the samples' means, which can also be subsampled.

    :math:`f_i = \frac1N \sum_j f_{ij}` and :math:`g_i = \frac1N \sum_j g_{ij}`, with terms as in
    `QuadraticUpper` and `QuadraticLower`. Make one with `finite_sum`.

    Parameters
    ----------
    terms
        The samples' arrays, with a samples axis after the agents': ``H (n, N, q, q)`` and so on.
    """

    terms: dict[str, Array] = dataclasses.field(default_factory=dict, repr=False)

    @property
    def samples(self) -> int:
        """Number of terms per agent."""
        return self.terms["B"].shape[1]

    def over(self, field: Field) -> Self:
        if field == self.field:
            return self
        moved_to = super().over(field)
        # Means taken anew, in the new number system: rounded means of floats are not exact means.
        terms = {name: moved(array, field) for name, array in self.terms.items()}
        lower, upper = _levels(_means(terms), self.n, self.p, self.q)
        return dataclasses.replace(moved_to, lower=lower, upper=upper, terms=terms)

    def subsample(self, index: Array) -> Problem:
        """The problem made of the chosen terms, one choice per replica.

        Its ``solve_yy_g`` applies the inverse of the chosen terms' *mean Hessian*, which is not the mean
        of the terms' inverses and is a biased estimate of the full problem's inverse.

        Parameters
        ----------
        index
            Shape ``(R, n, S)``, whole numbers below ``samples``; repeats count as often as they occur.

        Raises
        ------
        InputError
            If the shape or a number is wrong.
        """
        if index.ndim != 3 or index.shape[1] != self.n or index.shape[2] == 0 or index.dtype.kind not in "iu":
            raise InputError(
                f"index has shape {index.shape} and type {index.dtype}; "
                f"give whole numbers of shape (replicas, {self.n}, batch)"
            )
        if index.size and (index.min() < 0 or index.max() >= self.samples):
            raise InputError(
                f"index holds {index.min()} to {index.max()}; give numbers from 0 to {self.samples - 1}"
            )
        rows = index + self.samples * np.arange(self.n)[:, None]
        chosen = {
            name: array.reshape(-1, *array.shape[2:]).take(rows, axis=0).sum(axis=2) / index.shape[2]
            for name, array in self.terms.items()
        }
        lower, upper = _levels(chosen, self.n, self.p, self.q)
        return Bilevel(lower, upper, f"{self.name}, subsampled", shared=self.shared)

    @cached_property
    def sample_constants(self) -> Constants:
        """Constants that hold for every single term, which stochastic algorithms assume."""
        count = self.n * self.samples
        flat = {name: array.reshape(count, *array.shape[2:]) for name, array in self.terms.items()}
        lower, upper = _levels(flat, count, self.p, self.q)
        return Bilevel(lower, upper, "terms").constants


def finite_sum(
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
    name: str = "finite-sum",
    x0: Any = None,
    y0: Any = None,
) -> FiniteSumQuadratic:
    """A `FiniteSumQuadratic` from its samples' arrays.

    Parameters
    ----------
    H, B, c, A, a, E, Q, e, k
        As in `quadratic`, with a samples axis after the agents' axis.
    shared, name, x0, y0
        Of `Bilevel`.

    Raises
    ------
    InputError
        If a shape is wrong, an entry is not finite, some A_ij or Q_ij is not symmetric, or some H_ij
        is not symmetric positive definite.

    Examples
    --------
    >>> problem = finite_sum(H=[[[[1.0]], [[3.0]]]], B=[[[[1.0]], [[1.0]]]], c=[[[0.0], [2.0]]])
    >>> one = np.ones((1, 1, 1))
    >>> problem.lower_solution(one), problem.subsample(np.array([[[1]]])).grad_y_g(one, one)
    (array([[[1.]]]), array([[[0.]]]))
    """
    given = {"B": B, "H": H, "c": c, "A": A, "a": a, "E": E, "Q": Q, "e": e, "k": k}
    terms = together(given)
    found = shaped(terms, LOWER | UPPER, {})
    n, N, p, q = (found[letter] for letter in "nNpq")

    def where(i: int) -> str:
        return f"agent {i // N}, sample {i % N}"

    for block in ("H", "A", "Q"):
        if block in terms:
            size = terms[block].shape[-1]
            flat = symmetric(block, terms[block].reshape(n * N, size, size), where)
            terms[block] = flat.reshape(n, N, size, size)
    definite("H", terms["H"].reshape(n * N, q, q), where)
    terms = {key: array for key, array in terms.items() if key in LOWER or without_zeros(array) is not None}
    lower, upper = _levels(_means(terms), n, p, q)
    return FiniteSumQuadratic(lower, upper, name, shared=shared, x0=x0, y0=y0, terms=terms)


def random_finite_sum(
    seed: int,
    n: int,
    p: int,
    q: int,
    *,
    samples: int = 4,
    spread: Real = 1,
    shared: bool = False,
    scale: Real = 1,
    coupling: Real = 1,
    heterogeneity: Real = 1,
    rational: bool = False,
) -> FiniteSumQuadratic:
    """A random finite sum whose every term is drawn as in `random_quadratic`.

    Parameters
    ----------
    samples
        Terms per agent.
    spread
        Size of what differs between an agent's terms; 0 makes them identical.
    seed, n, p, q, shared, scale, coupling, heterogeneity, rational
        As in `random_quadratic`.

    Raises
    ------
    InputError
        As `random_quadratic` does.

    Examples
    --------
    >>> random_finite_sum(0, 2, 1, 1, samples=3, rational=True).samples
    3
    """
    n, p, q = sizes(n, p, q, samples)
    N, draws = whole("samples", samples, 1), Draws.of(seed, rational)

    def drawn(*shape: int) -> Array:
        own = draws.agents(n, *shape, heterogeneity=heterogeneity)[:, None]
        return own + draws.times(spread, draws.array(n, N, *shape), "spread")

    H = gram(drawn(q, q)) + draws.eye(q)
    B, c = draws.times(coupling, drawn(q, p), "coupling"), drawn(q)
    joint = gram(drawn(p + q, p + q))
    joint[..., :p, :p] = joint[..., :p, :p] + draws.eye(p)
    joint = draws.times(scale, joint, "scale")
    a, e, k = (draws.times(scale, drawn(*shape)) for shape in ((p,), (q,), ()))
    return finite_sum(
        H,
        B,
        c,
        A=joint[..., :p, :p],
        a=a,
        E=joint[..., :p, p:],
        Q=joint[..., p:, p:],
        e=e,
        k=k,
        shared=shared,
        name=title("finite-sum", n=n, p=p, q=q, samples=N, seed=seed),
        x0=draws.array(p),
        y0=draws.array(q),
    )


if TYPE_CHECKING:

    def _is_solved(problem: FiniteSumQuadratic) -> SolvedProblem:
        return problem

    def _is_finite_sum(problem: FiniteSumQuadratic) -> FiniteSum:
        return problem
