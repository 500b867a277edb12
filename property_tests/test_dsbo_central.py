"""The central-server variant, what the network does to DSBO, and vectors: each against another way, and on wrong versions."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.algorithms.dsbo import DSBO
from spiritlevel.core.algorithms.dsbo_central import DSBOCentral
from spiritlevel.core.driver import run
from spiritlevel.core.errors import InputError
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.networks import Network, averaging
from spiritlevel.core.noise import Probe
from spiritlevel.core.numbers import Array, convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.problem import Channel, Problem
from spiritlevel.synthetic.families import quadratic, random_quadratic
from spiritlevel.theory.dsbo.planted import central as wrong_servers
from spiritlevel.theory.dsbo.planted import dsbo as wrong
from spiritlevel.theory.dsbo.planted.parts import Parts
from spiritlevel.theory.dsbo.text import dropped_term
from spiritlevel.theory.dsbo.theorems import central, central_text, contraction, network_noise, vectors
from spiritlevel.theory.dsbo.theorems.moments import (
    MOVING,
    SIGMA,
    constants,
    curvature,
    mean_x,
    ring,
    solution,
)
from spiritlevel.theory.instruments.moments import Unstable
from spiritlevel.theory.instruments.varying import follow
from spiritlevel.theory.statement import Context, Finding, Statement, Verdict
from spiritlevel.theory.witness import check as recheck

ROUNDING = 1e-12
SETTINGS: dict[str, Any] = {"alpha": Fraction(1, 8), "beta": Fraction(1, 3), "gamma": Fraction(1, 10), "b": 2}


def put(statement: Statement, **substitutes: type[Algorithm]) -> Finding:
    assert statement.check is not None
    names = {name.replace("_", "-"): kind for name, kind in substitutes.items()}
    return statement.check(Context(statement=statement.id, substitutes=names))


def exact_run(
    a: Algorithm, problem: Problem, network: Network, steps: int, start: Array | None = None
) -> list[Any]:
    o, net = Oracle(problem), Gossip(network)
    zeros = (convert(np.zeros((1, problem.n, k), dtype=int), "fraction") for k in (problem.p, problem.q))
    x0, y0 = zeros
    states = [a.over("fraction").init(x0 if start is None else start, y0, o, net)]
    for t in range(1, steps + 1):
        states.append(a.over("fraction").step(t, states[-1], o, net))
    return states


def test_a_server_sees_the_mean_problem_only() -> None:
    """Noise off: agents that differ in everything are one agent with the means of all blocks, exactly."""
    problem: Any = random_quadratic(5, 4, 2, 3, shared=True, rational=True)
    blocks = {k: getattr(problem.lower, k) for k in "HBc"} | {k: getattr(problem.upper, k) for k in "AaEQe"}
    one = quadratic(**{k: z.sum(axis=0, keepdims=True) / 4 for k, z in blocks.items()}, shared=True)
    many = exact_run(DSBOCentral(**SETTINGS), problem, averaging(4, exact=True), 5)
    alone = exact_run(DSBO(**SETTINGS), one, averaging(1, exact=True), 5)
    for s, z in zip(many, alone, strict=True):
        assert all((getattr(s, k) == getattr(z, k)).all() for k in "xyshuvq")
    assert (many[-1].x != 0).all()


def test_agents_that_start_apart_start_from_their_mean() -> None:
    problem = random_quadratic(5, 3, 1, 1, shared=True, rational=True)
    start = convert([[[1], [2], [6]]], "fraction")
    assert exact_run(DSBOCentral(), problem, averaging(3, exact=True), 0, start)[0].x.tolist() == [[[3]]]


def test_a_server_spends_one_round_and_what_is_sent() -> None:
    """By hand: up p + 2 q + p q + b q q = 2 + 6 + 6 + 18 floats per agent, down p + q = 5; 5 agents, 7 steps."""
    problem = random_quadratic(seed=4, n=5, p=2, q=3, shared=True)
    trace = run(DSBOCentral(b=2), problem, averaging(5), steps=7, record=[7])
    spent = {key: int(values[-1]) for key, values in trace.counts.items()}
    assert spent["gradients"] == 3 * 7
    assert (spent["hessians"], spent["cross_hessians"]) == (2 * 7, 7)
    assert (spent["rounds"], spent["messages"], spent["floats"]) == (7, 70, 7 * 5 * (32 + 5))
    with pytest.raises(InputError, match="has a server"):
        run(DSBOCentral(), problem, named("ring:5"), steps=1)


@pytest.mark.parametrize(
    ("name", "statement"),
    [
        ("sum", central.RATE),
        ("plus", central.SAME_RATE),
        ("total", central.CONSENSUS),
        ("two-rounds", central_text.TEXT),
        ("one-hessian", central_text.TEXT),
        ("late-clock", central_text.TEXT),
        ("one-agent", central_text.IS_J_REPAIRED),
    ],
)
def test_a_wrong_server_is_caught(name: str, statement: Statement) -> None:
    kind = next(p.algorithm for p in wrong_servers.PLANTED if p.name == name)
    assert put(statement, dsbo_central=kind).verdict is Verdict.REFUTED


class PiecedServer(DSBOCentral, Parts):
    """The server over the pieces that wrong versions are made of."""


def test_the_pieces_make_the_server() -> None:
    assert put(central_text.TEXT, dsbo_central=PiecedServer).verdict is Verdict.SUPPORTED


class ServerForAll(DSBOCentral):
    """In the place of Algorithm 1: there is no network then."""

    name = "dsbo"
    server = False


def test_claims_about_the_network_come_out_otherwise_without_one() -> None:
    assert put(central_text.IS_J, dsbo=ServerForAll).verdict is Verdict.SUPPORTED
    assert put(dropped_term.NONCONVEX, dsbo=ServerForAll).verdict is Verdict.INCONCLUSIVE
    assert put(dropped_term.PL_CASE, dsbo=ServerForAll).verdict is Verdict.INCONCLUSIVE


def test_the_server_would_not_lose_consensus_if_it_gossiped() -> None:
    class Gossiping(DSBO):
        """Algorithm 1 over J in the server's place."""

    assert put(central.CONSENSUS, dsbo_central=Gossiping).verdict is Verdict.REFUTED


