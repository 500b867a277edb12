"""What the shared code offers to papers unlike INTERACT: servers, words as settings, lower bounds on steps."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np
import pytest

from spiritlevel.core.algorithm import Algorithm, choice, fraction, step_size, whole
from spiritlevel.core.algorithms.dsgd import DSGD, State
from spiritlevel.core.constants import Constants
from spiritlevel.core.driver import run
from spiritlevel.core.errors import InputError
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.networks import averaging
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.problem import Channel
from spiritlevel.synthetic.families import random_quadratic
from spiritlevel.theory.instruments.affine import probe
from spiritlevel.theory.instruments.moments import Unstable, moments
from spiritlevel.theory.step_lists.stepsize import Rule, Term, emptied


@dataclass(frozen=True)
class Federated(Algorithm):
    """One gradient step at every client, averaged by a server; lower level left alone."""

    name: ClassVar[str] = "federated"
    paper: ClassVar[str] = "none"
    server: ClassVar[bool] = True
    shared: ClassVar[bool] = True

    alpha: Any = step_size(Fraction(1, 10), "step size")
    policy: str = choice("full", ("full", "window"), "which coordinates a client holds")
    capacity: Any = fraction(Fraction(1, 2), "share of the coordinates")
    local: int = whole(1, "local steps")

    def init(self, x0: Any, y0: Any, o: Oracle, net: Gossip) -> State:
        return State(x0[:, :1], y0[:, :1])

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        x, y = (np.broadcast_to(z, (z.shape[0], o.problem.n, z.shape[2])) for z in (s.x, s.y))
        return State(net.average(x - self.alpha * o.grad_x_f(x, y)), s.y)


def test_a_server_runs_on_one_row_and_counts_what_is_sent() -> None:
    problem = random_quadratic(seed=1, n=4, p=3, q=2, shared=True)
    trace = run(Federated(), problem, averaging(4), steps=5, record="all", metrics=())
    assert trace.x.shape == (1, 6, 1, 3)
    assert trace.counts["messages"].tolist() == [8 * t for t in range(6)]
    assert trace.counts["floats"].tolist() == [2 * 4 * 3 * t for t in range(6)]


def test_a_server_averages_over_those_who_hold_a_coordinate() -> None:
    z = np.array(
        [[[Fraction(1), Fraction(5), Fraction(7)], [Fraction(3), Fraction(9), Fraction(8)]]], dtype=object
    )
    net = Gossip(averaging(2, exact=True))
    mean = net.average(z, np.array([[1, 1, 0], [1, 0, 0]]))
    assert mean.tolist() == [[[Fraction(2), Fraction(5), Fraction(0)]]]
    assert net.traffic.floats == 6


def test_network_and_problem_must_be_of_the_kind_the_algorithm_needs() -> None:
    shared, private = (random_quadratic(seed=1, n=4, p=3, q=2, shared=kind) for kind in (True, False))
    with pytest.raises(InputError, match="has a server but the network is ring:4; give J:4"):
        run(Federated(), shared, named("ring:4"), steps=1)
    with pytest.raises(InputError, match="has private lower levels but federated needs a shared one"):
        run(Federated(), private, averaging(4), steps=1)
    with pytest.raises(InputError, match="has a server"):
        probe(Federated(), shared, named("complete:4", "laplacian"))


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"policy": "windw"}, "unknown policy 'windw'; did you mean 'window'?"),
        ({"local": "0"}, "local is 0; give a whole number >= 1"),
        ({"local": "3/2"}, "local is '3/2'; give a whole number"),
        ({"capacity": "half"}, "capacity is 'half'; give a number or a string such as '1/3'"),
    ],
)
def test_settings_that_are_no_steps_are_checked(settings: dict[str, str], sentence: str) -> None:
    with pytest.raises(InputError) as refused:
        Federated.parse(settings)
    assert str(refused.value) == sentence


def test_settings_that_are_no_steps_are_read() -> None:
    made = Federated.parse({"policy": "window", "capacity": "1/4", "local": "3"})
    assert (made.policy, made.capacity, made.local) == ("window", Fraction(1, 4), 3)


LIST = Rule(
    "test/steps",
    ("alpha", "beta"),
    (
        Term("1/L", "alpha", lambda s: 1 / s.constants.L_g),
        Term("1/T", "alpha", lambda s: 1 / s.more["T"]),
        Term("alpha mu", "beta", lambda s: s.steps["alpha"] * s.constants.mu_g, lower=True),
        Term("1/(2L)", "beta", lambda s: 1 / (2 * s.constants.L_g)),
    ),
    needs=("T",),
)


def test_a_list_with_a_lower_bound() -> None:
    c = Constants(mu_g=1, L_g=4)
    rows = LIST.rows(c, 0, 1, {"beta": Fraction(1, 20)}, {"T": 10})
    assert [(row.limit, row.binds, row.allows) for row in rows] == [
        (0.25, False, None),
        (0.1, True, None),
        (0.1, True, False),  # beta >= alpha mu = 1/10 fails
        (0.125, True, True),
    ]
    assert emptied(rows, LIST.order) is None
    assert LIST.largest(c, 0, 1, more={"T": 10}) == {"alpha": 0.1, "beta": 0.125}


def test_an_empty_list_is_noticed_and_a_missing_quantity_named() -> None:
    c = Constants(mu_g=4, L_g=4)
    assert emptied(LIST.rows(c, 0, 1, more={"T": 1}), LIST.order) == "beta"
    assert emptied(LIST.rows(c, 0, 1, {"alpha": Fraction(1, 100)}, {"T": 1}), LIST.order) is None
    with pytest.raises(InputError, match="T is missing; the list of test/steps needs it"):
        LIST.rows(c, 0, 1)


def test_the_largest_step_satisfies_its_exact_bound() -> None:
    for mu in range(1, 60):
        c = Constants(mu_g=mu, L_g=Fraction(7 * mu, 3))
        alpha = LIST.largest(c, 0, 1, more={"T": Fraction(1, 1000)})["alpha"]
        assert Fraction(alpha) <= 1 / c.L_g


def test_moments_of_an_unstable_map_say_so() -> None:
    problem = random_quadratic(seed=1, n=3, p=1, q=1)
    channels: tuple[Channel, ...] = ("grad_y_g",)
    amap = probe(DSGD(alpha=50, beta=50), problem, named("ring:3"), channels=channels)
    with pytest.raises(Unstable, match="the map is unstable"):
        moments(amap, {"grad_y_g": 1.0}, 2**20)
