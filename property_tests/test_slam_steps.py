"""SLAM's step sizes: lists, exact stability, hidden conditions, and the orders of the proof's terms."""

from __future__ import annotations

import dataclasses
import json
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy as sp
from typer.testing import CliRunner

from spiritlevel.cli.main import app
from spiritlevel.core.algorithms.slam import SLAM, State
from spiritlevel.core.constants import Constants
from spiritlevel.core.errors import InputError
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.families import quadratic
from spiritlevel.theory.instruments.signs import without_minus
from spiritlevel.theory.instruments.stability import radius, step_limit
from spiritlevel.theory.slam.gradients.instances import two_tasks
from spiritlevel.theory.slam.step_sizes import (
    consensus,
    conservatism,
    descent,
    joint,
    order_claims,
    orders,
    penalty,
    speedup_claims,
)
from spiritlevel.theory.slam.step_sizes.lists import DESCENT, LEMMA_4, THEOREM_1, THEOREM_1_REPAIRED
from spiritlevel.theory.slam.step_sizes.modes import inside, stable
from spiritlevel.theory.slam.step_sizes.point import Point, bracket, chosen
from spiritlevel.theory.slam.step_sizes.signs import Powers, powers
from spiritlevel.theory.slam.step_sizes.witnesses import decrease_witness, witnesses
from spiritlevel.theory.statement import Context, Finding, Statement, Verdict
from spiritlevel.theory.step_lists.stepsize import emptied
from spiritlevel.theory.witness import Condition, check

HALF = Fraction(1, 2)
SIZES = {"T": 40_000, "alpha_0": 1, "beta_0": 1, "gamma_0": 1, "sigma_max": 4, "sigma_min": 2}
UNIT = Constants(mu_g=1, L_g=1)


def more(**other: Any) -> dict[str, Fraction]:
    return {name: Fraction(value) for name, value in (SIZES | other).items()}


def judged(statement: Statement, **substitutes: type[SLAM]) -> Finding:
    assert statement.check is not None
    return statement.check(Context(statement=statement.id, substitutes=substitutes))


# --- lists --------------------------------------------------------------------------------------------


def test_theorem_1_admits_its_own_steps_and_no_others() -> None:
    own = {"alpha": Fraction(100), "beta": Fraction(100), "gamma": Fraction(100), "rho": Fraction(1, 4)}
    assert all(row.allows for row in THEOREM_1.rows(UNIT, HALF, 4, own, more()))
    for name, value in own.items():
        at = {**own, name: value * Fraction(101, 100)}
        assert not all(row.allows for row in THEOREM_1.rows(UNIT, HALF, 4, at, more()))


@pytest.mark.parametrize(
    ("change", "empty"),
    [
        ({"beta_0": 3, "gamma_0": 12}, None),
        ({"beta_0": 3, "gamma_0": 11}, "gamma"),  # 8 sqrt(2) = 11.3
        ({"beta_0": Fraction(199, 100), "gamma_0": 12}, "beta"),  # sqrt(n)/mu = 2
        ({"beta_0": 3, "gamma_0": 12, "sigma_min": 1}, "gamma"),
        ({"beta_0": 3, "gamma_0": 12, "T": 1}, "rho"),  # 1 - 1/sqrt(T) = 0
    ],
)
def test_lemma_4_leaves_room_exactly_where_it_should(change: dict[str, Any], empty: str | None) -> None:
    rows = LEMMA_4.rows(UNIT, HALF, 4, more=more(**change))
    assert emptied(rows, LEMMA_4.order) == empty


def test_a_horizon_that_is_no_square_is_rounded_and_no_more() -> None:
    exact, rounded = (
        LEMMA_4.rows(UNIT, HALF, 4, more=more(T=T))[-2].limit
        / LEMMA_4.rows(UNIT, HALF, 4, more=more(T=T))[-1].limit
        for T in (10_000, 10_001)
    )
    assert exact == pytest.approx(0.99, rel=1e-5)
    assert rounded == pytest.approx(1 - 10_001**-0.5, rel=1e-5)


