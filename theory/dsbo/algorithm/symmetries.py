"""Changes of the setting that must leave the run alone: the network, the agents' numbers, the scale of g."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.graphs import named
from spiritlevel.core.networks import Network
from spiritlevel.core.noise import Additive
from spiritlevel.core.numbers import Array
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.families import quadratic, random_quadratic
from spiritlevel.theory.dsbo import PAPER
from spiritlevel.theory.dsbo.algorithm.exact_runs import EVERYWHERE, GRADIENTS, SETTINGS, states
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict

LETTERS = ("H", "B", "c", "A", "a", "E", "Q", "e")
MATRICES = ("H", "B", "A", "E", "Q")
Blocks = dict[str, Any]
SHAPES = ((4, 2, 1), (5, 1, 2))


def _blocks(seed: int, n: int, p: int, q: int) -> Blocks:
    problem: Any = random_quadratic(seed, n, p, q, shared=True, rational=True)
    lower, upper = problem.lower, problem.upper
    return {k: getattr(lower if k in "HBc" else upper, k) for k in LETTERS}


def _problem(blocks: Blocks) -> Bilevel:
    return quadratic(**blocks, shared=True)


def _equal(blocks: Blocks, letters: tuple[str, ...]) -> Blocks:
    """Every agent has the first agent's blocks of these letters."""
    return blocks | {k: np.broadcast_to(blocks[k][:1], blocks[k].shape) for k in letters}


def _count(runs: list[list[Any]], letters: str, seen: Callable[[Array], Array] = lambda z: z) -> int:
    """Entries in which the other runs differ from the first."""
    return sum(
        int((seen(getattr(s, k)) != seen(getattr(z, k))).sum())
        for run in runs[1:]
        for s, z in zip(runs[0], run, strict=True)
        for k in letters
    )


def _over_networks(ctx: Context, blocks: Blocks, noise: Additive, steps: int) -> tuple[int, int]:
    """Entries of mean x and y, and of x and y, that depend on the network."""
    n = len(blocks["H"])
    runs = [
        states(
            ctx,
            _problem(blocks),
            named(f"{name}:{n}", exact=True),
            steps,
            noise.source(ctx.seed("noise"), range(2)),
            replicas=2,
        )
        for name in ("ring", "lazy-ring", "star", "path", "J")
    ]
    return _count(runs, "xy", lambda z: np.asarray(z.sum(axis=1))), _count(runs, "xy")


def _check_networks(ctx: Context) -> Finding:
    steps, means, agents, controls = 4, 0, 0, [0, 0]
    shapes = ctx.pick(SHAPES[:1], SHAPES)
    for shape in shapes:
        blocks = _blocks(ctx.seed(*shape), *shape)
        equal = _equal(blocks, MATRICES)
        differ = _over_networks(ctx, equal, GRADIENTS, steps)
        means, agents = means + differ[0], agents + differ[1]
        controls[0] += _over_networks(ctx, _equal(blocks, MATRICES[1:]), GRADIENTS, steps)[0]
        controls[1] += _over_networks(ctx, equal, EVERYWHERE, steps)[0]
    seen = agents > 0 and min(controls) > 0
    return Finding(
        verdict=Verdict.REFUTED if means else (Verdict.SUPPORTED if seen else Verdict.INCONCLUSIVE),
        method=Method.RATIONAL,
        summary=f"{means} entries of mean x and mean y depend on the network over ring, lazy ring, star, path and J, {steps} iterations "
        f"with the same noise, {agents} entries of the agents' own do; {controls[0]} of the means do with different Hessians, "
        f"{controls[1]} with noise in the matrices",
        numbers={
            "means": means,
            "agents": agents,
            "hessians_differ": controls[0],
            "noisy_matrices": controls[1],
        },
        cases=3 * len(shapes),
    )


NETWORKS = Statement(
    id="dsbo/thm5.1-network-zero",
    paper=PAPER,
    location="Section 5.1, 'Compounded effect' and 'Effect of consensus'",
    kind="network",
    variant="added",
    sentence="If the agents' second derivatives are equal and constant and noise enters the gradients only, the averages of x and y "
    "are the same for every network, path by path: no network term at all.",
    formula=r"\bar x_t(W) = \bar x_t(W') \text{ for all } W, W'",
    because="u and q are then equal at all agents and gradients are affine, so the averages close; the paper claims a term that "
    "vanishes with T.",
    about=("dsbo",),
    check=_check_networks,
    expected=Verdict.SUPPORTED,
)


