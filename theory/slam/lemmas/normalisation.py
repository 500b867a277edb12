"""Whether one normalisation of h serves the whole appendix."""

from __future__ import annotations

import itertools
from fractions import Fraction

from spiritlevel.core.arrays import squared_norm
from spiritlevel.core.numbers import convert
from spiritlevel.synthetic.families import quadratic
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.lemmas.cases import Prescribed, build, number, signs
from spiritlevel.theory.slam.lemmas.findings import unbounded
from spiritlevel.theory.slam.lemmas.noise import EXACT, SCALES, homogeneous, moments, table
from spiritlevel.theory.slam.lemmas.noise_witnesses import normalisation_witness
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict

T = 4


def _first_moves(ctx: Context, scale: str) -> tuple[Fraction, Fraction]:
    r"""The left side of (40b) times :math:`\beta^2`, and the printed :math:`D_y`: f = 0, g = y^2/2, two agents, from 0, T = 4."""
    one = [[[1]]] * 2
    problem = quadratic(one, [[[0]]] * 2, [[0]] * 2, shared=True)
    settings = {"alpha": Fraction(2), "beta": Fraction(2), "gamma": Fraction(2), "rho": Fraction(1, 4)}
    case = build(ctx.algorithm("slam"), problem, "path:2", (1, 1, 0), settings, h_scale=scale)
    outcomes = signs(T, 2, 1)
    s, net = case.state(convert([[0] * case.coordinates], "fmpq").repeat(len(outcomes), axis=0))
    states = case.follow(s, net, Prescribed(g=list(outcomes.swapaxes(0, 1))), T)
    moves = [squared_norm(b.y - a.y).sum() / len(outcomes) for a, b in itertools.pairwise(states)]
    # sigma^2/n + sigma^2/(n mu beta_0) with beta_0 = beta/sqrt(T) = 1; D_x = 0
    return 4 * number(sum(moves) / T), Fraction(1, 2) + Fraction(1, 2)


def as_by_hand(ctx: Context) -> bool:
    """Whether the enumerated moments of the instance are what (5a) and (5b) give by hand."""
    for scale in SCALES:
        here = moments(homogeneous(ctx, scale))
        share = Fraction(1) if scale == "local" else Fraction(1, here.n)
        known = {name: exact(here, share) for name, exact in EXACT.items()}
        known |= {
            "mean step": (here.n + 1) * share**2,
            "step": 2 * here.n * share**2,
            "gap": (1 - share) ** 2,
        }
        if any(here[name] != value for name, value in known.items()):
            return False
    return True


def _check_normalisation(ctx: Context) -> Finding:
    found = table(ctx)
    for scale in SCALES:
        found[scale]["(40b)"] = _first_moves(ctx, scale)
    false = {
        scale: [line for line, (left, right) in found[scale].items() if left > right] for scale in SCALES
    }
    if not as_by_hand(ctx):
        return Finding(
            verdict=Verdict.INCONCLUSIVE,
            method=Method.RATIONAL,
            summary="the enumerated moments are not those of (5a), (5b) on this instance",
        )
    said = "; ".join(f"{scale} h: {', '.join(lines) or 'none'} false" for scale, lines in false.items())
    return Finding(
        verdict=Verdict.REFUTED if all(false.values()) else Verdict.SUPPORTED,
        method=Method.RATIONAL,
        summary=f"three equal agents, two-point noise enumerated, from consensus with y = y*: {said}",
        numbers={
            f"{line}, {scale}": f"{left} {'<=' if left <= right else '>'} {right}"
            for scale in SCALES
            for line, (left, right) in found[scale].items()
        },
        cases=sum(len(lines) for lines in found.values()),
        witness=normalisation_witness() if all(false.values()) else None,
        audit=unbounded(),
    )


NORMALISATION = Statement(
    id="slam/normalisation",
    paper=PAPER,
    location="(40b), (47), (55), (70), (142); (157), (161), (176)",
    kind="lemma",
    variant="added",
    sentence="There is one normalisation of h, local or 1/n, in which (40b), (47), (55), (70), (142), (157), (161) and (176) are all true "
    "of agents that are alike.",
    because="B.1, B.3 and (142) take h for 1/n of the local gradients, B.5.3 and the algorithms for the local ones; the two differ by a "
    "factor n in the effective step, which is the speedup that Theorem 1 claims.",
    about=("slam",),
    check=_check_normalisation,
    expected=Verdict.REFUTED,
)
