r"""One formal step over a graph's Laplacian: proofs for any graph, agents, dimensions, problem and iteration.

As in `spiritlevel.theory.instruments.formal`; ``net.differences(z)`` becomes the product ``L z`` with a matrix symbol, of
which only ``e L = 0`` is used (``L = A'A`` with the incidence matrix A, and ``A 1 = 0``). The oracle gives one answer to
two ways of writing one point, so that two algorithms that reach the same point get the same samples.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sympy

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.theory.instruments.formal import (
    AGENTS,
    ALPHA,
    BETA,
    LOWER,
    ONES,
    UPPER,
    X0,
    Y0,
    FormalOracle,
    _AnyTime,
    same,
)

GAMMA, RHO = sympy.symbols("gamma rho", positive=True)
L = sympy.MatrixSymbol("L", AGENTS, AGENTS)
_OF = {"Lx": ("x", UPPER), "Ly": ("y", LOWER), "Lx_old": ("x_old", UPPER), "Ly_old": ("y_old", LOWER)}


class FormalGraph:
    """``differences`` as multiplication by ``L``, counted; a level may have another matrix, such as 0."""

    def __init__(self, matrices: Mapping[Any, Any]) -> None:
        self.rounds = 0
        self.fields = 0
        self.matrices = matrices

    def differences(self, *fields: Any) -> Any:
        """See `spiritlevel.core.gossip.Gossip.differences`."""
        self.rounds += 1
        self.fields += len(fields)
        found = tuple(self.matrices.get(z.shape[1], L) * z for z in fields)
        return found[0] if len(found) == 1 else found


class PointOracle(FormalOracle):
    """Answers depend on the point, not on how it is written."""

    def _answer(self, channel: str, arguments: tuple[Any, ...]) -> Any:
        for asked, *point in list(self._answers):
            if asked == channel and all(same(a, b) for a, b in zip(point, arguments, strict=True)):
                arguments = tuple(point)
        return super()._answer(channel, arguments)


@dataclass(frozen=True)
class FormalStep:
    """An algorithm's start, an arbitrary state of the same fields, the next one, and what the step used."""

    algorithm: Any
    first: Any
    state: Any
    after: Any
    oracle: PointOracle
    rounds: int
    fields: int
    asked: tuple[str, ...]


def step_over_graph(
    algorithm: Callable[..., Algorithm],
    *,
    matrices: Mapping[Any, Any] | None = None,
    known: Mapping[str, Any] | None = None,
    oracle: PointOracle | None = None,
    **settings: Any,
) -> FormalStep:
    """Run ``init`` and one ``step`` with the symbols alpha, beta, gamma, rho at no particular time.

    Parameters
    ----------
    matrices
        What stands in the place of ``L`` for the level of a dimension (``UPPER``, ``LOWER``).
    known
        Fields of the state from which the step is made that are not arbitrary; names that are no fields do not matter.
        ``Lx``, ``Ly`` and their old values always are L times what they are of.
    oracle
        One that another algorithm has asked before; a new one if None.
    settings
        Hyper-parameters other than the four symbols.

    Raises
    ------
    LooksAtTime
        If the step depends on the iteration number.
    """
    by = matrices or {}
    a = algorithm(alpha=ALPHA, beta=BETA, gamma=GAMMA, rho=RHO, **settings)
    graph = FormalGraph(by)
    answering: Any = oracle if oracle is not None else PointOracle()
    network: Any = graph
    time: Any = _AnyTime()
    first = a.init(X0, Y0, answering, network)
    fields = {f.name: getattr(first, f.name).shape[1] for f in dataclasses.fields(first)}
    symbols = {k: sympy.MatrixSymbol(k, AGENTS, width) for k, width in fields.items()}
    symbols |= {k: value for k, value in (known or {}).items() if k in fields}
    products = {k: by.get(width, L) * symbols[z] for k, (z, width) in _OF.items() if k in symbols}
    state = type(first)(**(symbols | products))
    before = len(answering.asked)
    graph.rounds = graph.fields = 0
    after = a.step(time, state, answering, network)
    asked = tuple(answering.asked[before:])
    return FormalStep(a, first, state, after, answering, graph.rounds, graph.fields, asked)


def different(pairs: Mapping[str, tuple[Any, Any]]) -> list[str]:
    """Names of the pairs of formal matrices that are not equal.

    Examples
    --------
    >>> different({"same": (L * X0 - X0, -X0 + L * X0), "other": (X0, 2 * X0)})
    ['other']
    """
    return [name for name, (got, want) in pairs.items() if not same(got, want)]


def summed(expression: Any) -> Any:
    """``e`` times an expression, expanded, with ``e L`` replaced by 0.

    Examples
    --------
    >>> summed(X0 + GAMMA * L * X0) == ONES * X0
    True
    """
    expanded = (ONES * expression).doit().expand().doit()
    terms = expanded.args if isinstance(expanded, sympy.MatAdd) else (expanded,)
    kept = [term for term in terms if not _vanishes(term)]
    return sympy.MatAdd(*kept).doit() if kept else sympy.ZeroMatrix(1, expression.shape[1])


def _vanishes(term: Any) -> bool:
    if not isinstance(term, sympy.MatMul):
        return isinstance(term, sympy.ZeroMatrix)
    _, factors = term.as_coeff_matrices()
    base = factors[1].base if isinstance(factors[1], sympy.MatPow) else factors[1]
    return bool(factors[0] == ONES and base == L)
