"""Every check of DSBO's sentences and symbolic claims comes out otherwise where the claim is changed, and says so."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from types import ModuleType
from typing import Any

import pytest

from spiritlevel.core.algorithms.dsbo import DSBO
from spiritlevel.core.graphs import named
from spiritlevel.core.networks import Network
from spiritlevel.theory.dsbo.algorithm import identities
from spiritlevel.theory.dsbo.assumptions import audit, dimension
from spiritlevel.theory.dsbo.planted.dsbo import PLANTED
from spiritlevel.theory.dsbo.step_sizes import gamma_range, rules
from spiritlevel.theory.dsbo.text import (
    compositional,
    confounded,
    letters,
    policy_evaluation,
    range_of_rho,
    sentences,
)
from spiritlevel.theory.dsbo.theorems import bounds
from spiritlevel.theory.dsbo.witnesses import beta_witness, rho_witness
from spiritlevel.theory.judge import judge
from spiritlevel.theory.ledger import statements
from spiritlevel.theory.statement import Verdict

LEDGER = statements()
WRONG = {p.name: p.algorithm for p in PLANTED}
REFUTED, INCONCLUSIVE, SUPPORTED = Verdict.REFUTED, Verdict.INCONCLUSIVE, Verdict.SUPPORTED
Change = tuple[ModuleType, str, Any]


def _sigmoid(z: Any) -> Any:
    import sympy as sp

    return 1 / (1 + sp.exp(-z))


def _half(w: Any) -> Any:
    import sympy as sp

    return w * sp.Matrix([[Fraction(1, 2), -1], [-1, Fraction(1, 2)]])


def _lazy(K: int) -> Network:
    return named(f"lazy-ring:{K}")


def _against(right: Callable[..., Any]) -> Callable[..., Any]:
    """The regulariser with the wrong sign."""
    return lambda x, *given: right(x, *given) - given[-1] * sum(v**2 for v in x)


ORIGINAL: Callable[..., Any] = policy_evaluation.objective


def _twice(x: Any, *given: Any) -> Any:
    """The residuals' part counted twice: still strongly convex, another Hessian."""
    *rest, lam = given
    return ORIGINAL(x, *rest, 0) + ORIGINAL(x, *rest, lam)


CASES: tuple[tuple[str, tuple[Change, ...], Verdict, str], ...] = (
    ("eq4-noncommute", ((identities, "HESSIANS", (2, 2)),), INCONCLUSIVE, "Hessians 2 and 2"),
    (
        "compositional",
        ((compositional, "inner", lambda y, h: sum((a - b) ** 4 for a, b in zip(y, h, strict=True))),),
        REFUTED,
        "the gradient at E h",
    ),
    (
        "compositional",
        ((compositional, "inner", lambda y, h: sum((a - b) ** 2 for a, b in zip(y, h, strict=True)) / 2),),
        INCONCLUSIVE,
        "the Hessian",
    ),
    ("compositional-covered", ((compositional, "curvature", lambda: 0),), INCONCLUSIVE, "does not pass"),
    (
        "mdp-strongly-convex",
        ((policy_evaluation, "objective", _against(policy_evaluation.objective)),),
        REFUTED,
        "with features 0",
    ),
    (
        "mdp-strongly-convex",
        ((policy_evaluation, "objective", _twice),),
        INCONCLUSIVE,
        "not shown",
    ),
    ("pl-constant", ((audit, "uphill", lambda gap, mu, L, n: gap * n / (n + 1)),), INCONCLUSIVE, "growth"),
    ("frobenius-spectrum", ((dimension, "share", lambda d: 1 - Fraction(1, 1) / d),), REFUTED, "< 1"),
    (
        "frobenius-spectrum",
        ((dimension, "share", lambda d: 1 - 2 * d ** Fraction(-1, 2)),),
        INCONCLUSIVE,
        "not shown to be exact",
    ),
    ("frobenius-dimension-repaired", ((dimension, "kappa", lambda mu, L: 2 * mu / L),), REFUTED, "negative"),
    ("frobenius-dimension", ((dimension, "_floor", lambda: (1, 0)),), INCONCLUSIVE, "no proof"),
    ("frobenius-at-most-3", ((dimension, "_floor", lambda: (1, 0)),), INCONCLUSIVE, "no proof"),
    ("table1-complexity", ((bounds, "table", lambda a, c, eps: a**2 / eps**2),), REFUTED, "not within"),
    ("table1-complexity", ((bounds, "table", lambda a, c, eps: a / eps + c / eps),), REFUTED, "not within"),
    (
        "table1-complexity",
        ((bounds, "table", lambda a, c, eps: 9 * a**2 / eps**2 + c / eps),),
        INCONCLUSIVE,
        "not shown",
    ),
    (
        "asymptotic-independence",
        ((bounds, "network_term", lambda K, T, gap: K / (T ** Fraction(1, 2) * gap**2)),),
        REFUTED,
        "tends to K**(3/2)/gap**2",
    ),
    ("hyper-task-repaired", ((sentences, "loss", _sigmoid),), REFUTED, "at exp(-z)"),
    ("hyper-task-repaired", ((sentences, "weight", lambda e, mu: e),), REFUTED, "tends to -mu"),
    ("robust-channel-repaired", ((sentences, "returned", _half),), REFUTED, "sums of rows"),
    (
        "rho-range",
        ((range_of_rho, "ring", _lazy), (range_of_rho, "rho_witness", lambda: rho_witness(1))),
        SUPPORTED,
        "on rings of 3 to 12",
    ),
    ("rho-range", ((range_of_rho, "ring", _lazy),), INCONCLUSIVE, "stands"),
    (
        "rho-range-repaired",
        ((range_of_rho, "eigenvalue", lambda cosine: (1 + 4 * cosine) / 3),),
        REFUTED,
        ">= 0, not shown",
    ),
    (
        "subsumes-regimes",
        (
            (range_of_rho, "REGIMES", {"ring": _lazy(4)}),
            (range_of_rho, "single_witness", lambda W: rho_witness(1)),
        ),
        SUPPORTED,
        "none of ring",
    ),
    ("experiment-steps", ((rules, "RUNS", ((20, 1_999),)),), REFUTED, "above 1 for K = 20"),
    ("beta-above-1", ((rules, "first_empty", lambda *_: None),), INCONCLUSIVE, "the witness stands"),
    (
        "beta-above-1",
        ((rules, "first_empty", lambda *_: None), (rules, "beta_witness", lambda: beta_witness(4))),
        SUPPORTED,
        "beta <= 1",
    ),
    ("gamma-range-repaired", ((gamma_range, "peak", lambda *_: Fraction(2)),), REFUTED, "is 2 of the first"),
    (
        "robust-channel",
        ((sentences, "channel_witness", lambda: rho_witness(1)),),
        INCONCLUSIVE,
        "spectral radius",
    ),
)


