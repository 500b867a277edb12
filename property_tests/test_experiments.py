"""Section 6 on synthetic problems: the checks must come out the other way where the algorithms differ."""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from spiritlevel.core.algorithms.dsgd import DSGD
from spiritlevel.core.algorithms.dsgd import State as Plain
from spiritlevel.core.algorithms.gt_dsgd import GTDSGD
from spiritlevel.core.algorithms.interact import Interact, State
from spiritlevel.core.algorithms.svr_interact import SVRInteract
from spiritlevel.core.driver import run
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.families import quadratic, random_quadratic
from spiritlevel.theory.interact.complexity import figure5
from spiritlevel.theory.interact.complexity.counts import Plan
from spiritlevel.theory.interact.complexity.experiments import (
    COMPARED,
    FLOOR,
    PER_SAMPLE,
    _spent,
)
from spiritlevel.theory.interact.complexity.figure5 import (
    FIGURE5,
    INTERIOR,
    decades,
    ordered,
    overshoot_witness,
)
from spiritlevel.theory.interact.complexity.figures import POINTS, curve
from spiritlevel.theory.interact.planted.interact import Ascent
from spiritlevel.theory.judge import judge
from spiritlevel.theory.statement import Verdict
from spiritlevel.theory.witness import check as recheck


@dataclasses.dataclass(frozen=True)
class NeverRefreshed(GTDSGD):
    """Stands in for SVR-INTERACT: plain minibatches, no variance reduction."""

    q: int = 0


def test_baselines_notice_an_algorithm_with_a_floor() -> None:
    for statement in (COMPARED, PER_SAMPLE):
        finding = judge(statement, substitutes={"svr-interact": NeverRefreshed}).finding
        assert not finding.crashed, finding.summary
        assert finding.verdict is not Verdict.SUPPORTED, finding.summary


def test_floor_notices_another_order() -> None:
    @dataclasses.dataclass(frozen=True)
    class Pushed(DSGD):
        """A gradient that is off by a constant: the floor does not fall with the step."""

        def step(self, t: int, s: Plain, o: Oracle, net: Gossip) -> Plain:
            z = super().step(t, s, o, net)
            return dataclasses.replace(z, x=z.x + self.alpha)

    finding = judge(FLOOR, substitutes={"dsgd": Pushed}).finding
    assert finding.verdict is Verdict.REFUTED, finding.summary
    assert not finding.crashed


def test_figure5_is_decided_by_the_witness_and_without_it_by_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """With steps a fiftieth of what they are called, all four lie below the best one, and larger is faster."""

    def smaller(a: Interact) -> Any:
        return dataclasses.replace(a, alpha=a.alpha / 50, beta=a.beta / 50)

    @dataclasses.dataclass(frozen=True)
    class Small(Interact):
        """The same steps, scaled down."""

        def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
            return Interact.step(smaller(self), t, s, o, net)

    @dataclasses.dataclass(frozen=True)
    class SmallSVR(SVRInteract):
        """The same steps, scaled down."""

        def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
            return SVRInteract.step(smaller(self), t, s, o, net)

    small: dict[str, Any] = {"interact": Small, "svr-interact": SmallSVR}
    finding = judge(FIGURE5, substitutes=small).finding
    assert finding.verdict is Verdict.REFUTED, finding.summary
    assert finding.numbers["witnesses_that_stand"] == 2
    assert finding.witness is not None
    # For f = 3x^2/2 the larger step is the faster one, and the witness falls.
    fallen = overshoot_witness("3")
    monkeypatch.setattr(figure5, "overshoot_witness", lambda curvature="": fallen)
    finding = judge(FIGURE5, substitutes=small).finding
    assert finding.verdict is Verdict.SUPPORTED, finding.summary
    assert finding.witness is None
    assert judge(FIGURE5).finding.verdict is Verdict.INCONCLUSIVE


def test_interior_best_step_is_refuted_for_ascent() -> None:
    assert judge(INTERIOR, substitutes={"interact": Ascent}).finding.verdict is Verdict.REFUTED


@pytest.mark.parametrize("h", ["19/5", "4"])
def test_overshoot_is_what_the_simulator_does(h: str) -> None:
    """The witness's two runs, by the driver in floats; at 19/5 both converge, at 4 the larger step does not."""
    witness, curvature = overshoot_witness(h), float(Fraction(h))
    problem = quadratic([[[1]]] * 2, [[[0.5]]] * 2, [[0]] * 2, A=[[[curvature]]] * 2, x0=[1], y0=[0])
    network = named("path:2", "laplacian")
    assert np.allclose(np.asarray(network.W, dtype=float), [[2 / 3, 1 / 3], [1 / 3, 2 / 3]])
    y0 = np.full(1, 0.5 if h == "4" else 0.0)
    for step, factor in ((0.5, 1 - curvature / 2), (0.1, 1 - curvature / 10)):
        x = run(Interact(alpha=step, beta=step), problem, network, steps=10, y0=y0).x
        assert x.reshape(-1, 2)[-1] == pytest.approx([factor**10] * 2, rel=1e-9)
    assert recheck(witness).ok
    # At a step below 1/4 the larger of the two is the faster one, and the witness falls.
    smaller = dataclasses.replace(witness, given={**witness.given, "large": "1/5"}, assume=witness.assume[1:])
    assert not recheck(smaller).ok


def test_decades_and_order() -> None:
    problem, network = random_quadratic(1, 4, 2, 2), named("ring:4", "laplacian")
    diverged = run(Interact(alpha=50.0, beta=0.1), problem, network, steps=200)
    assert decades(diverged) == -math.inf
    assert not ordered([-math.inf, 0.3, 0.2, 0.1])
    assert ordered([-math.inf, 0.3, 0.2, 0.1], 3)
    assert not ordered([0.3, 0.3, 0.2, 0.1])


def test_samples_by_definition_1() -> None:
    plan = Plan(1000, 32, 32, 4)
    assert _spent("interact", plan, 10) == 11_000
    assert _spent("svr-interact", plan, 33) == 2000 + 64 * 32
    assert (_spent("gt-dsgd", plan, 10), _spent("dsgd-batch", plan, 10)) == (352, 320)
    assert math.isinf(_spent("svr-interact", plan, math.inf))


def test_curves_are_short() -> None:
    t, M = np.arange(1001), np.geomspace(1.0, 1e-30, 1001)
    made = curve("M", t, M)
    assert len(made.x) == len(made.y) == POINTS
    assert (made.x[0], made.x[-1], made.y[-1]) == (0, 1000, M[-1])
