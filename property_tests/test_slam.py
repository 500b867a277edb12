"""SLAM's claims about its own steps: the literal text by hand, costs, and every check on something that breaks it."""

import dataclasses
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.algorithms import algorithm
from spiritlevel.core.driver import run
from spiritlevel.core.errors import InputError
from spiritlevel.core.graphs import named
from spiritlevel.core.noise import Additive
from spiritlevel.synthetic.families import random_quadratic
from spiritlevel.theory.instruments.formal import X0, is_zero
from spiritlevel.theory.instruments.formal_graphs import GAMMA, L, different, step_over_graph, summed
from spiritlevel.theory.judge import judge
from spiritlevel.theory.planted import Planted
from spiritlevel.theory.slam.algorithms import (
    averages,
    elementary,
    equivalence,
    extra,
    problem_text,
    reductions,
    spending,
    starts,
    structure,
    text_claims,
    witnesses,
)
from spiritlevel.theory.slam.algorithms.literal import (
    Dual,
    Memory,
    Setting,
    algorithm_step,
    dual_step,
    incidence,
    mixing,
    solve,
    started,
    two_step,
)
from spiritlevel.theory.slam.algorithms.script import Script, Sizes
from spiritlevel.theory.slam.planted import slam, variants
from spiritlevel.theory.slam.planted.parts import Both, Lower, TwoStep, Upper
from spiritlevel.theory.statement import Statement, Verdict
from spiritlevel.theory.witness import check as recheck

F = Fraction
EDGE = incidence(2, [(0, 1)])
C = Setting(alpha=F(4), beta=F(2), gamma=F(2), rho=F(1, 2))
PLANTED = {(p.algorithm.name, p.name): p for p in (*slam.PLANTED, *variants.PLANTED)}


def ask(i: int, channel: str, k: int, x: Any, y: Any) -> Any:
    """Numbers for two scalar agents; the Hessians are 2 and 3."""
    values = {"grad_x_f": 5, "grad_y_f": 6, "grad_y_g": 4, "hess_xy_g": 1, "hess_yy_g": 2 + i}
    return [[F(values[channel])]] if channel.startswith("hess") else [F(values[channel])]


def fields(s: Dual) -> Any:
    return s.X, s.Y, s.LAM, s.OM


def test_one_primal_dual_step_by_hand() -> None:
    """A'omega = (-1, 1), A'Ay = (-2, 2), h_f = (2, 3), A'lambda = (1, -1), A'Ax = (-2, 2); rho gamma = 1, rho/gamma = 1/4."""
    X: Any = [[F(1)], [F(3)]]
    LAM: Any = [[F(1)]]
    OM: Any = [[[F(-1)]]]
    s = Dual(X, [[[F(0)], [F(2)]]], LAM, OM)
    after, Y = [[F(1, 2)], [F(9, 4)]], [[[0], [-2]]]
    assert fields(dual_step(s, EDGE, C, ask)) == (after, Y, [[F(9, 16)]], [[[F(-1, 2)]]])
    # 1 - 2/4, 3 - 3/4: here the two other terms cancel
    assert fields(dual_step(s, EDGE, C, ask, "lower")) == (after, Y, LAM, [[[F(-1, 2)]]])
    assert fields(dual_step(s, EDGE, C, ask, "upper"))[1:] == ([[[-2], [0]]], [[F(9, 16)]], OM)
    assert fields(dual_step(s, EDGE, C, ask, share=2))[0][0] == [F(3, 4)]  # 1 - (1 + 2 - 2)/4


def test_one_two_step_iteration_by_hand() -> None:
    """tau = 4/2: W = I - 3/16 L and W' = I - 1/4 L."""
    w, v = mixing(EDGE, 2, F(4), C)
    assert w == [[F(13, 16), F(3, 16)], [F(3, 16), F(13, 16)]]
    assert v == [[F(3, 4), F(1, 4)], [F(1, 4), F(3, 4)]]
    s = Memory([[F(16)], [F(0)]], [[F(4)], [F(8)]], [[F(1)], [F(2)]])
    h: Any = [[F(5)], [F(2)]]
    after = two_step(s, h, EDGE, F(4), C)
    assert after.z == [[26 - 5 - 1], [6 - 7]]
    assert (after.old, after.h) == (s.z, h)