def test_one_dropped_condition_at_a_time() -> None:
    """`alike` does what it says: a block differs exactly when named."""
    for letter in central_text.MATRICES:
        problem: Any = central_text.alike(3, 3, 2, 2, (letter,))
        blocks = {k: getattr(problem.lower if k in "HB" else problem.upper, k) for k in central_text.MATRICES}
        assert {k for k, z in blocks.items() if (z != z[:1]).any()} == {letter}


@pytest.mark.parametrize(
    ("kind", "letter"),
    [
        (wrong.LocalX, "spread of x"),
        (wrong.LocalV, "spread of v"),
        (wrong.OthersOnly, "mean of y"),
        (wrong.Sum, "mean of h"),
    ],
)
def test_contraction_names_what_is_not_mixed(kind: type[DSBO], letter: str) -> None:
    found = put(contraction.CONTRACTION, dsbo=kind)
    assert found.verdict is Verdict.REFUTED
    assert letter in found.numbers["broken"]


def test_contraction_is_attained_and_blind_to_what_is_not_gossip() -> None:
    found = put(contraction.CONTRACTION)
    assert found.numbers["largest_share_of_rho"] == pytest.approx(
        1, abs=1e-9
    )  # (1, -1, 1, -1) on a ring of 4
    assert put(contraction.CONTRACTION, dsbo=wrong.Plus).verdict is Verdict.SUPPORTED


def test_stationary_covariance_by_iteration() -> None:
    rng = np.random.default_rng(0)
    F, Q = 0.3 * rng.standard_normal((4, 4)), np.diag([1.0, 2.0, 0.0, 0.5])
    P = np.zeros((4, 4))
    for _ in range(400):
        P = F @ P @ F.T + Q
    np.testing.assert_allclose(network_noise.stationary(F, Q), P, rtol=ROUNDING)
    with pytest.raises(Unstable):
        network_noise.stationary(np.diag([0.5, 1.01]), np.eye(2))


