"""Lines whose dimensions do not fit: the mixing of the stacked x in Step 3, and the estimator (24)."""

from __future__ import annotations

import numpy as np

from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.numbers import convert
from spiritlevel.synthetic.families import random_finite_sum
from spiritlevel.theory.interact import PAPER
from spiritlevel.theory.interact.lemmas.lipschitz import witnessed
from spiritlevel.theory.interact.one_step.proof_line_witnesses import full_gradient_witness, kronecker_witness
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import check as recheck


def _check_kronecker(ctx: Context) -> Finding:
    witness = kronecker_witness()
    fitting = [(m, d) for m in range(1, 7) for d in range(1, 7) if m * m == m * d]
    return witnessed(
        recheck(witness).ok and all(m == d for m, d in fitting),
        "M tensor I_m has m^2 columns, the stacked x_t has m d_1 entries: they fit for d_1 = m only",
        witness,
        {"fitting_pairs_up_to_6": len(fitting)},
    )


KRONECKER = Statement(
    id="interact/step3-kron",
    paper=PAPER,
    location="Step 3",
    kind="identity",
    sentence="Mixing acts on the stacked x_t as M tensor I_m.",
    formula=r"\tilde M = M \otimes I_m",
    because="The identity must have the size d_1 of one x_i, not the number of agents; a slip of notation.",
    check=_check_kronecker,
    expected=Verdict.REFUTED,
)


def _check_kronecker_repaired(ctx: Context) -> Finding:
    wrong, cases = 0, 0
    for k, text in enumerate(("path:3", "ring:5", "star:4", "lazy-path:2")):
        for d in range(1, ctx.pick(4, 7)):
            network = named(text, exact=True)
            x = convert(np.random.default_rng(ctx.seed(k, d)).integers(-9, 10, (1, network.n, d)), "fraction")
            stacked = np.kron(network.W, np.eye(d, dtype=int)) @ x.reshape(-1)
            wrong += int((stacked != Gossip(network).mix(x).reshape(-1)).sum())
            cases += 1
    return Finding(
        verdict=Verdict.SUPPORTED if wrong == 0 else Verdict.REFUTED,
        method=Method.RATIONAL,
        summary=f"{cases} exact networks and dimensions: {wrong or 'no'} entries differ from mixing agent by agent",
        numbers={"differing": wrong},
        cases=cases,
    )


KRONECKER_REPAIRED = Statement(
    id="interact/step3-kron-repaired",
    paper=PAPER,
    location="Step 3",
    kind="identity",
    variant="repaired",
    repairs="interact/step3-kron",
    sentence="Mixing acts on the stacked x_t as M tensor I of size d_1.",
    formula=r"\tilde M = M \otimes I_{d_1}",
    because="Takes the dimension of one x_i. (Its eigenvalue 1 then has multiplicity d_1: one vector 1 tensor e_k for each coordinate.)",
    check=_check_kronecker_repaired,
    expected=Verdict.SUPPORTED,
)


def _check_full_gradient(ctx: Context) -> Finding:
    witness = full_gradient_witness()
    return witnessed(
        recheck(witness).ok,
        "the gradient of g has d_1 + d_2 entries, d_(t-1) has d_2: equal for no d_1 >= 1",
        witness,
        {"difference": "d_1"},
    )


FULL_GRADIENT = Statement(
    id="interact/eq24-dimension",
    paper=PAPER,
    location="(24)",
    kind="identity",
    sentence="The recursive estimator of the lower-level gradient adds differences of the gradients of g.",
    formula=r"d_t = d_{t-1} + \frac1{|S|} \sum_{i=1}^S [\nabla g_i(x_{i,t}, y_{i,t}; \xi_i^0) - \nabla g_i(x_{i,t-1}, y_{i,t-1}; \xi_i^0)]",
    because="A slip for grad_y g: the full gradient does not fit d, which starts at the gradient in y; and i counts both agents and samples.",
    check=_check_full_gradient,
    expected=Verdict.REFUTED,
)


def _check_increments(ctx: Context) -> Finding:
    differing, cases = 0, ctx.pick(4, 20)
    for k in range(cases):
        problem = random_finite_sum(ctx.seed(k), n=2, p=1 + k % 2, q=2, samples=3, rational=True)
        rng = np.random.default_rng(ctx.seed("points", k))
        old, new = (
            tuple(convert(rng.integers(-5, 6, (1, 2, size)), "fraction") for size in (problem.p, 2))
            for _ in "ab"
        )
        steps = []
        for j in range(problem.samples):
            one = problem.subsample(np.full((1, 2, 1), j))
            steps.append(one.grad_y_g(*new) - one.grad_y_g(*old))
        mean = np.sum(steps, axis=0) / problem.samples
        differing += int((mean != problem.grad_y_g(*new) - problem.grad_y_g(*old)).sum())
    return Finding(
        verdict=Verdict.SUPPORTED if differing == 0 else Verdict.REFUTED,
        method=Method.RATIONAL,
        summary=f"{cases} exact finite sums: with gradients in y the mean increment over a uniform sample is the full increment"
        if differing == 0
        else f"{differing} entries of the mean increment differ from the full one",
        numbers={"differing": differing},
        cases=cases,
    )


INCREMENTS = Statement(
    id="interact/eq24-repaired",
    paper=PAPER,
    location="(24)",
    kind="identity",
    variant="repaired",
    repairs="interact/eq24-dimension",
    sentence="With gradients in y the increments of (24) have the right dimension and mean.",
    formula=r"E[d_t - d_{t-1}] = \nabla_y g_i(x_{i,t}, y_{i,t}) - \nabla_y g_i(x_{i,t-1}, y_{i,t-1})",
    because="Reads the gradient in y, as (9) and (26) do.",
    check=_check_increments,
    expected=Verdict.SUPPORTED,
)
