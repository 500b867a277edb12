"""The language of witnesses: exact rationals and short expressions, with the standard library alone.

Expressions are parsed with `ast` and walked node by node; nothing is ever executed, and sizes,
depths, digits and the amount of work are bounded, since a file may be hostile. Values are
rationals, vectors and matrices (agents in rows); every operation is exact.

* ``+ - * /`` entry by entry (also array times or divided by number), ``@``, ``**`` of a number to a
  whole number, ``M[0]``, ``M[0, 1]``, comparisons (arrays only ``==`` and ``!=``), ``and or not``;
* ``sum mean center`` over agents, ``norm2`` (sum of squares), ``dot transpose inv solve abs min max``,
  ``ones zeros eye diag``, ``positive(W)`` (1 where an entry is positive, else 0);
* ``psd pd`` (positive semidefinite, definite; exact elimination), ``symmetric``.

This file imports nothing but the standard library, so that `verify` runs without an installation.
"""

from __future__ import annotations

import ast
import functools
import operator
import re
import warnings
from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeAlias

MAX_TEXT = 2_000  # characters of a text or an expression
MAX_DEPTH = 50  # levels of an expression
MAX_SIZE = 64  # rows or columns
MAX_POWER = 64
MAX_BITS = 100_000  # numerator and denominator together
MAX_WORK = 1_000_000  # elementary operations, long ones counted more; a few seconds

Value: TypeAlias = Fraction | tuple["Value", ...]
Binary = Callable[[Fraction, Fraction], Fraction]


class WitnessError(ValueError):
    """The file cannot be used; the message is one sentence that says where and why."""


def _shape(value: Value) -> tuple[int, ...]:
    return (len(value), *_shape(value[0])) if isinstance(value, tuple) else ()


def _kind(value: Value) -> str:
    shape = _shape(value)
    names = ("a number", f"a vector of length {shape[0]}" if shape else "")
    return names[len(shape)] if len(shape) < 2 else f"a {shape[0]} x {shape[1]} matrix"


def _flat(value: Value) -> list[Fraction]:
    return [value] if isinstance(value, Fraction) else [entry for part in value for entry in _flat(part)]


def _bits(value: Fraction) -> int:
    return value.numerator.bit_length() + value.denominator.bit_length()


def _write(value: Value, number: Callable[[Fraction], str]) -> str:
    if isinstance(value, Fraction):
        return number(value)
    return "[" + ", ".join(_write(part, number) for part in value) + "]"


def _exact(value: Fraction) -> str:
    return str(value) if _bits(value) <= 1000 else f"(a rational of {_bits(value)} bits)"


def _decimal(value: Fraction) -> str:
    size = value.numerator.bit_length() - value.denominator.bit_length()
    return f"{float(value):.6g}" if abs(size) < 1000 else f"about 2^{size}"


def show(value: Value) -> str:
    """A value as exact rationals, followed by decimals unless all its entries are whole numbers.

    Examples
    --------
    >>> show((Fraction(1, 3), Fraction(2)))
    '[1/3, 2] (0.333333, 2)'
    """
    exact = _write(value, _exact)
    if all(entry.denominator == 1 and _bits(entry) <= 1000 for entry in _flat(value)):
        return exact
    decimals = _write(value, _decimal)
    return f"{exact} ({decimals if isinstance(value, Fraction) else decimals[1:-1]})"


