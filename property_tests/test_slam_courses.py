"""Runs of SLAM that never end, which refute its rates, and the assumptions that they meet."""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from spiritlevel.core.algorithms.slam import SLAM
from spiritlevel.core.algorithms.slam_l import LowerSLAM
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.bounded import BoundedUpper
from spiritlevel.synthetic.families import quadratic
from spiritlevel.synthetic.lower import QuadraticLower
from spiritlevel.synthetic.shifted import ShiftedLower
from spiritlevel.theory.slam.assumptions import ALL
from spiritlevel.theory.slam.gradients import corollary1, endless, theorem1
from spiritlevel.theory.slam.gradients.instances import torn, uphill
from spiritlevel.theory.slam.gradients.limits import PAIR, iterates
from spiritlevel.theory.statement import Context, Verdict


@pytest.mark.parametrize("course", [endless.climb(), endless.tear()], ids=lambda c: c.algorithm)
def test_a_long_run_is_on_its_course(course: endless.Course) -> None:
    """In floats, 500 iterations with another alpha: the speed, and the lag of y."""
    alpha, steps = 37.0, 500
    settings = {k: float(v) for k, v in course.settings(alpha).items()}
    kind: Any = {"slam": SLAM, "slam-l": LowerSLAM}[course.algorithm]
    last = iterates(kind(**settings), course.problem.over("float"), PAIR.over("float"), steps)[-1]
    X = 8 + float(course.speed) * steps / alpha
    np.testing.assert_allclose(last.x[0, :, 0], X * np.array(course.agents), rtol=1e-12)
    Y = X / 2 - float(course.speed) / 2 * (1 - (1 - 1 / alpha) ** steps)
    np.testing.assert_allclose(last.y[0].mean(axis=0), Y * np.array(course.common), rtol=1e-9)


def test_courses_that_are_none() -> None:
    context = Context(statement="slam/thm1-field")
    assert endless.goes_on(context, endless.tear())
    assert not endless.goes_on(context, endless.tear(torn(c=((3, 1), (1, 3)))))
    assert not endless.goes_on(context, dataclasses.replace(endless.climb(), speed=Fraction(1, 2)))
    assert not endless.goes_on(context, dataclasses.replace(endless.climb(), rho=Fraction(1, 3)))
    # from 2 the lag would bring the forms below 1
    assert not endless.never_ends(endless.climb(uphill(2)))
    assert not endless.never_ends(dataclasses.replace(endless.tear(), least=1))


DOWNHILL = endless.climb(uphill(c=((3, -1), (-1, 3))))
TOGETHER = endless.tear(torn(c=((3, 1), (1, 3))))


@pytest.mark.parametrize(
    "judged",
    [
        lambda c: theorem1.stationarity(c, DOWNHILL, "slam/thm1-ul-stationarity"),
        lambda c: theorem1.optimality(c, DOWNHILL),
        lambda c: corollary1.stationarity(c, TOGETHER),
        lambda c: corollary1.optimality(c, TOGETHER),
    ],
)
def test_rates_are_supported_where_runs_come_to_rest(judged: Any) -> None:
    """The same agents, each leaning on its own share: (18) then leads to the solution."""
    assert judged(Context(statement="slam/turned")).verdict is Verdict.SUPPORTED


def test_a_divergent_run_decides_nothing() -> None:
    """Multipliers with the wrong sign: neither the course nor a falling average."""

    class Pulled(SLAM):
        def step(self, t, s, o, net):  # type: ignore[no-untyped-def]
            return super().step(t, dataclasses.replace(s, lam=-s.lam, om=-s.om), o, net)

    found = theorem1.FIELD.check(Context(statement="slam/thm1-field", substitutes={"slam": Pulled}))  # type: ignore[misc]
    assert found.verdict is Verdict.INCONCLUSIVE


def test_assumptions_look_beyond_the_start() -> None:
    one = [[[1.0]]] * 2
    steep = quadratic(one, one, [[0.0]] * 2, A=one, e=[[1.0]] * 2, shared=True)  # f = x^2/2 + y
    assert [a.text for a in ALL if a.violation(steep) is not None] == [r"$f_i$ is $L_{f,0}$-Lipschitz"]

    class Mirrored(ShiftedLower):
        """Agent 2 curved in y + x: the Hessians agree where x = 0, the start."""

        def hess_yy(self, x, y):  # type: ignore[no-untyped-def]
            return super().hess_yy(x * np.array([1.0, -1.0])[:, None], y)

    upper = BoundedUpper(1, "huber", np.zeros(1), np.zeros((2, 1)), np.zeros((2, 1)))
    lower: Any = Mirrored(np.ones(2), 1)
    given = Bilevel(lower, upper, "mirrored", shared=True, lowest=0.0)
    assert [a.id for a in ALL if a.violation(given) is not None] == ["Theorem 1"]

    class Mixed(QuadraticLower):
        """As if the mixed block alone had no Lipschitz constant."""

        @property
        def constants(self):  # type: ignore[no-untyped-def]
            return dataclasses.replace(super().constants, L_gxy=math.inf)

    given = Bilevel(
        Mixed(np.ones((2, 1, 1)), np.ones((2, 1, 1)), np.zeros((2, 1))),
        upper,
        "mixed",
        shared=True,
        lowest=0.0,
    )
    assert [a.id for a in ALL if a.violation(given) is not None] == ["A1"]