def test_descent_list_is_the_sign_of_C_2() -> None:
    constants = Constants(mu_g=1, L_g=1, C_gxy=HALF)
    given: dict[str, Any] = {"T": 8 * 10**6, "alpha_0": 1, "tasks": 1, "L_f": 1, "L_yc": Fraction(3, 2)}
    needs = {name: Fraction(value) for name, value in given.items()}
    for beta in (30, 38, 39, 50):
        rows = DESCENT.rows(constants, HALF, 8, {"alpha": Fraction(1000), "beta": Fraction(beta)}, needs)
        assert all(row.allows for row in rows) == (bracket(1000, beta, 1, 18, 8, 0) < 0)


def test_lists_need_their_quantities() -> None:
    with pytest.raises(InputError, match="sigma_max is missing"):
        THEOREM_1.rows(UNIT, HALF, 4, more={"T": 1, "alpha_0": 1, "beta_0": 1, "gamma_0": 1})


def alike(n: int, l: float, h: float) -> Any:
    """n agents with the curvatures l and h, and no coupling."""
    return quadratic([[[h]]] * n, [[[0.0]]] * n, [[0.0]] * n, A=[[[l]]] * n, shared=True)


@pytest.mark.parametrize(("gamma_0", "room"), [(Fraction(1, 300), False), (Fraction(1, 100), True)])
def test_the_repaired_list_ends_where_stability_does(gamma_0: Fraction, room: bool) -> None:
    ring, problem = named("ring:4"), alike(4, 3.0, 1.0)
    own = {name: 100.0 for name in ("alpha", "beta")} | {"gamma": float(100 * gamma_0)}
    found = step_limit(SLAM, "rho", own, problem, ring).limit
    constants = Constants(mu_g=1, L_g=1, L_fx=3)
    top = THEOREM_1_REPAIRED.rows(constants, HALF, 4, own, more(gamma_0=gamma_0))
    assert min(row.limit for row in top if row.term.name.endswith("1/gamma)")) == pytest.approx(
        found, rel=1e-8
    )
    printed = THEOREM_1.largest(constants, HALF, 4, own, more(gamma_0=gamma_0))["rho"]
    assert (found > printed) == room


# --- the command --------------------------------------------------------------------------------------

PROBLEM = ("--problem", "quadratic:p=1,q=1,seed=1,shared=yes", "--network", "ring:4")
GIVEN = "T=40000,alpha_0=1,beta_0=1"  # with a network, which knows its Laplacian


def command(*arguments: str, code: int) -> dict[str, Any]:
    result = CliRunner().invoke(app, ["steps", *arguments, "--json", "-"], env={"COLUMNS": "200"})
    assert result.exit_code == code, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def test_steps_shows_that_theorem_1_admits_what_diverges() -> None:
    small, large = (
        command("slam/tau-condition", *PROBLEM, "--constants", f"{GIVEN},gamma_0={g}", code=0)["stability"]
        for g in ("1/400", "1")
    )
    assert small["step"] == "rho"
    assert small["conservatism"] < 1 < large["conservatism"]
    sizes: dict[str, Any] = {name: float(small["others"][name]) for name in ("alpha", "beta", "gamma")}
    from spiritlevel.synthetic.families import random_quadratic

    problem = random_quadratic(1, 4, 1, 1, shared=True)
    for factor, diverges in ((0.99, False), (1.01, True)):
        made = SLAM(**sizes, rho=factor * small["value"])
        assert (radius(made, problem, named("ring:4")) > 1) == diverges


def test_steps_says_that_lemma_4_has_no_room() -> None:
    given = f"mu=1,L=2,lam=1/2,m=4,{GIVEN},sigma_min=2,sigma_max=4"
    assert command("slam/lemma4-steps", "--constants", f"{given},gamma_0=1", code=1)["empty"] == "beta"
    given = given.replace("beta_0=1", "beta_0=3")
    at = "alpha=100,beta=300,gamma=1200,rho=1/100"
    found = command("slam/lemma4-steps", "--constants", f"{given},gamma_0=12", "--at", at, code=0)
    assert found["admissible"] is True
    wide = at.replace("1/100", "1/10")
    assert (
        command("slam/lemma4-steps", "--constants", f"{given},gamma_0=12", "--at", wide, code=1)["admissible"]
        is False
    )


# --- exact stability ----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_stable_agrees_with_float_roots(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for q, gamma, u in rng.uniform((-0.3, 0.05, -0.5), (2.5, 4, 2.5), (300, 3)):
        size = abs(np.roots([1, -(2 - q - q / gamma - u), 1 - q - u])).max()
        if abs(size - 1) > 1e-9:
            assert stable(q, gamma, u) == inside(q, gamma, u) == (size < 1)