class Arithmetic:
    """Exact operations that count their work and refuse numbers that grow too long."""

    def __init__(self) -> None:
        self.work = 0

    def scalar(self, op: Binary, a: Fraction, b: Fraction) -> Fraction:
        self.spend(_bits(a) + _bits(b))
        if op is operator.truediv and b == 0:
            raise WitnessError("division by zero")
        return op(a, b)

    def spend(self, bits: int) -> None:
        if bits > MAX_BITS:
            raise WitnessError(f"a number needs more than {MAX_BITS} bits")
        self.work += 1 + (bits // 1000) ** 2
        if self.work > MAX_WORK:
            raise WitnessError(f"the witness needs more than {MAX_WORK} elementary operations")

    def entrywise(self, op: Binary, a: Value, b: Value) -> Value:
        scaling = op in (operator.mul, operator.truediv)
        if isinstance(a, Fraction) and isinstance(b, Fraction):
            return self.scalar(op, a, b)
        if isinstance(a, tuple) and isinstance(b, tuple) and _shape(a) == _shape(b):
            return tuple(self.entrywise(op, x, y) for x, y in zip(a, b, strict=True))
        if isinstance(a, tuple) and isinstance(b, Fraction) and scaling:
            return tuple(self.entrywise(op, x, b) for x in a)
        if isinstance(a, Fraction) and isinstance(b, tuple) and op is operator.mul:
            return tuple(self.entrywise(op, a, y) for y in b)
        raise WitnessError(f"{op.__name__} does not combine {_kind(a)} and {_kind(b)}")

    def total(self, a: Value) -> Value:
        assert isinstance(a, tuple)
        result = a[0]
        for part in a[1:]:
            result = self.entrywise(operator.add, result, part)
        return result

    def mean(self, a: Value) -> Value:
        return self.entrywise(operator.truediv, self.total(a), Fraction(_shape(a)[0]))

    def center(self, a: Value) -> Value:
        assert isinstance(a, tuple)
        mean = self.mean(a)
        return tuple(self.entrywise(operator.sub, part, mean) for part in a)

    def product(self, a: Value, b: Value) -> Value:
        """``a @ b``: matrix and matrix, matrix and vector, vector and vector."""
        if not (isinstance(a, tuple) and isinstance(b, tuple) and _shape(a)[-1] == len(b)):
            raise WitnessError(f"@ does not combine {_kind(a)} and {_kind(b)}")
        if len(_shape(a)) == 2:
            return tuple(self.product(row, b) for row in a)
        return self.total(tuple(self.entrywise(operator.mul, x, y) for x, y in zip(a, b, strict=True)))

    def power(self, base: Value, exponent: Value) -> Value:
        if not (isinstance(base, Fraction) and isinstance(exponent, Fraction)):
            raise WitnessError(f"** takes numbers, not {_kind(base)} to {_kind(exponent)}")
        if exponent.denominator != 1 or abs(exponent) > MAX_POWER:
            raise WitnessError(f"the exponent of ** must be whole and at most {MAX_POWER} in size")
        if base == 0 and exponent < 0:
            raise WitnessError("division by zero")
        self.spend(_bits(base) * abs(int(exponent)))
        return Fraction(base ** int(exponent))

    def norm2(self, a: Value) -> Value:
        entries = tuple(_flat(a))
        return self.product(entries, entries)

    def definite(self, a: Value) -> tuple[bool, bool]:
        """Whether a symmetric matrix is positive semidefinite and definite, by exact LDL elimination."""
        rows = _rows(a)
        strictly = True
        for k, pivot_row in enumerate(rows):
            pivot, rest = pivot_row[k], pivot_row[k + 1 :]
            if pivot < 0 or (pivot == 0 and any(rest)):
                return False, False
            strictly = strictly and pivot > 0
            for row in rows[k + 1 :] if pivot else []:
                self.eliminate(row, pivot_row, k)
        return True, strictly

    def eliminate(self, row: list[Fraction], pivot_row: list[Fraction], k: int) -> None:
        factor = self.scalar(operator.truediv, row[k], pivot_row[k])
        for j in range(k, len(row)):
            row[j] = self.scalar(operator.sub, row[j], self.scalar(operator.mul, factor, pivot_row[j]))

    def solve(self, a: Value, b: Value) -> Value:
        """The solution of ``a x = b`` by Gauss-Jordan elimination."""
        if _shape(b)[0] != _shape(a)[0]:
            raise WitnessError(f"solve does not combine {_kind(a)} and {_kind(b)}")
        vector = len(_shape(b)) == 1
        rows = [left + right for left, right in zip(_rows(a), _rows(b), strict=True)]
        for k in range(len(rows)):
            pivot = next((i for i in range(k, len(rows)) if rows[i][k]), None)
            if pivot is None:
                raise WitnessError("a matrix that must be inverted is singular")
            rows[k], rows[pivot] = rows[pivot], rows[k]
            for i, row in enumerate(rows):
                if i != k:
                    self.eliminate(row, rows[k], k)
        n = len(rows)
        x = [[self.scalar(operator.truediv, e, row[k]) for e in row[n:]] for k, row in enumerate(rows)]
        return tuple(row[0] for row in x) if vector else tuple(map(tuple, x))


def _rows(a: Value) -> list[list[Fraction]]:
    assert isinstance(a, tuple)
    return [_flat(row) for row in a]


def _transpose(a: Value) -> Value:
    return tuple(map(tuple, zip(*_rows(a), strict=True)))


def _filled(entry: Callable[[int, int], Value], *shape: Value) -> Value:
    """An array of the given shape whose entries are computed from their row and column."""
    sizes = [int(size) for size in shape if isinstance(size, Fraction)]
    if len(sizes) == 1:
        return tuple(entry(i, i) for i in range(sizes[0]))
    return tuple(tuple(entry(i, j) for j in range(sizes[1])) for i in range(sizes[0]))


def _each(function: Callable[[Fraction], Fraction], a: Value) -> Value:
    return function(a) if isinstance(a, Fraction) else tuple(_each(function, part) for part in a)


def _diag(a: Value) -> Value:
    assert isinstance(a, tuple)
    n = Fraction(len(a))
    if len(_shape(a)) == 1:
        return _filled(lambda i, j: a[i] if i == j else Fraction(0), n, n)
    return tuple(row[i] for i, row in enumerate(_rows(a)))


def _identity(n: Value) -> Value:
    return _filled(lambda i, j: Fraction(i == j), n, n)


# What each argument must be. n: a size; v: vector; M: matrix; S: square; Q: symmetric; a: vector or
# matrix; *: anything. A second word allows a second form; a final "+" allows more of the last kind.
_Function = Callable[..., "Value | bool"]
FUNCTIONS: dict[str, tuple[str, _Function]] = {
    "sum": ("a", lambda do, a: do.total(a)),
    "mean": ("a", lambda do, a: do.mean(a)),
    "center": ("a", lambda do, a: do.center(a)),
    "norm2": ("*", lambda do, a: do.norm2(a)),
    "dot": ("vv", lambda do, a, b: do.product(a, b)),
    "transpose": ("M", lambda do, a: _transpose(a)),
    "inv": ("S", lambda do, a: do.solve(a, _identity(Fraction(len(a))))),
    "solve": ("Sa", lambda do, a, b: do.solve(a, b)),
    "abs": ("*", lambda do, a: _each(abs, a)),
    "min": ("*+", lambda do, *a: min(_flat(a))),
    "max": ("*+", lambda do, *a: max(_flat(a))),
    "ones": ("n nn", lambda do, *n: _filled(lambda i, j: Fraction(1), *n)),
    "zeros": ("n nn", lambda do, *n: _filled(lambda i, j: Fraction(0), *n)),
    "eye": ("n", lambda do, n: _identity(n)),
    "diag": ("v S", lambda do, a: _diag(a)),
    "positive": ("a", lambda do, a: _each(lambda entry: Fraction(entry > 0), a)),
    "psd": ("Q", lambda do, a: do.definite(a)[0]),
    "pd": ("Q", lambda do, a: do.definite(a)[1]),
    "symmetric": ("S", lambda do, a: a == _transpose(a)),
}


def _fits(kind: str, value: Value) -> bool:
    shape = _shape(value)
    if kind == "n":
        return isinstance(value, Fraction) and value.denominator == 1 and 1 <= value <= MAX_SIZE
    square = len(shape) == 2 and shape[0] == shape[-1]
    tests = {"v": len(shape) == 1, "M": len(shape) == 2, "a": bool(shape), "S": square, "*": True}
    return tests[kind] if kind != "Q" else square and value == _transpose(value)


def _call(do: Arithmetic, name: str, arguments: list[Value]) -> Value | bool:
    if name not in FUNCTIONS:
        raise WitnessError(f"there is no function {name!r} (there are {', '.join(sorted(FUNCTIONS))})")
    forms, function = FUNCTIONS[name]
    for form in forms.split():
        kinds = form if form[-1] != "+" else form[0] * len(arguments)
        if len(kinds) == len(arguments) > 0 and all(map(_fits, kinds, arguments)):
            result = function(do, *arguments)
            do.work += len(_flat(tuple(arguments))) + (1 if isinstance(result, bool) else len(_flat(result)))
            return result
    given = ", ".join(map(_kind, arguments)) or "nothing"
    words = {"n": f"sizes of 1 to {MAX_SIZE}", "v": "vectors", "M": "a matrix", "S": "a square matrix"}
    words |= {"Q": "a symmetric matrix", "a": "a vector or matrix", "*": "a number, vector or matrix"}
    raise WitnessError(f"{name} takes {words[forms[0]]}, not {given}")


_BINARY: dict[type[ast.operator], Binary] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_COMPARE: dict[type[ast.cmpop], tuple[str, Callable[[Any, Any], bool]]] = {
    ast.Eq: ("==", operator.eq),
    ast.NotEq: ("!=", operator.ne),
    ast.Lt: ("<", operator.lt),
    ast.LtE: ("<=", operator.le),
    ast.Gt: (">", operator.gt),
    ast.GtE: (">=", operator.ge),
}


def parse(expression: object) -> ast.expr:
    """The syntax tree of an expression; lengths and depth are checked, nothing is executed."""
    if not isinstance(expression, str) or not 0 < len(expression) <= MAX_TEXT:
        raise WitnessError(f"an expression must be a text of 1 to {MAX_TEXT} characters")
    return _tree(expression)


@functools.lru_cache(maxsize=512)  # the same expression is met again in every step of an iteration
def _tree(expression: str) -> ast.expr:
    strange = re.search(r"[^A-Za-z0-9_+\-*/@()\[\],=!<> ]", expression)
    if strange:
        raise WitnessError(f"the character {strange.group()!a} is not allowed in an expression")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise WitnessError("it is not an expression") from None
    level: list[ast.AST] = [tree]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    if level:
        raise WitnessError(f"it is nested deeper than {MAX_DEPTH} levels")
    return tree


class Evaluator:
    """The names and values of one witness."""

    def __init__(self) -> None:
        self.do = Arithmetic()
        self.names: dict[str, Value] = {}

    def value(self, node: ast.expr) -> Value:
        result = self.any(node)
        if isinstance(result, bool):
            raise WitnessError("a truth value stands where a number is needed")
        return result

    def any(self, node: ast.expr) -> Value | bool:
        self.do.spend(0)
        match node:
            case ast.Constant(value=number) if type(number) is int:
                return Fraction(number)
            case ast.Name(id=name):
                if name not in self.names:
                    raise WitnessError(f"the name {name!r} is not known at this point")
                return self.names[name]
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self.do.entrywise(operator.mul, Fraction(-1), self.value(operand))
            case ast.BinOp(left=left, op=ast.MatMult(), right=right):
                return self.do.product(self.value(left), self.value(right))
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                return self.do.power(self.value(left), self.value(right))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
                return self.do.entrywise(_BINARY[type(op)], self.value(left), self.value(right))
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return _call(self.do, name, [self.value(argument) for argument in arguments])
            case ast.Subscript(value=array, slice=ast.Tuple(elts=indices)):
                result = self.value(array)
                for index in indices:
                    result = self.item(result, index)
                return result
            case ast.Subscript(value=array, slice=index):
                return self.item(self.value(array), index)
            case ast.Compare() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
                return self.judge(node)[0]
        raise WitnessError(f"{type(node).__name__} is not part of the language of witnesses")

    def item(self, array: Value, index: ast.expr) -> Value:
        if not (isinstance(index, ast.Constant) and type(index.value) is int):
            raise WitnessError("an index must be a whole number that is written out")
        if not (isinstance(array, tuple) and index.value < len(array)):
            raise WitnessError(f"{_kind(array)} has no entry {index.value}")
        return array[index.value]

    def judge(self, node: ast.expr) -> tuple[bool, list[str]]:
        """Whether a condition is true, and what its sides come to."""
        match node:
            case ast.Compare(left=left, ops=ops, comparators=others):
                sides = [self.value(side) for side in (left, *others)]
                text = show(sides[0])
                true = True
                for op, a, b in zip(ops, sides, sides[1:], strict=False):
                    sign, compare = _COMPARE.get(type(op), ("", operator.eq))
                    if not sign or _shape(a) != _shape(b) or (_shape(a) and sign not in ("==", "!=")):
                        raise WitnessError(f"{_kind(a)} and {_kind(b)} cannot be compared by {sign!r}")
                    self.do.spend(max(_bits(x) + _bits(y) for x, y in zip(_flat(a), _flat(b), strict=True)))
                    true = compare(a, b) and true
                    text += f" {sign} {show(b)}"
                return true, [text]
            case ast.BoolOp(op=op, values=parts):
                judged = [self.judge(part) for part in parts]
                truths = [truth for truth, _ in judged]
                together = all(truths) if isinstance(op, ast.And) else any(truths)
                return together, [text for _, texts in judged for text in texts]
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                truth, texts = self.judge(operand)
                return not truth, [f"not {text}" for text in texts]
            case ast.Call(func=ast.Name(id=name), args=arguments):
                result = self.any(node)
                if isinstance(result, bool):
                    return result, [f"{name} of {show(self.value(argument))}" for argument in arguments]
        raise WitnessError("it must be a condition, true or false")
