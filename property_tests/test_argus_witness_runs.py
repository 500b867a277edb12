"""The iterates that Argus's witnesses define are those of the implementation, exactly."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from spiritlevel.core.activity import Scripted
from spiritlevel.core.algorithms.argus import Argus
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.networks import averaging
from spiritlevel.core.numbers import convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.composite import with_l1
from spiritlevel.synthetic.constructors import quadratic
from spiritlevel.theory.argus.algorithms.planes import line
from spiritlevel.theory.argus.lemmas import lines_witnesses, witnesses
from spiritlevel.theory.argus.lemmas.kink_witness import line46_l1
from spiritlevel.theory.witness import Witness, check

F = Fraction


def values(witness: Witness) -> dict[str, list[Fraction]]:
    """What a witness gives and defines, by name; a number is a list of one."""
    found = {}
    for text in check(witness).computed:
        name, *_, value = re.sub(r" \([^()]*\)$", "", text).split(" = ")
        found[name] = [F(part) for part in re.findall(r"-?\d+(?:/\d+)?", value)]
    return found


def course(
    problem: Any, starts: tuple[Any, Any], awake: tuple[tuple[int, ...], ...], **settings: Any
) -> list[Any]:
    """The states of an exact run over the averaging network, the first among them."""
    n = problem.n
    a = Argus(**settings).over("fraction")
    o, net = Oracle(problem), Gossip(averaging(n, exact=True), Scripted(awake).source(0, range(1)))
    x, y = (convert([[[F(v)] for v in z]], "fraction") for z in starts)
    found: list[Any] = [a.init(x, y, o, net)]
    for t in range(1, len(awake) + 1):
        net.advance(t)
        found.append(a.step(t, found[-1], o, net))
    return found


def entries(z: Any) -> list[Fraction]:
    """All entries of an array or the number, as Fractions."""
    return [F(str(v)) for v in np.asarray(z, dtype=object).ravel()]


def upper(targets: Sequence[int], curvature: Fraction = F(1)) -> Any:
    """``G_i = curvature (x - target_i)^2 / 2``, for scalar x and y."""
    n = len(targets)
    one = [[[F(1)]]] * n
    A = [[[curvature]]] * n
    return quadratic(
        one, [[[F(0)]]] * n, [[F(0)]] * n, A=A, a=[[-curvature * z] for z in targets], shared=True
    )


TURNS = ((1, 0, 0), (0, 1, 0), (0, 0, 1)) * 2


def test_turns_of_46() -> None:
    found = values(lines_witnesses.line46())
    run = course(upper((0, 0, 0)), ([1] * 3, [0] * 3), TURNS[:3], eta=found["eta"][0], T_1=0, M=1)
    for t in (1, 2, 3):
        assert entries(run[t].x) == found[f"x_{t}"]


@pytest.mark.parametrize("in_y", [False, True])
def test_two_steps_of_lemmas_2_and_4(in_y: bool) -> None:
    found = values(witnesses.lemma4(in_y))
    one, a = [[[F(1)]]] * 2, [[F(-3)], [F(1)]]
    zero = [[[F(0)]]] * 2
    own: dict[str, Any] = {"Q": one, "e": a} if in_y else {"A": one, "a": a}
    problem = quadratic(one, zero, [[F(0)]] * 2, **own, shared=True)
    run = course(problem, ([0, 0], [0, 0]), ((1, 1),) * 2, eta=found["eta"][0], T_1=0, M=1)
    z = [entries(s.y if in_y else s.x) for s in run]
    assert z[1] == found["z_1"]
    assert z[2] == found["z_new"]
    if in_y:
        assert z[2] == values(witnesses.lemma2())["z_new"]


@pytest.mark.parametrize("a", ["24", "1"])
def test_turns_of_49(a: str) -> None:
    """All six rounds, and theta_12 before the last; y stays 0."""
    found = values(lines_witnesses.line49(a))
    problem = upper((int(a), 1, 1), F(1, 2))
    run = course(problem, ([0] * 3, [0] * 3), TURNS, eta=found["eta"][0], T_1=0, M=1)
    for t in range(1, 7):
        assert entries(run[t].x) == found[f"x_{t}"]
        assert not run[t].y.any()
    assert entries(run[5].theta[0, 0, 1]) == found["theta"]
    assert entries(run[6].theta[0, 0, 1]) == found["theta"]


@pytest.mark.parametrize("wakes", [0, 1])
def test_the_cut_of_the_sleeper_in_48(wakes: int) -> None:
    """line(0) is G = (x^2 + y^2)/2 over g = (y - x)^2/2."""
    found = values(lines_witnesses.line48(wakes))
    eta, eps = found["eta"][0], found["eps"][0]
    awake = ((1, 1), (1, 1), (1, 0), (1, 0), (1, wakes))
    run = course(line(0), ([0, 0], [1, 1]), awake, eta=eta, eta_y=F(1), eps=eps, iota=2, T_1=2, M=2)
    s, c = found["s"][0], found["c"][0]
    for i in (0, 1):
        assert entries(run[2].a[0, i, 0]) == [-s, -s]
        assert entries(run[2].b[0, i, 0]) == [s, s]
        assert entries(run[2].c[0, i, 0]) == [c]
    for t in range(1, 6):
        assert entries(run[t].y) == found[f"y_{t}"]
        assert entries(run[t].x) == (found[f"x_{t}"] if t > 2 else [0, 0])
    assert entries(run[4].lam[0, :, 0]) == found["lam_4"]
    assert entries(run[5].lam[0, 1, 0]) == found["next_lam"]
    assert entries(run[4].cuts.values(run[4].x, run[4].y)[0, 1, 0]) == found["cut"]


@pytest.mark.parametrize("movers", [1, 2])
def test_the_kink_of_46(movers: int) -> None:
    """Two rounds exactly; in the third, where theta is damped by 1/sqrt(2), within what the witness allows."""
    found = values(line46_l1(movers))
    problem = with_l1(upper([-1] * movers + [1] * (3 - movers)), above=F(1))
    start = found["x_0"] * 3
    run = course(problem, (start, [0] * 3), ((1, 1, 1),) * 3, eta=found["eta"][0], T_1=0, M=1)
    for t in (1, 2):
        mover, other = found[f"p_{t}"], found[f"q_{t}"]
        assert entries(run[t].x) == mover * movers + other * (3 - movers)
    assert abs(entries(run[2].theta[0, 0, 2])[0]) <= found["most"][0]
    third, d = entries(run[3].x), found["d"][0]
    assert third[:movers] == [0] * movers
    assert all(abs(v - d) <= found["off"][0] for v in third[movers:])