class Forgetful(SLAM):
    """The dual step without 1/gamma: then gamma no longer matters."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        after = super().step(t, s, o, net)
        lam, om = s.lam + self.rho / self.gamma**2 * after.Lx, s.om + self.rho / self.gamma**2 * after.Ly
        return dataclasses.replace(after, lam=lam, om=om)


class Undivided(SLAM):
    """A dual step small enough for the witness's gamma."""

    def step(self, t: int, s: State, o: Oracle, net: Gossip) -> State:
        after = super().step(t, s, o, net)
        return dataclasses.replace(
            after, lam=s.lam + self.rho / 100 * after.Lx, om=s.om + self.rho / 100 * after.Ly
        )


def test_another_algorithm_has_another_polynomial() -> None:
    assert judged(consensus.JURY, slam=Forgetful).verdict is Verdict.REFUTED


def test_the_condition_on_tau_would_be_supported_for_an_algorithm_that_it_suits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = judged(consensus.TAU, slam=Undivided)
    assert seen.verdict is Verdict.REFUTED  # the witness stands, whatever the code does
    assert abs(Fraction(seen.numbers["x after 41 steps"])) < 1
    falls = dataclasses.replace(witnesses()[2], claim=Condition("true", "T > 0"))
    monkeypatch.setattr(consensus, "tau_witness", lambda: falls)
    assert judged(consensus.TAU, slam=Undivided).verdict is Verdict.SUPPORTED


def test_the_repair_needs_its_gamma() -> None:
    assert judged(consensus.TAU_REPAIRED, slam=Forgetful).verdict is Verdict.REFUTED


# --- (131) to (137) -----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_the_interval_for_C_by_brute_force(seed: int) -> None:
    """A C with rho gamma kept gives (131) on every eigenvalue; it exists exactly for tau >= rho sigma_max."""
    rng = np.random.default_rng(seed)
    for _ in range(40):
        alpha, gamma, rho, low, extra = (Fraction(int(k), 4) for k in rng.integers(1, 40, 5))
        high = low + extra
        least, most = penalty.ends(alpha, gamma, rho, low, high, rho * gamma)
        assert (least <= most) == (alpha / gamma >= rho * high)
        if least <= most:
            for s in (Fraction(0), low, (low + high) / 2, high):
                assert penalty.needed(alpha - rho * gamma * s, least, rho, gamma, low) >= 0
        start, end = penalty.ends(alpha, gamma, rho, low, high, 1)
        tau = alpha / gamma
        assert (start <= end) == (2 * gamma * rho * tau**2 >= tau**2 + (rho * high) ** 2)


@pytest.mark.parametrize("seed", range(4))
def test_137_is_enough_exactly_with_39d(seed: int) -> None:
    """With tau >= rho sigma_max its first half gives (131) with >= 0 on every eigenvalue; with any smaller tau (131) fails on one."""
    rng = np.random.default_rng(seed)
    for _ in range(40):
        gamma, rho, low, extra, more = (Fraction(int(k), 4) for k in rng.integers(1, 40, 5))
        high = low + extra
        for tau, enough in (
            (rho * high + more - Fraction(1, 4), True),
            (rho * high * Fraction(9, 10), False),
        ):
            least, _ = penalty.ends(gamma * tau, gamma, rho, low, high, 1)
            modes = (gamma * tau - rho * gamma * s for s in (Fraction(0), low, (low + high) / 2, high))
            assert all(penalty.needed(d, least + more, rho, gamma, low) >= 0 for d in modes) is enough


def test_137_is_not_proved_with_half_its_weight(monkeypatch: pytest.MonkeyPatch) -> None:
    assert judged(penalty.WEIGHT).verdict is Verdict.PROVED
    ends = penalty.ends
    monkeypatch.setattr(penalty, "ends", lambda *a: (ends(*a)[0] / 8, ends(*a)[1]))
    assert judged(penalty.WEIGHT).verdict is Verdict.INCONCLUSIVE