def test_the_two_literal_forms_agree_from_zero_multipliers_only() -> None:
    sizes = Sizes(3, 1, 1, 1)
    rng = np.random.default_rng(7)
    A, (X, Y) = incidence(3, [(0, 1), (2, 1)]), text_claims.nested(rng, sizes, 3)
    dual, x, y = started(X, Y, 2), Memory(X), [Memory(z) for z in Y]
    zero = [[F(0)] for _ in range(3)]
    blank = Memory(X, X, zero)
    for r in range(3):
        script = Script(rng, sizes)
        h = [script.ask(i, "grad_x_f", 0, x.z[i], [y[0].z[i]]) for i in range(3)] if r == 0 else None
        dual = dual_step(dual, A, C, script.ask)
        x, y = algorithm_step(x, y, A, C, script.ask)
        assert fields(dual)[:2] == (x.z, [y[0].z])
        if h is not None:
            assert two_step(blank, h, A, F(4), C).z != two_step(Memory(X), h, A, F(4), C).z


def test_solve_refuses_nothing_but_singular_matrices() -> None:
    assert solve([[F(0), F(1)], [F(1), F(0)]], [F(2), F(3)]) == [3, 2]
    with pytest.raises(StopIteration):
        solve([[F(1), F(1)], [F(1), F(1)]], [F(2), F(3)])


def test_a_script_refuses_what_the_text_does_not_ask() -> None:
    channel: Any = "value"
    with pytest.raises(InputError, match="not in the text"):
        Script(np.random.default_rng(0), Sizes(2, 1, 1, 1)).coefficients(channel, 0)


@pytest.mark.parametrize(
    ("name", "numbers"), [("slam", 5), ("slam-two-step", 5), ("slam-l", 3), ("slam-u", 2)]
)
def test_slam_spends_what_the_paper_says(name: str, numbers: int) -> None:
    """By hand: each of 7 steps asks three gradients, one solve, one cross product; the start and each step are one
    round, in which each of the 10 directed edges of the 5-ring carries x (p = 2) or y (q = 3) or both."""
    problem = random_quadratic(seed=4, n=5, p=2, q=3, shared=name != "slam-u")
    trace = run(algorithm(name)(), problem, named("ring:5"), steps=7, record=[7], noise=Additive(1), seed=3)
    assert {key: int(values[-1]) for key, values in trace.counts.items()} == {
        "gradients": 21,
        "hessians": 0,
        "cross_hessians": 7,
        "solves": 7,
        "samples": 5 * 7,
        "rounds": 8,
        "messages": 80,
        "floats": 80 * numbers,
    }


@pytest.mark.parametrize("network", ["ring:5", "path:5", "star:5", "complete:5"])
def test_both_forms_stay_together_in_floats(network: str) -> None:
    """300 noisy iterations; the sum of 300 roundings of numbers of size 10 is far below 1e-11."""
    problem, found = random_quadratic(seed=8, n=5, p=2, q=2, shared=True), []
    for name in ("slam", "slam-two-step"):
        form: Any = algorithm(name)
        a = form(alpha=60.0, beta=60.0, gamma=10.0, rho=0.6)
        trace = run(
            a, problem, named(network), steps=300, x0=np.arange(10.0).reshape(5, 2), noise=Additive(1), seed=5
        )
        assert trace.stopped is None
        found.append(np.concatenate([trace.x, trace.y], axis=-1))
    assert np.abs(found[0]).max() < 30
    assert np.abs(found[0] - found[1]).max() < 1e-11


def verdict(statement: Statement, wrong: Planted | None = None) -> tuple[Verdict, bool]:
    substitutes: dict[str, type[Algorithm]] = {wrong.algorithm.name: wrong.algorithm} if wrong else {}
    finding = judge(statement, alpha=1e-4, substitutes=substitutes).finding
    return finding.verdict, finding.crashed