def _check_relabel(ctx: Context) -> Finding:
    steps, differs, unmoved = 4, 0, 0
    for shape in SHAPES:
        n = shape[0]
        blocks, network = _blocks(ctx.seed(*shape), *shape), named(f"path:{n}", exact=True)
        order = np.random.default_rng(ctx.seed("order", n)).permutation(n)
        turned = Network(network.dense()[np.ix_(order, order)], "renamed")
        for rule in ("constant", "(6)"):
            first = states(ctx, _problem(blocks), network, steps, rule=rule)
            renamed = {k: z[order] for k, z in blocks.items()}
            second = states(ctx, _problem(renamed), turned, steps, rule=rule)
            for s, z in zip(first, second, strict=True):
                differs += sum(int((getattr(s, k)[:, order] != getattr(z, k)).sum()) for k in "xyshuvq")
            unmoved += _count([first, second], "xy") == 0
    return Finding(
        verdict=Verdict.REFUTED if differs else (Verdict.INCONCLUSIVE if unmoved else Verdict.SUPPORTED),
        method=Method.RATIONAL,
        summary=f"{differs} entries of the renamed agents' states differ over {2 * len(SHAPES)} runs of {steps} iterations on a path",
        numbers={"different": differs},
        cases=2 * len(SHAPES),
    )


RELABEL = Statement(
    id="dsbo/relabel",
    paper=PAPER,
    location="Algorithm 1",
    kind="identity",
    variant="added",
    sentence="Renaming the agents in W and in the problem renames them in the run and changes nothing else.",
    formula=r"z_t^{\pi(k)}(W, f, g) = z_t^k(\Pi W \Pi^\top, f \circ \pi, g \circ \pi)",
    about=("dsbo",),
    check=_check_relabel,
    expected=Verdict.SUPPORTED,
)


def _check_scaling(ctx: Context) -> Finding:
    steps, differs, unscaled = 4, 0, 0
    factors = (Fraction(3), Fraction(1, 7))
    powers = dict.fromkeys("xysh", 0) | {"u": 1, "v": 1, "q": -1}
    for shape in SHAPES:
        blocks, network = _blocks(ctx.seed(*shape), *shape), named(f"star:{shape[0]}", exact=True)
        given: dict[str, Any] = {
            "L_g": SETTINGS["L_g"],
            "mu_g": Fraction(2),
            "gamma": SETTINGS["gamma"],
            "q_0": Fraction(5),
        }
        first = states(ctx, _problem(blocks), network, steps, **given)
        for c in factors:
            scaled = blocks | {k: blocks[k] * c for k in "HBc"}
            inverse = {k: given[k] / c for k in ("gamma", "q_0")}
            settings = {"L_g": given["L_g"] * c, "mu_g": given["mu_g"] * c} | inverse
            second = states(ctx, _problem(scaled), network, steps, **settings)
            kept = states(ctx, _problem(scaled), network, steps, **settings | {"gamma": given["gamma"]})
            for s, z in zip(first, second, strict=True):
                differs += sum(int((getattr(s, k) * c**e != getattr(z, k)).sum()) for k, e in powers.items())
            unscaled += _count([first, kept], "xy") == 0
    return Finding(
        verdict=Verdict.REFUTED if differs else (Verdict.INCONCLUSIVE if unscaled else Verdict.SUPPORTED),
        method=Method.RATIONAL,
        summary=f"{differs} entries differ from x, y, s, h, c u, c v, q / c for g times c = {', '.join(map(str, factors))} with c L_g, c mu_g "
        f"and gamma / c over {2 * len(SHAPES)} runs; with gamma kept {unscaled} runs are the same",
        numbers={"different": differs},
        cases=2 * len(SHAPES),
    )


SCALING = Statement(
    id="dsbo/g-scaling",
    paper=PAPER,
    location="Algorithm 1; (5), (6)",
    kind="step size",
    variant="added",
    sentence="With c g for g, c L_g, c mu_g and gamma / c the iterates are the same, so a sound rule for gamma carries 1/L_g; (5) and (6) "
    "do not.",
    formula=r"(g, L_g, \mu_g, \gamma) \to (c g, c L_g, c \mu_g, \gamma / c): \quad x, y, s, h \text{ unchanged},\ u, v \to c u, c v,\ "
    r"q \to q / c",
    about=("dsbo",),
    check=_check_scaling,
    expected=Verdict.SUPPORTED,
)