def test_a_witness_with_rho_gamma_kept_falls() -> None:
    from spiritlevel.theory.slam.step_sizes.witnesses import weight_witness

    kept = Condition("(137), second half", "alpha >= rho*gamma*2*C/16")
    repaired = dataclasses.replace(weight_witness(), assume=(*weight_witness().assume[:2], kept))
    assert check(weight_witness()).ok
    assert not check(repaired).ok


# --- Lemma 4's conditions -----------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_no_theta_helps_below_the_hidden_gamma(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for _ in range(30):
        p = joint.sample(rng) | {"t": Fraction(10**5)}
        below, above = (chosen(p, weight) for weight in (Fraction(282, 100), Fraction(283, 100)))
        assert "(39a)" not in above.broken()
        for factor in rng.uniform(0.05, 3, 10):
            other = dataclasses.replace(below, theta=below.theta * Fraction(factor).limit_denominator(1000))
            other = dataclasses.replace(other, rho=below.rho * Fraction(int(rng.integers(1, 20)), 10))
            assert {"(39a)", "theta > 0, (42)"} & set(other.broken())


def test_every_condition_can_fail_alone() -> None:
    p = joint.sample(np.random.default_rng(0))
    good = chosen(p | {"t": Fraction(10 ** joint.least_digits(p))}, Fraction(3))
    assert good.broken() == []
    changes: dict[str, dict[str, Any]] = {
        "(39b), mu": {"mu": good.mu / 2},
        "(39d)": {"rho": good.alpha / good.gamma / good.high * 2},
        "(164)": {"L_f": good.alpha},
        "C_2 < 0": {"L_yc2": good.L_yc2 * 100},
    }
    for name, change in changes.items():
        assert name in dataclasses.replace(good, **change).broken()


def test_a_joint_point_would_be_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    """With (39a) twice as strict the same points fail, and the verdict turns."""
    real = Point.margins

    def strict(self: Point) -> Any:
        found = dict(real(self))
        return found | {"(39a)": found["(39a)"] - 3 * (self.alpha / self.t) ** 2 / 4}

    monkeypatch.setattr(Point, "margins", strict)
    monkeypatch.setattr(joint, "MOST", 5)
    assert judged(joint.JOINT).verdict is Verdict.REFUTED


# --- C_1 and C_2 --------------------------------------------------------------------------------------


def test_what_164_gives_is_no_more_than_its_factor() -> None:
    assert descent.descends(Fraction(8, 3), descent.printed_choice)
    assert not descent.descends(Fraction(13, 5), descent.printed_choice)


@pytest.mark.parametrize("form", ["(165)", "(166)", "(167)"])
def test_with_the_exact_condition_the_witness_falls(form: str) -> None:
    exact = Condition("exact", "beta < rho_g*(alpha + k)/(8*L_yc2 + k)")
    assert check(decrease_witness(form)).ok
    assert not check(dataclasses.replace(decrease_witness(form), assume=(exact,))).ok


def test_the_ratio_would_be_supported_with_the_lean_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(descent, "printed_choice", descent.lean_choice)
    assert judged(descent.RATIO).verdict is Verdict.SUPPORTED


def test_the_choice_is_inconclusive_with_the_printed_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(descent, "lean_choice", descent.printed_choice)  # n enters
    assert judged(descent.CHOICE).verdict is Verdict.INCONCLUSIVE


# --- orders -------------------------------------------------------------------------------------------


def test_powers_and_signs() -> None:
    T, n, a = sp.symbols("T n a", positive=True)
    assert powers(a * n**2 / T + 3 * n / T, T, n) == Powers(-1, 2)
    assert without_minus(a**2 / (n + 1))
    assert not without_minus(a - n)
    assert without_minus(a - n + 2 * n)


def test_the_bias_decides_138(monkeypatch: pytest.MonkeyPatch) -> None:
    real = orders.upper_consensus

    def without(v: Any) -> dict[str, Any]:
        return {name: term for name, term in real(v).items() if name != "gamma/rho n b^2"}

    monkeypatch.setattr(orders, "upper_consensus", without)
    assert judged(order_claims.UPPER).verdict is Verdict.PROVED


def test_the_start_of_148_counts_by_its_weight(monkeypatch: pytest.MonkeyPatch) -> None:
    found = judged(order_claims.START)
    assert found.verdict is Verdict.REFUTED
    assert found.summary.endswith("True")
    real = order_claims.start_potential
    # without D the start is a constant
    monkeypatch.setattr(order_claims, "start_potential", lambda v, a, h: (v.rho * a**2, real(v, a, h)[1]))
    assert judged(order_claims.START).verdict is Verdict.PROVED


