r"""One step over formal matrices: proofs for any number of agents, any dimensions and any problem.

The state's fields become matrix symbols with symbolic sizes, ``net.mix(z)`` becomes the product
``W z`` with a matrix symbol, and every answer of the oracle is a fresh symbol: nothing is assumed of
the problem. Sums over agents are products with a row ``e`` of ones, and the only law used is
``e W = e`` (``W`` has unit column sums).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import sympy

from spiritlevel.core.algorithm import Algorithm

AGENTS, UPPER, LOWER = sympy.symbols("n p q", integer=True, positive=True)
W = sympy.MatrixSymbol("W", AGENTS, AGENTS)
DIAGONAL = sympy.MatrixSymbol("D", AGENTS, AGENTS)
ONES = sympy.MatrixSymbol("e", 1, AGENTS)


class FormalNetwork:
    """``mix`` as multiplication by the symbol ``W`` (less its diagonal, without the own copy)."""

    def mix(self, *fields: Any, own: bool = True) -> Any:
        """See `spiritlevel.core.gossip.Gossip.mix`."""
        matrix = W if own else W - DIAGONAL
        mixed = tuple(matrix * z for z in fields)
        return mixed[0] if len(mixed) == 1 else mixed


class FormalOracle:
    """Every question gets a fresh matrix symbol of the right size."""

    def __init__(self) -> None:
        self._count = 0

    def _fresh(self, width: Any) -> Any:
        self._count += 1
        return sympy.MatrixSymbol(f"a_{self._count}", AGENTS, width)

    def __getattr__(self, channel: str) -> Any:
        if channel not in ("grad_x_f", "grad_y_f", "grad_y_g", "hvp_yy_g", "jvp_xy_g", "solve_yy_g"):
            raise AttributeError(channel)
        width = UPPER if channel in ("grad_x_f", "jvp_xy_g") else LOWER
        return lambda *_: self._fresh(width)


def start_and_step(algorithm: Callable[..., Algorithm]) -> tuple[Any, Any, Any]:
    """The formal initial state, an arbitrary formal state of the same fields, and its successor."""
    alpha, beta = sympy.symbols("alpha beta", positive=True)
    a = algorithm(alpha=alpha, beta=beta)
    oracle: Any = FormalOracle()
    net: Any = FormalNetwork()
    x0, y0 = sympy.MatrixSymbol("x_0", AGENTS, UPPER), sympy.MatrixSymbol("y_0", AGENTS, LOWER)
    first = a.init(x0, y0, oracle, net)
    names = [f.name for f in dataclasses.fields(first)]
    anything = type(first)(**{k: sympy.MatrixSymbol(k, AGENTS, getattr(first, k).shape[1]) for k in names})
    return first, anything, a.step(1, anything, oracle, net)


def sum_over_agents(expression: Any) -> Any:
    """``e`` times an expression, expanded, with ``e W`` replaced by ``e``."""
    expanded = (ONES * expression).doit().expand().doit()
    terms = expanded.args if isinstance(expanded, sympy.MatAdd) else (expanded,)
    return sympy.MatAdd(*[_absorb(term) for term in terms]).doit()


def _absorb(term: Any) -> Any:
    if not isinstance(term, sympy.MatMul):
        return term
    coefficient, factors = term.as_coeff_matrices()
    while len(factors) > 2 and factors[0] == ONES and factors[1] == W:
        factors = [ONES, *factors[2:]]
    return sympy.MatMul(coefficient, *factors)
