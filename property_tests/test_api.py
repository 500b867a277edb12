"""The Python API: the same as the commands, in one or two lines."""

import inspect
from pathlib import Path

import numpy as np
import pytest

import spiritlevel
from spiritlevel.core import driver
from spiritlevel.core.algorithms.interact import Interact
from spiritlevel.core.errors import InputError
from spiritlevel.core.graphs import named
from spiritlevel.core.networks import Network
from spiritlevel.core.noise import Additive
from spiritlevel.synthetic.families import random_quadratic
from spiritlevel.synthetic.io import write_matrix, write_problem
from spiritlevel.theory.statement import Verdict


def test_statements_are_the_ledger() -> None:
    found = spiritlevel.statements()
    assert list(found) == sorted(found)
    assert found["interact/mix-repaired"].repairs == "interact/mix"


def test_check_judges_what_matches() -> None:
    found = spiritlevel.check("interact/mix*", "interact/tracking")
    assert [j.statement.id for j in found] == ["interact/mix", "interact/mix-repaired", "interact/tracking"]
    assert [j.finding.verdict for j in found] == [Verdict.REFUTED, Verdict.PROVED, Verdict.PROVED]
    with pytest.raises(InputError, match="did you mean"):
        spiritlevel.check("interact/mxi")
    with pytest.raises(InputError, match="jobs is 0"):
        spiritlevel.check("interact/mix", jobs=0)
    with pytest.raises(InputError, match="level is 'fast'"):
        spiritlevel.check("interact/mix", level="fast")  # type: ignore[arg-type]


def test_names_files_and_objects_give_the_same_run(tmp_path: Path) -> None:
    problem, network = random_quadratic(1, 4, 3, 2), named("ring:4")
    write_problem(problem, tmp_path / "problem.npz")
    write_matrix(network.W, tmp_path / "W.json")
    by_name = spiritlevel.run("interact", "quadratic:seed=1", "ring:4", steps=30, alpha="1/20", beta=0.1)
    by_file = spiritlevel.run(
        "interact", tmp_path / "problem.npz", tmp_path / "W.json", steps=30, alpha=0.05, beta=0.1
    )
    by_object = spiritlevel.run(Interact(alpha=0.05, beta=0.1), problem, network, steps=30)
    assert np.array_equal(by_name.x, by_file.x)
    assert np.array_equal(by_name.x, by_object.x)
    assert np.array_equal(by_name.x, driver.run(Interact(0.05, 0.1), problem, network, steps=30).x)


def test_noise_is_a_number_or_a_model() -> None:
    def run(noise: float | Additive) -> np.ndarray:
        return spiritlevel.run("interact", "quadratic", "ring:4", steps=5, noise=noise, seed=2).x

    assert np.array_equal(run(0.5), run(Additive(0.5)))
    assert not np.array_equal(run(0.5), run(Additive({"grad_y_g": 0.5})))


def test_run_takes_every_argument_of_the_driver() -> None:
    ours, theirs = (inspect.signature(f).parameters for f in (spiritlevel.run, driver.run))
    assert set(theirs) <= set(ours)
    same = set(theirs) - {"algorithm", "problem", "network", "noise", "metrics"}
    assert {name: ours[name].default for name in same} == {name: theirs[name].default for name in same}


def test_wrong_arguments_of_run() -> None:
    with pytest.raises(InputError, match="did you mean 'alpha'"):
        spiritlevel.run("interact", "quadratic", "ring:4", steps=1, alfa=1)
    with pytest.raises(InputError, match="beside an algorithm"):
        spiritlevel.run(Interact(), "quadratic", "ring:4", steps=1, alpha=1)
    with pytest.raises(InputError, match="leave weights out"):
        spiritlevel.run("interact", "quadratic", named("ring:4"), steps=1, weights="third")
    with pytest.raises(InputError, match="4 agents but the network has 5"):
        spiritlevel.run("interact", random_quadratic(1, 4, 1, 1), "ring:5", steps=1)
    with pytest.raises(InputError, match="network is a list"):
        spiritlevel.run("interact", "quadratic", [[1]], steps=1)  # type: ignore[arg-type]


def test_the_diabetes_data_run_over_the_karate_club() -> None:
    pytest.importorskip("sklearn")
    trace = spiritlevel.run("interact", "diabetes", "karate", steps=40, alpha=0.01, beta=0.01)
    assert trace.x.shape[2:] == (34, 10)
    assert trace.metrics["stationarity"][0, -1] < trace.metrics["stationarity"][0, 0]


def test_steps_from_a_problem_and_from_its_constants_agree() -> None:
    problem, network = random_quadratic(3, 4, 1, 1), Network(named("ring:4").W)
    one = spiritlevel.steps("interact/thm1", problem=problem, network=network, at={"alpha": "1e-30"})
    constants = {name: value for name, value in vars(problem.constants).items() if np.isfinite(float(value))}
    other = spiritlevel.steps("interact/thm1", constants=constants, network="ring:4")
    assert one.admissible
    assert other.admissible is None
    # the gradient in y is unbounded, but nothing else than zeros multiplies its bound
    assert one.largest == pytest.approx(other.largest)
    assert one.violated == ("A2(b) violated on quadratic: C_fy = inf",)
    assert one.limit is not None
    assert one.limit.value > one.largest["alpha"]
    assert other.limit is None


def test_the_version_is_a_version_and_nothing_else_is_invented() -> None:
    assert spiritlevel.__version__[0].isdigit()
    with pytest.raises(AttributeError, match="no attribute 'chek'"):
        spiritlevel.chek  # type: ignore[attr-defined] # noqa: B018