def test_the_potential_after_a_step_is_that_of_slam() -> None:
    """SLAM without gradients on an edge from (1, -1): the potential of lemma 8, by hand and by `start_potential`."""
    beta, gamma, rho = Fraction(20), Fraction(10), Fraction(1, 2)
    y1 = np.array([Fraction(1), Fraction(-1)])
    L = np.array([[1, -1], [-1, 1]])
    y2 = y1 - rho * gamma * (L @ y1) / beta
    move = y2 - y1
    weighted = move @ (beta * move - rho * gamma * (L @ move))
    at: Any = type("At", (), {"rho": rho, "gamma": gamma, "beta": beta, "high": 2})
    apart, mean = order_claims.start_potential(at, 1, 3)
    assert 2 * apart == rho / 2 * (y2 @ L @ y2) + weighted / 2
    assert mean == beta * (Fraction(3) / beta) ** 2 / 2


def test_a_larger_constant_would_break_148(monkeypatch: pytest.MonkeyPatch) -> None:
    real = orders.lower_consensus
    monkeypatch.setattr(orders, "lower_consensus", lambda v: {k: t * v.n for k, t in real(v).items()})
    assert judged(order_claims.LOWER).verdict is Verdict.REFUTED


def test_steady_constants_are_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "upper_movement", lambda v: v.D_x * v.alpha)
    assert judged(order_claims.UPPER_REPAIRED).verdict is Verdict.INCONCLUSIVE


def test_174_would_hold_without_the_term_that_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    real = orders.optimality
    names = ("start", "sigma_g^2/(n beta^2)", "sigma_f^2/(n alpha^2)")
    monkeypatch.setattr(
        orders, "optimality", lambda v, d: {k: t for k, t in real(v, d).items() if k in names}
    )
    assert judged(speedup_claims.VALID).verdict is Verdict.PROVED


def test_the_sum_of_171_is_free_of_n_because_k_grows_with_n() -> None:
    """With k divided by n^2 the least sum would fall like 1/n^2."""
    printed, lean = (
        [speedup_claims.best_sum(1.0, 1e16, n, L_y=0.5 / scale(n)) * 1e8 for n in (4, 16)]
        for scale in (lambda n: 1, lambda n: n)
    )
    assert printed[0] == pytest.approx(printed[1], rel=1e-3)
    assert lean[1] < lean[0] / 10


def test_the_division_witness_is_a_run_of_slam() -> None:
    problem = quadratic([[[1]]] * 2, [[[0]]] * 2, [[0]] * 2, A=[[[0]]] * 2, y0=[1], shared=True).over(
        "fraction"
    )
    a = SLAM(alpha=Fraction(100), beta=Fraction(100), gamma=Fraction(30), rho=Fraction(1)).over("fraction")
    o, net = Oracle(problem), Gossip(named("path:2", exact=True))
    x, y = (z[None] for z in problem.start())
    s, total = a.init(x, y, o, net), Fraction(0)
    for t in range(1, 101):
        total += sum(v**2 for v in s.y.reshape(-1))
        s = a.step(t, s, o, net)
    assert float(total / 100) == pytest.approx(0.870372, abs=1e-6)


# --- conservatism -------------------------------------------------------------------------------------


def test_the_limit_separates_stable_from_unstable() -> None:
    problem, ring = two_tasks(3, 5, "H").over("float"), named("ring:5")
    found = conservatism.limit(SLAM, problem, ring)
    top = float(np.linalg.eigvalsh(ring.laplacian)[-1])
    for factor, diverges in ((0.999, True), (1.001, False), (3.0, False)):
        alpha = factor * found
        made = SLAM(alpha=alpha, beta=alpha, gamma=alpha, rho=0.9 / top)
        assert (radius(made, problem, ring) > 1) == diverges


def test_an_algorithm_without_a_limit_is_not_conservative() -> None:
    class Reversed(SLAM):
        def scaled(self, h: Any) -> Any:
            return -h

    assert judged(conservatism.CONSERVATISM, slam=Reversed).verdict is Verdict.REFUTED