@pytest.mark.parametrize(
    ("statement", "name", "error"),
    [
        (equivalence.EQUIVALENCE, "slam", "late-dual"),
        (equivalence.EQUIVALENCE, "slam-l", "dual-descent"),
        (equivalence.EQUIVALENCE, "slam-l", "jacobi"),
        (equivalence.EQUIVALENCE, "slam-u", "late-dual"),
        (equivalence.EQUIVALENCE, "slam-two-step", "sampled-again"),
        (equivalence.EQUIVALENCE, "slam-two-step", "blank-start"),
        (starts.ANY, "slam", "long-dual"),
        (starts.REPEATED, "slam-two-step", "gamma-forgotten"),
        (extra.EXTRA, "slam-two-step", "inverse-gamma"),
        (averages.MEANS, "slam", "jacobi"),
        (averages.MEANS, "slam-u", "mixed-lower"),
        (averages.TWO_STEP, "slam-two-step", "not-stored"),
        (structure.DECENTRALISED, "slam", "everyone"),
        (structure.DECENTRALISED, "slam", "no-penalty"),
        (reductions.ARGMIN, "slam", "no-gamma"),
        (reductions.ONE_AGENT, "slam", "upper-first"),
        (reductions.ONE_AGENT, "slam-u", "step-not-inverse"),
        (reductions.ONE_LEVEL, "slam-l", "mixed-upper"),
        (reductions.LAGRANGIAN_REPAIRED, "slam", "other-scale"),
        (spending.ROUND, "slam", "two-rounds"),
        (spending.LOOP, "slam", "extravagant"),
        (spending.LOOP, "slam-two-step", "sampled-again"),
    ],
    ids=lambda value: value.id if isinstance(value, Statement) else str(value),
)
def test_checks_come_out_otherwise_on_wrong_algorithms(statement: Statement, name: str, error: str) -> None:
    found, crashed = verdict(statement, PLANTED[name, error])
    assert found is Verdict.REFUTED
    assert not crashed


def test_multiplier_sums_can_fail() -> None:
    class Leaking(Both):
        """The multipliers forget."""

        def ascended(self, pushed: Any, Lz: Any, Lz_old: Any) -> Any:
            return pushed / 2 + self.rho / self.gamma * Lz

    assert verdict(averages.MULTIPLIERS, Planted("leaking", "halved", Leaking)) == (Verdict.REFUTED, False)


def test_looking_at_the_time_is_noticed() -> None:
    class Decaying(Both):
        """A step size that decays."""

        def step(self, t: int, s: Any, o: Any, net: Any) -> Any:
            slower: Any = dataclasses.replace(self, alpha=self.alpha * t)
            return Both.step(slower, 1, s, o, net)

    wrong = Planted("decaying", "alpha t in the place of alpha", Decaying)
    for statement in (text_claims.PRIMAL_DUAL, spending.ROUND, spending.LOOP):
        assert verdict(statement, wrong) == (Verdict.REFUTED, False)