def test_rest_is_where_the_moments_of_a_long_run_end() -> None:
    exponent, theta, T = 4, 0.5, 700
    a = DSBO(**{**constants(2.0**-exponent, 40), "L_g": 4.0})
    problem = network_noise.PROBLEM

    def read(s: Any) -> Array:
        return np.concatenate([mean_x(s), (s.y - s.y.mean(axis=1, keepdims=True))], axis=1)

    found = follow(
        a, problem, ring(network_noise.K, theta), T, moving=MOVING, sigma=SIGMA, readout=read, autonomous=True
    )
    at = network_noise.rest(DSBO, exponent, theta)
    mean, covariance = found.mean[0, -1], found.covariance[0, -1]
    square = curvature(problem) ** 2
    assert at.gradient[0] == pytest.approx(square * (mean[0] - solution(problem)) ** 2, rel=1e-5)
    assert at.gradient[1] == pytest.approx(square * covariance[0, 0], rel=1e-5)
    assert at.spread["y"] == pytest.approx((mean[1:] @ mean[1:], np.trace(covariance[1:, 1:])), rel=1e-5)


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        (network_noise.CONSENSUS, wrong.LocalX),
        (network_noise.CONSENSUS, wrong.LocalU),
        (network_noise.GRADIENT, wrong.SampleForgets),
        (vectors.FIRST, wrong.OthersOnly),
        (vectors.SECOND, wrong.LocalX),
    ],
)
def test_a_wrong_version_is_refuted(statement: Statement, kind: type[DSBO]) -> None:
    assert put(statement, dsbo=kind).verdict is Verdict.REFUTED


def test_vector_moments_against_every_outcome_of_two_point_noise() -> None:
    """All 2^15 patterns of plus and minus sigma in grad_x f and grad_y g over three steps; d_x = 2, d_y = 3."""
    problem, T = vectors.vector_problem(1), 3
    channels: tuple[Channel, ...] = ("grad_x_f", "grad_y_g")
    a = DSBO(alpha=0.3, beta=0.4, gamma=0.2, L_g=3.0, b=3).over("float")
    signs = 0.5 * np.array(list(itertools.product((-1.0, 1.0), repeat=5 * T)))
    R, net = len(signs), Gossip(averaging(1))
    x, y = (np.repeat(z[None].astype(float), R, axis=0) for z in problem.start())
    s = a.init(x, y, Oracle(problem), net)
    for t in range(1, T + 1):
        xi = signs[:, 5 * (t - 1) : 5 * t]
        added = [xi[:, :2].reshape(R, 1, 2), xi[:, 2:].reshape(R, 1, 3)]
        s = a.step(t, s, Oracle(problem, Probe(frozenset(channels), added)), net)
    sigma = dict.fromkeys(channels, 0.5)
    found = follow(a, problem, averaging(1), T, moving=MOVING, sigma=sigma, readout=mean_x)
    np.testing.assert_allclose(found.mean[0, T], s.x[:, 0].mean(axis=0), rtol=ROUNDING)
    np.testing.assert_allclose(found.covariance[0, T], np.cov(s.x[:, 0].T, bias=True), rtol=1e-9)


def test_limits_on_vectors() -> None:
    """Both against sums over runs: within the first corrections, of order beta and 1/T."""
    first, second = vectors.limits(DSBO)
    T, _, noise = vectors.averages(DSBO, 1, 256)
    errors = np.abs(noise * np.sqrt(T) / first - 1)
    assert (np.diff(errors) < 0).all()
    assert errors[-1] < 0.1
    assert vectors.gaps(DSBO, 1, 512)[1][-1] * 512 == pytest.approx(second, rel=0.02)


def test_the_dropped_term_needs_a_slow_network() -> None:
    terms = "1/(K*root**4)", "K/((1 - rho)**2*root**2)"
    assert recheck(dropped_term.term_witness("x", *terms)).ok
    assert not recheck(dropped_term.term_witness("x", *terms, theta=Fraction(1, 2))).ok
