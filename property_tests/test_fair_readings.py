"""Ambiguous claims that one fair reading makes true are not counted against their paper; the other reading stands beside it."""

import math
import re

import numpy as np
import pytest

from spiritlevel.theory.judge import judge
from spiritlevel.theory.ledger import statements
from spiritlevel.theory.statement import Verdict

LEDGER = statements()
FAIR = {  # the claim in the reading that its authors can mean: another, or a stronger one, beside it
    "dsbo/abstract-complexity": "dsbo/abstract-complexity-uniform",
    "dsbo/thm5.3-complexity": "dsbo/thm5.3-complexity-uniform",
    "rabo/cost-communication": "rabo/cost-communication-parameters",
    "rabo/cost-loss-tuning": "rabo/cost-loss-tuning-parameters",
    "slam/eq24": "slam/eq24-averaged",
}
NAME = re.compile(r"\b(?:argus|dsbo|interact|rabo|slam)/[\w.,+-]*\w")


@pytest.mark.parametrize(("fair", "other"), FAIR.items())
def test_both_readings_are_judged_and_name_each_other(fair: str, other: str) -> None:
    claim, strict = LEDGER[fair], LEDGER[other]
    assert (claim.variant, strict.variant) == ("printed", "added")
    assert other in claim.because
    assert judge(claim, alpha=1e-4).finding.verdict in {Verdict.PROVED, Verdict.SUPPORTED}
    assert judge(strict, alpha=1e-4).finding.verdict is Verdict.REFUTED


@pytest.mark.parametrize("statement", LEDGER.values(), ids=lambda s: s.id)
def test_texts_name_statements_that_exist(statement: object) -> None:
    texts = [getattr(statement, field) for field in ("sentence", "because", "location")]
    assert [name for text in texts for name in NAME.findall(text) if name not in LEDGER] == []


@pytest.mark.parametrize("K", [2, 5, 20])
@pytest.mark.parametrize("gap", [0.9, 0.3, 0.01])
def test_a_given_network_stops_to_matter_below_its_accuracy_and_not_above(K: int, gap: float) -> None:
    """DSBO's two complexities by numbers: T from the first term alone is enough below (1-rho)^2/K^2, and not far above it."""

    def bounds(eps: float) -> tuple[float, float]:
        T, S = 1 / (K * eps**2), 1 / (K * eps)
        second = 1 / (K * S) + max(math.log(S), 0) / (S * gap) ** 2
        return (1 / math.sqrt(K * T) + K / (T * gap**2)) / eps, second / eps

    below = (gap / K) ** 2
    assert bounds(below)[0] <= 2 + 1e-9
    assert bounds(100 * below)[0] > 100
    small = below / (1 + 2 * abs(math.log(below)))  # eps ln(1/(K eps)) <= below
    assert small * math.log(1 / (K * small)) <= below
    assert bounds(small)[1] <= 2 + 1e-9


def test_auprc_curves_in_y_as_assumption_1_needs_it_and_in_x_as_far_as_y_goes() -> None:
    """Two scores of a two-dimensional x, by difference quotients."""

    def g(x: np.ndarray, y: np.ndarray) -> float:
        scores = np.array([math.sin(x[0]) + x[1] / (1 + x[1] ** 2), math.cos(x[0] * x[1])])
        return float(-y @ scores + y @ y / 2)

    def second(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        z, h, eye = np.r_[x, y], 1e-3, np.eye(4)

        def at(a: float, b: float, i: int, j: int) -> float:
            moved = z + a * h * eye[i] + b * h * eye[j]
            return g(moved[:2], moved[2:])

        return np.array(
            [
                [(at(1, 1, i, j) - at(1, -1, i, j) - at(-1, 1, i, j) + at(-1, -1, i, j)) / (4 * h * h) for j in range(4)]
                for i in range(4)
            ]
        )  # fmt: skip

    x = np.array([0.4, -0.7])
    near, far = (second(x, np.array(y)) for y in ([1.0, 2.0], [100.0, -300.0]))
    assert np.allclose(near[2:, 2:], np.eye(2), atol=1e-4)
    assert np.allclose(near[:2, 2:], far[:2, 2:], atol=1e-4)
    assert abs(far[:2, :2]).max() > 50 * abs(near[:2, :2]).max()