@pytest.mark.parametrize(
    ("statement", "pieces"),
    [
        (text_claims.PRIMAL_DUAL, Both),
        (text_claims.LOWER_ONLY, Lower),
        (text_claims.UPPER_ONLY, Upper),
        (text_claims.TWO_STEP, TwoStep),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_the_pieces_put_together_are_the_text(statement: Statement, pieces: type[Algorithm]) -> None:
    assert verdict(statement, Planted("none", "nothing is wrong", pieces)) == (Verdict.PROVED, False)


def test_every_form_has_its_share_of_planted_errors() -> None:
    names = [name for name, _ in PLANTED]
    assert names.count("slam") >= 12
    assert min(names.count(name) for name in ("slam-l", "slam-u", "slam-two-step")) >= 4


@pytest.mark.parametrize(
    "fact", [elementary.quadrilateral, elementary.young, elementary.jensen, elementary.variance]
)
def test_elementary_facts_need_their_factors(fact: Any) -> None:
    assert fact()[0]
    assert not fact("3/4")[0]


def test_extra_order_fails_below_1_and_holds_above() -> None:
    """An edge with rho/tau = 1/4, in numbers."""
    for gamma, sign in ((0.5, -1), (1.0, 0), (2.0, 1)):
        c = Setting(gamma=F(gamma), rho=F(1, 2), alpha=F(2) * F(gamma))
        W, V = (np.array(M, dtype=float) for M in mixing(EDGE, 2, c.alpha, c))
        gaps = np.linalg.eigvalsh((np.eye(2) + 2 * W - np.eye(2)) / 2 - V)
        assert np.sign(gaps[np.abs(gaps).argmax()].round(12)) == sign
    assert all(extra.orders().values())


def test_formal_sums_use_one_law_only() -> None:
    assert is_zero(summed(L * L * X0 - GAMMA * L * X0))
    assert not is_zero(summed(X0 + L * X0))
    assert not different({"L": (L * X0, L * X0)})
    run_ = step_over_graph(algorithm("slam"))
    assert different({"x": (run_.after.x, run_.state.x)}) == ["x"]


def test_witnesses_need_what_they_say() -> None:
    assert all(recheck(w).ok for w in witnesses.witnesses())
    zero, sums, lagrangian = witnesses.witnesses()

    def started_from(w: Any, **changed: str) -> Any:
        (block,) = w.iterate
        start = tuple((name, changed.get(name, expression)) for name, expression in block.start)
        return dataclasses.replace(w, iterate=(dataclasses.replace(block, start=start),))

    assert not recheck(started_from(zero, old="x1")).ok  # from x^0 = x^1 nothing moves
    with_own = tuple((name, {"Wn": "W", "Vn": "V"}.get(name, expression)) for name, expression in sums.define)
    assert not recheck(dataclasses.replace(sums, define=with_own)).ok
    halved = tuple((name, "x/2" if name == "h" else expression) for name, expression in lagrangian.define)
    assert not recheck(dataclasses.replace(lagrangian, define=halved)).ok


def test_an_unsigned_incidence_matrix_has_no_laplacian() -> None:
    unsigned = [[abs(entry) for entry in row] for row in EDGE]
    W, _ = mixing(unsigned, 2, F(4), C)
    assert sum(W[0]) != 1
    assert structure.wrong_matrices(2, C, F(4)) == 0


def test_starts_by_hand() -> None:
    """f = (x - 1)^2/2, alpha = 2, x^1 = 1: 2 - 0 - 0, then 4 - 1 - (1 - 0)/2."""
    from spiritlevel.theory.statement import Context

    ctx = Context(statement="slam/start-zero")
    assert starts.zero_start_run(ctx, "zero", 2) == [1, 2, F(5, 2)]
    assert starts.zero_start_run(ctx, "repeated", 2) == [1, 1, 1]


@pytest.mark.parametrize(
    ("witness", "change"),
    [
        (problem_text.stacked_witness(), {"c": [0, 0]}),  # equal agents
        (problem_text.own_witness(), {"e1": [0, 0]}),  # the other agent does not move
        (problem_text.special_witness(), {"e1": [1, 0], "x": ["1/2", "1/2"]}),
    ],
    ids=lambda value: getattr(value, "statement", ""),
)
def test_witnesses_about_the_problem_can_fall(witness: Any, change: dict[str, Any]) -> None:
    assert recheck(witness).ok
    assert not recheck(dataclasses.replace(witness, given={**witness.given, **change})).ok


def test_a2_needs_rows_that_cancel(monkeypatch: pytest.MonkeyPatch) -> None:
    def unsigned(n: int, edges: Any) -> Any:
        return [[abs(entry) for entry in row] for row in incidence(n, edges)]

    monkeypatch.setattr(problem_text, "incidence", unsigned)
    assert verdict(problem_text.A2) == (Verdict.REFUTED, False)
