r"""One step over formal matrices: proofs for any number of agents, any dimensions and any problem.

The state's fields become matrix symbols with symbolic sizes, ``net.mix(z)`` becomes the product
``W z`` with a matrix symbol, and an answer of the oracle is a symbol that depends on the question alone:
the same question (channel and arguments) gets the same answer, and nothing else is assumed of the
problem. Sums over agents are products with a row ``e`` of ones, and the only law used is ``e W = e``
(``W`` has unit column sums). The iteration number is an object that cannot be looked at.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sympy

from spiritlevel.core.algorithm import Algorithm

AGENTS, UPPER, LOWER = sympy.symbols("n p q", integer=True, positive=True)
ALPHA, BETA = sympy.symbols("alpha beta", positive=True)
W = sympy.MatrixSymbol("W", AGENTS, AGENTS)
DIAGONAL = sympy.MatrixSymbol("D", AGENTS, AGENTS)
ONES = sympy.MatrixSymbol("e", 1, AGENTS)
X0, Y0 = sympy.MatrixSymbol("x_0", AGENTS, UPPER), sympy.MatrixSymbol("y_0", AGENTS, LOWER)
_WIDTHS = {"grad_x_f": UPPER, "jvp_xy_g": UPPER, "grad_y_f": LOWER, "grad_y_g": LOWER} | dict.fromkeys(
    ("hvp_yy_g", "solve_yy_g"), LOWER
)


class LooksAtTime(Exception):
    """A step used its iteration number."""


class _AnyTime:
    """Stands for every iteration at once; anything done with it raises `LooksAtTime`."""

    def _refuse(self, *_: object) -> Any:
        raise LooksAtTime("the step looks at the iteration number")

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __mod__ = __truediv__ = _refuse
    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = __bool__ = __index__ = __int__ = __float__ = _refuse
    __hash__ = None  # type: ignore[assignment]


class FormalNetwork:
    """``mix`` as multiplication by the symbol ``W`` (less its diagonal, without the own copy), counted."""

    def __init__(self) -> None:
        self.rounds = 0
        self.fields = 0

    def mix(self, *fields: Any, own: bool = True) -> Any:
        """See `spiritlevel.core.gossip.Gossip.mix`."""
        self.rounds += 1
        self.fields += len(fields)
        matrix = W if own else W - DIAGONAL
        mixed = tuple(matrix * z for z in fields)
        return mixed[0] if len(mixed) == 1 else mixed


class FormalOracle:
    """Every question gets a matrix symbol of the right size: the same one for the same question."""

    def __init__(self) -> None:
        self._answers: dict[Any, Any] = {}
        self.asked: list[str] = []

    def __getattr__(self, channel: str) -> Any:
        if channel not in _WIDTHS:
            raise AttributeError(channel)
        return lambda *arguments: self._answer(channel, arguments)

    def _answer(self, channel: str, arguments: tuple[Any, ...]) -> Any:
        self.asked.append(channel)
        key = (channel, *arguments)
        if key not in self._answers:
            name = f"{channel}_{len(self._answers)}"
            self._answers[key] = sympy.MatrixSymbol(name, AGENTS, _WIDTHS[channel])
        return self._answers[key]


@dataclass(frozen=True)
class Formal:
    """A formal start, an arbitrary formal state of the same fields, its successor, and what was used."""

    first: Any
    state: Any
    after: Any
    oracle: FormalOracle
    network: FormalNetwork
    asked: tuple[str, ...]
    """Channels that the step (not the start) asked."""


def start_and_step(algorithm: Callable[..., Algorithm]) -> Formal:
    """Run ``init`` and one ``step`` with symbolic step sizes ``alpha``, ``beta`` at no particular time.

    Raises
    ------
    LooksAtTime
        If the step depends on the iteration number.
    """
    a = algorithm(alpha=ALPHA, beta=BETA)
    oracle: Any = FormalOracle()
    net: Any = FormalNetwork()
    time: Any = _AnyTime()
    first = a.init(X0, Y0, oracle, net)
    fields = [f.name for f in dataclasses.fields(first)]
    state = type(first)(**{k: sympy.MatrixSymbol(k, AGENTS, getattr(first, k).shape[1]) for k in fields})
    before = len(oracle.asked)
    net.rounds = net.fields = 0
    after = a.step(time, state, oracle, net)
    return Formal(first, state, after, oracle, net, tuple(oracle.asked[before:]))


def same(left: Any, right: Any) -> bool:
    """Whether two formal matrices are equal after expansion."""
    difference = (left - right).expand().doit()
    return bool(difference == 0 or isinstance(difference, sympy.ZeroMatrix))


def sum_over_agents(expression: Any) -> Any:
    """``e`` times an expression, expanded, with ``e W`` replaced by ``e``."""
    expanded = (ONES * expression).doit().expand().doit()
    terms = expanded.args if isinstance(expanded, sympy.MatAdd) else (expanded,)
    return sympy.MatAdd(*[_absorb(term) for term in terms]).doit()


def is_zero(expression: Any) -> bool:
    """Whether a formal sum vanishes identically."""
    return bool(expression == 0 or isinstance(expression, sympy.ZeroMatrix))


def _absorb(term: Any) -> Any:
    if not isinstance(term, sympy.MatMul):
        return term
    coefficient, factors = term.as_coeff_matrices()
    while len(factors) > 2 and factors[0] == ONES and (factors[1] == W or _is_power_of_W(factors[1])):
        factors = [ONES, *factors[2:]]
    return sympy.MatMul(coefficient, *factors)


def _is_power_of_W(factor: Any) -> bool:
    return isinstance(factor, sympy.MatPow) and factor.base == W
