"""Argus without cuts on quadratics, all awake: Psi along the run, and what (33) says with everything measured."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from spiritlevel.core.algorithm import Algorithm
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.networks import Network
from spiritlevel.core.numbers import Array
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.spectra import modulus
from spiritlevel.synthetic.families import random_quadratic
from spiritlevel.theory.argus.theorems.bound import brackets, letters, p_factors


@dataclass(frozen=True)
class Course:
    """A run; iterates ``x, y`` of shape ``(T + 1, n, p)``, ``theta`` ``(T + 1, n, n, p)``, Psi and L_p at the means."""

    network: Network
    L: float
    x: Array
    y: Array
    theta: Array
    psi: Array
    value: Array


def joined(network: Network) -> Array:
    """1 for neighbours, shape ``(n, n, 1)``."""
    W = np.asarray(network.dense(), dtype=float)
    return ((W != 0) & ~np.eye(network.n, dtype=bool)).astype(float)[..., None]


def course(algorithm: Algorithm, graph: str, seed: int, steps: int, spread: float = 0.0) -> Course:
    """A run from 0, or from agents that are ``spread`` apart; the lower level has no part in it without cuts."""
    network = named(graph)
    problem = random_quadratic(seed, network.n, 2, 2, shared=True)
    o, net, a = Oracle(problem), Gossip(network), algorithm.over("float")
    x, y = (z[None] * 1.0 for z in problem.start())
    x = x + spread * np.random.default_rng(seed).standard_normal(x.shape)
    near = joined(network)
    L = lipschitz(o, x, y)
    states: list[Any] = [a.init(x, y, o, net)]
    for t in range(1, steps + 1):
        states.append(a.step(t, states[-1], o, net))
    psi = np.array([metric(o, s, near, L) for s in states])
    x, y, theta = (np.array([getattr(s, name)[0] for s in states]) for name in ("x", "y", "theta"))
    mean = [(np.broadcast_to(z.mean(axis=1, keepdims=True), z.shape)) for z in (x, y)]
    value = np.array([_total(problem, u, v) for u, v in zip(*mean, strict=True)])
    return Course(network, L, x, y, theta, psi, value)


def _total(problem: Any, x: Array, y: Array) -> float:
    return float(np.sum(problem.f(x[None], y[None])))


def lipschitz(o: Oracle, x: Array, y: Array) -> float:
    """A bound on the joint Hessian of every L'_{pi} on every graph: that of G_i, column by column, and sqrt(1 + neighbours) <= sqrt(n)."""
    n, p, q = x.shape[1], x.shape[2], y.shape[2]
    columns = []
    for k in range(p + q):
        e = np.eye(p + q)[k]
        u, v = np.broadcast_to(e[:p], x.shape), np.broadcast_to(e[p:], y.shape)
        moved = [o.grad_x_f(x + u, y + v) - o.grad_x_f(x, y), o.grad_y_f(x + u, y + v) - o.grad_y_f(x, y)]
        columns.append(np.concatenate(moved, axis=-1)[0])
    hessians = np.array(columns).transpose(1, 0, 2)
    return max(float(np.linalg.norm(hessian, 2)) for hessian in hessians) + math.sqrt(n)


def metric(o: Oracle, s: Any, near: Array, L: float) -> float:
    """Psi of (30) for R = 0: the x-part once for each agent, as (31) has it."""
    n = s.x.shape[1]
    gx = o.grad_x_f(s.x, s.y) + (near * s.theta).sum(axis=2)
    gy = o.grad_y_f(s.x, s.y)
    apart = near * (s.x[:, :, None] - s.x[:, None])
    error = sum(float(((z - z.mean(axis=1, keepdims=True)) ** 2).sum()) for z in (s.x, s.y))
    gap = n * float((gx.mean(axis=1) ** 2).sum()) + float((gy.mean(axis=1) ** 2).sum())
    return gap + float((apart**2).sum()) + L**2 * error


def bound(run: Course, eta: float, M: int = 1) -> float:
    """(33) with alpha_2, sigma_2, k_1 and F as measured, no cuts (alpha_1 = sigma_1 = 0) and T_1 = 0.

    F is the decrease of L_p less the most that its terms in theta can take off: the bound is not overstated.
    """
    moves = (np.diff(run.x, axis=0) ** 2).sum(axis=(1, 2)) + (np.diff(run.y, axis=0) ** 2).sum(axis=(1, 2))
    N, alpha = run.network.n, float((run.theta**2).sum(axis=-1).max())
    sigma = float(np.sqrt((np.diff(run.theta, axis=0) ** 2).sum(axis=-1)).max())
    at = {
        "N": N,
        "M": M,
        "L": run.L,
        "tau": 1,
        "k_1": float(moves.max() / moves.min()),
        "gap": 1 - float(modulus(run.network)),
        "alpha_1": 0,
        "sigma_1": 0,
        "alpha_2": alpha,
        "sigma_2": sigma,
        "F": float(run.value[2] - run.value.min()) - N**2 * (6 * sigma**2 + 3 * alpha) / eta,
        "eta": eta,
    }
    values = {letters()[k]: v for k, v in at.items()}
    p = max(float(q.subs(values)) for q in p_factors())
    return p * float(brackets()[0].subs(values)) / (len(run.psi) - 2)
