"""What the synthetic families refuse, and what they say."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy

from spiritlevel.core.errors import InputError
from spiritlevel.synthetic import bounded as bounded_levels
from spiritlevel.synthetic import lower as lower_levels
from spiritlevel.synthetic import upper as upper_levels
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.families import (
    bounded,
    curved,
    finite_sum,
    linear,
    named,
    quadratic,
    random_finite_sum,
    random_quadratic,
)

# Called with what a user might give, which no type allows.
QuadraticLower: Any = lower_levels.QuadraticLower
CurvedLower: Any = lower_levels.CurvedLower
QuadraticUpper: Any = upper_levels.QuadraticUpper
LinearUpper: Any = upper_levels.LinearUpper
BoundedUpper: Any = bounded_levels.BoundedUpper

nan, inf = float("nan"), float("inf")
H: Any = [[[2.0, 0.0], [0.0, 1.0]]] * 2
B: Any = [[[1.0], [0.0]]] * 2
c: Any = [[0.0, 1.0]] * 2
upside: Any = [H[0], [[1.0, 2.0], [2.0, 1.0]]]
lopsided: Any = [H[0], [[1.0, 0.5], [0.0, 1.0]]]
huge: Any = 10**200

REFUSED: list[tuple[Callable[[], object], str]] = [
    (lambda: QuadraticLower(H, B, [0.0, 1.0]), r"c has shape \(2,\); give 2 axes, \(n, q\)"),
    (lambda: QuadraticLower(H, B, [[0.0]] * 2), r"c has shape \(2, 1\); give \(n, q\) = \(2, 2\)"),
    (lambda: QuadraticLower(H[:1], B, c), r"H has shape \(1, 2, 2\); give \(n, q, q\) = \(2, 2, 2\)"),
    (lambda: QuadraticLower(np.zeros((2, 0, 0)), np.zeros((2, 0, 1)), np.zeros((2, 0))), "at least 1"),
    (lambda: QuadraticLower(H, B, [[0.0, nan], [0.0, 0.0]]), r"c\[0, 1\] is nan; give finite numbers"),
    (lambda: QuadraticLower(H, [[[inf], [0.0]]] * 2, c), r"B\[0, 0, 0\] is inf"),
    (lambda: QuadraticLower(H, B, [[None, 1.0]] * 2), "c holds an entry that is not a finite number"),
    (lambda: QuadraticLower(H, B, [[Fraction(1), nan]] * 2), "c holds an entry that is not a finite number"),
    (lambda: QuadraticLower(H, B, [["a", "b"]] * 2), "c holds entries of type"),
    (lambda: QuadraticLower(H, B, [[1.0], [1.0, 2.0]]), "c has rows of unequal lengths"),
    (lambda: QuadraticLower(lopsided, B, c), r"H of agent 1 is not symmetric: entry \(0, 1\) is 0.5"),
    (lambda: QuadraticLower(upside, B, c), "H of agent 1 is not positive definite.* eigenvalue is about -1;"),
    (lambda: QuadraticLower([[[0.0, 0.0], [0.0, 1.0]]] * 2, B, c), "agent 0 is not positive definite"),
    (lambda: QuadraticLower([[[Fraction(1), 1], [1, 1]]] * 2, B, c), "agent 0 is not positive definite"),
    (
        lambda: QuadraticLower([[[-sympy.Symbol("h", positive=True)]]], [[[1]]], [[0]]),
        "not positive definite",
    ),
    # Singular, but floats see 1 + 1e-200 = 1 on both sides: only exact arithmetic can tell these apart.
    (
        lambda: QuadraticLower([[[Fraction(1), 1], [1, 1 - Fraction(1, huge)]]], [[[1], [1]]], [[0, 0]]),
        "not positive definite",
    ),
    (lambda: CurvedLower(B, [[0.0]] * 2), r"c has shape \(2, 1\)"),
    (lambda: CurvedLower([[[nan]]], [[0.0]]), r"B\[0, 0, 0\] is nan"),
    (lambda: CurvedLower(B, c).over("fraction"), "choose float or complex"),
    (
        lambda: QuadraticUpper(2, 1, 2, A=[[[1.0]]]),
        r"A has shape \(1, 1, 1\); give \(n, p, p\) = \(2, 1, 1\)",
    ),
    (lambda: QuadraticUpper(2, 1, 2, k=[1.0, nan]), r"k\[1\] is nan"),
    (lambda: QuadraticUpper(2, 1, 2, k=[1.0]), r"k has shape \(1,\); give \(n,\) = \(2,\)"),
    (lambda: QuadraticUpper(2, 1, 2, Q=lopsided), "Q of agent 1 is not symmetric"),
    (lambda: BoundedUpper(1, "huber", np.zeros(1), np.ones((2, 1)), np.zeros((2, 1))), "b sums to 2.0 over"),
    (lambda: BoundedUpper(0, "huber", np.zeros(1), np.zeros((2, 1)), np.zeros((2, 1))), "scale is 0; give"),
    (lambda: BoundedUpper(nan, "huber", np.zeros(1), np.zeros((2, 1)), np.zeros((2, 1))), "scale is nan"),
    (lambda: BoundedUpper(1, "hubber", np.zeros(1), np.zeros((2, 1)), np.zeros((2, 1))), "mean 'huber'"),
    (
        lambda: BoundedUpper(1, "cos", np.zeros(2), np.zeros((2, 1)), np.zeros((2, 1))),
        r"x_target has shape \(2,\)",
    ),
    (lambda: LinearUpper([[Fraction(1)], [Fraction(-2)]], 1), "b sums to -1 over the agents in component 0"),
    (lambda: LinearUpper([1.0], 1), r"b has shape \(1,\); give 2 axes"),
    (
        lambda: Bilevel(QuadraticLower(H, B, c), LinearUpper(np.zeros((2, 1)), 3), "x"),
        "q = 2 and the upper 3",
    ),
    (lambda: quadratic(H, B, c, x0=[1.0, 2.0, 3.0]), r"x0 has shape \(3,\); give \(1,\) or \(2, 1\)"),
    (lambda: quadratic(H, B, c, y0=[nan, 2.0]), r"y0\[0\] is nan"),
    (lambda: quadratic(H, B, c, E=[[[1.0]]]), "E has shape"),
    (lambda: bounded(H, B, c, b=[[1.0], [1.0]], x_target=[0.0]), "b sums to 2.0"),
    (lambda: bounded(upside, B, c, b=[[1.0], [-1.0]], x_target=[0.0]), "H of agent 1 is not positive"),
    (lambda: bounded(H, B, c, b=[[1.0], [-1.0]], x_target=[0.0, 1.0]), "x_target has shape"),
    (lambda: curved(B, c, b=[[1.0]] * 3, x_target=[0.0]), "give|n = 2 and the upper 3"),
    (lambda: curved(B, c, b=[[1.0], [-1.0]], x_target=[0.0]).over("fmpq"), "works in complex, float"),
    (lambda: linear(H, B, c, b=[[1.0], [1.0]]), "b sums to 2.0"),
    (lambda: finite_sum([H, upside], [B, B], [c, c]), "H of agent 1, sample 1 is not positive definite"),
    (lambda: finite_sum([H, lopsided], [B, B], [c, c]), "H of agent 1, sample 1 is not symmetric"),
    (lambda: finite_sum(H, B, c), "B has shape .* give 4 axes"),
    (lambda: random_quadratic(-1, 2, 2, 2), "seed is -1; give a whole number >= 0"),
    (lambda: random_quadratic(0, 2, 0, 2), "p is 0; give a whole number >= 1"),
    (lambda: random_quadratic(0, 2, 10**6, 2), "give smaller sizes"),
    (lambda: random_quadratic(0, 2, 2, 2, coupling=nan), "coupling is nan"),
    (lambda: random_finite_sum(0, 2, 2, 2, samples=0), "samples is 0"),
    (lambda: named("quadratc", 3), "did you mean 'quadratic'"),
    (lambda: named("curved:couplin=2", 3), "unknown setting of curved 'couplin'; did you mean 'coupling'"),
    (lambda: named("curved:p", 3), "write settings as name=value"),
    (lambda: named("curved:p=1,p=2", 3), "sets p twice"),
    (lambda: named("curved:p=1.5", 3), "p is '1.5'; give a whole number"),
    (lambda: named("curved:p=x", 3), "p is 'x'"),
    (lambda: named("curved:n=4", 3), "unknown setting of curved 'n'"),
    (lambda: named("curved:shared=maybe", 3), "shared is 'maybe'; give yes or no"),
    (lambda: named("curved:kind=tanh", 3), "unknown kind 'tanh'"),
    (lambda: named("quadratic", 0), "n is 0"),
]


@pytest.mark.parametrize("k", range(len(REFUSED)))
def test_bad_input_is_refused_with_one_sentence(k: int) -> None:
    attempt, says = REFUSED[k]
    with pytest.raises(InputError, match=says) as caught:
        attempt()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "index",
    [
        np.zeros((2, 2), dtype=int),
        np.zeros((1, 3, 2), dtype=int),
        np.zeros((1, 2, 0), dtype=int),
        np.zeros((1, 2, 2)),
        np.full((1, 2, 2), 4),
        np.full((1, 2, 2), -1),
    ],
)
def test_bad_subsamples_are_refused(index: Any) -> None:
    with pytest.raises(InputError, match="index h"):
        random_finite_sum(0, 2, 1, 1, samples=4).subsample(index)


def test_rounding_asymmetry_is_forgiven_and_removed() -> None:
    nearly = np.array([[[2.0, 1.0], [1.0 + 2e-16, 2.0]]])
    lower = QuadraticLower(nearly, np.ones((1, 2, 1)), np.ones((1, 2)))
    assert not (lower.H - lower.H.swapaxes(-1, -2)).any()


def test_data_are_copied_and_cannot_be_changed_afterwards() -> None:
    mine = np.array(H)
    lower = QuadraticLower(mine, B, c)
    mine[0, 0, 0] = 99
    assert lower.H[0, 0, 0] == 2
    with pytest.raises(ValueError, match="read-only"):
        lower.H[0, 0, 0] = 99