@pytest.mark.parametrize(
    ("name", "changes", "verdict", "told"), CASES, ids=[f"{case[0]}-{k}" for k, case in enumerate(CASES)]
)
def test_a_changed_claim_comes_out_otherwise(
    monkeypatch: pytest.MonkeyPatch, name: str, changes: tuple[Change, ...], verdict: Verdict, told: str
) -> None:
    statement = LEDGER[f"dsbo/{name}"]
    for module, attribute, value in changes:
        monkeypatch.setattr(module, attribute, value)
    found = judge(statement).finding
    assert not found.crashed, found.summary
    assert found.verdict is verdict, found.summary
    assert found.verdict is not statement.expected
    assert told in found.summary
    assert found.witness is None


class SameSteps(DSBO):
    """Steps that do not grow with K: beta is that of K = 5."""

    def sizes(self, t):  # type: ignore[no-untyped-def]
        return tuple(
            min(size, limit) for size, limit in zip(super().sizes(t), (0.1 * 0.05, 0.1, 0.1), strict=True)
        )


class MovesAtOnce(DSBO):
    """y starts at 1, its solution at x = 0, so that x does not move from its optimum."""

    def init(self, x0, y0, o, net):  # type: ignore[no-untyped-def]
        return super().init(x0, y0 + 1, o, net)


@pytest.mark.parametrize(
    ("name", "wrong", "verdict"),
    [
        ("speedup-without-noise", SameSteps, REFUTED),
        ("sampling-letters", WRONG["sample-forgets"], REFUTED),
        ("sampling-letters", WRONG["sum"], REFUTED),
        ("output", MovesAtOnce, SUPPORTED),
        ("variance-1/K", WRONG["sum"], REFUTED),
        ("variance-rule-5", WRONG["sample-forgets"], REFUTED),
        ("b-logT", WRONG["not-divided"], REFUTED),
        ("C1", WRONG["sum"], REFUTED),
    ],
)
def test_another_algorithm_comes_out_otherwise(name: str, wrong: type[DSBO], verdict: Verdict) -> None:
    judgement = judge(LEDGER[f"dsbo/{name}"], substitutes={"dsbo": wrong})
    assert not judgement.finding.crashed, judgement.finding.summary
    assert judgement.finding.verdict is verdict, judgement.finding.summary


def test_small_steps_leave_the_order_of_the_gaps(monkeypatch: pytest.MonkeyPatch) -> None:
    """With C_0 = 0.001 the gaps hardly differ, and still they are in order."""
    monkeypatch.setattr(confounded, "C_0", 0.001)
    found = judge(LEDGER["dsbo/speedup-without-noise"]).finding
    assert found.verdict is SUPPORTED
    assert found.numbers["gaps"][0] < 1.1 * found.numbers["gaps"][2]


def test_one_coin_for_both_is_what_biases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters, "ORACLE", letters.ASKED)
    assert judge(LEDGER["dsbo/sampling-letters"]).finding.verdict is REFUTED
