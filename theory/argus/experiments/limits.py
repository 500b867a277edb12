"""Where Argus and its ablation without cuts end, beside the bilevel solution."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from spiritlevel.core.networks import averaging
from spiritlevel.core.numbers import Array, convert, inverse
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.argus.assumptions import ALL, audit_runs
from spiritlevel.theory.argus.experiments.instances import course, separate, twin
from spiritlevel.theory.argus.experiments.witnesses import lost_witness
from spiritlevel.theory.instruments.affine import probe
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, decide, largest
from spiritlevel.theory.witness import check as recheck

F = Fraction
EPS = F(1, 10)
BIAS = float(EPS) / 2
"""What eps may cost in x on these instances, lambda_1 being positive or 0; see argus/eps-bias."""
CUT_UNTIL = (1, 5, 20, 100)
START = (0, 1)


def distances(
    ctx: Context, problem: Bilevel, eta_y: Fraction, steps: int, until: tuple[int, ...] = CUT_UNTIL
) -> list[float]:
    """How far x ends from the bilevel solution, for cuts made until some iterations; multipliers projected."""
    x, problem = convert(np.asarray(problem.solution()), "float"), problem.over("float")
    found = []
    for T_1 in until:
        a = ctx.algorithm("argus")(
            eta=0.1, eta_y=eta_y, eps=EPS, T_1=T_1, iota=1 if T_1 == 1 else 5, multipliers="project", M=20
        )
        *_, last = course(a, problem, averaging(2), steps, START)
        found.append(float(abs(last.x[0] - x).max()))
    return found


def _check_converges(ctx: Context) -> Finding:
    witness, steps = lost_witness(), ctx.pick(400, 2000)
    found = distances(ctx, twin(3, 3), F(1, 4), steps)
    refuted = recheck(witness).ok and found[-1] > BIAS
    return Finding(
        verdict=Verdict.REFUTED if refuted else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=f"G = ((x-3)^2 + (y-3)^2)/2, g = (y-x)^2/2, eta_y = 1/4: the first cut already removes the solution (3, 3); after {steps} iterations x is "
        f"{', '.join(f'{d:.3f}' for d in found)} away with cuts until {', '.join(map(str, CUT_UNTIL))}; eps accounts for {BIAS:g} at most",
        numbers={"distances": found, "bias_of_eps": BIAS, "iterations": steps},
        cases=len(CUT_UNTIL),
        audit=audit_runs([twin(3, 3)], [averaging(2)]),
        witness=witness if refuted else None,
    )


CONVERGES = Statement(
    id="argus/converges",
    paper=PAPER,
    location="Section VIII; Section IV-B; Section I, 'can be considered exact as the number of cutting planes approaches infinity'",
    kind="qualitative",
    sentence="As cuts are added, infeasible solutions are excluded and the approximated solution space approaches the feasible domain: the limit is the "
    "bilevel solution up to eps.",
    because="Unless the one-step estimate is exact a cut describes one step and not the lower-level solution: it excludes the solution itself, and "
    "later cuts do not bring it back.",
    assumptions=ALL,
    about=("argus",),
    check=_check_converges,
    expected=Verdict.REFUTED,
)


def _check_exact(ctx: Context) -> Finding:
    steps, slack = ctx.pick(600, 4000), 0.02
    targets = ((3, 3), (0, 1), (2, -1))
    found = [distances(ctx, twin(a, b), F(1), steps, (CUT_UNTIL[-1],))[0] for a, b in targets]
    early = distances(ctx, twin(*targets[-1]), F(1), steps, CUT_UNTIL[:1])[0]
    worst = largest(found)
    holds = worst < BIAS + slack
    return Finding(
        verdict=decide(holds, worst),
        method=Method.RUNS,
        summary=f"eta_y = 1, targets (3, 3), (0, 1), (2, -1), after {steps} iterations, cuts until {CUT_UNTIL[-1]}: x is {', '.join(f'{d:.4f}' for d in found)} away, where eps accounts for {BIAS:g}; the "
        f"damped multipliers' rest, of order 1/sqrt(t), may add {slack:g}. Frozen after one update: {early:.2f} for the last",
        numbers={
            "distances": found,
            "bias_of_eps": BIAS,
            "tolerance": slack,
            "frozen_early": early,
        },
        cases=len(targets),
        audit=audit_runs([twin(a, b) for a, b in targets], [averaging(2)]),
    )


EXACT = Statement(
    id="argus/converges-repaired",
    paper=PAPER,
    location="Section VIII; Section IV-B",
    kind="qualitative",
    variant="repaired",
    repairs="argus/converges",
    sentence="For identical agents with an exact one-step estimate and projected multipliers the limit is the bilevel solution up to eps, if cuts are made "
    "long enough.",
    because="eta_y times the Hessian is 1 and agents agree, so that the estimate is y*(x); max(0, .) in (19). Cuts frozen early need not hold x near the "
    "solution.",
    assumptions=ALL,
    about=("argus",),
    check=_check_exact,
    expected=Verdict.SUPPORTED,
)


def rest(ctx: Context, problem: Bilevel) -> tuple[Array, Array, float]:
    """Where the mean x and y of the ablation rest, exactly, and the spectral radius of its map."""
    n = problem.n
    amap = probe(ctx.algorithm("argus-no-cuts")(eta=F(1, 10)), problem, averaging(n, exact=True))
    size = len(amap.b)
    z = inverse((convert(np.eye(size, dtype=int), "fraction") - amap.M)[None])[0] @ amap.b
    radius = float(abs(np.linalg.eigvals(convert(amap.M, "float"))).max())
    s = amap.layout.unflatten(z[None])
    return s.x[0].sum(axis=0) / n, s.y[0].sum(axis=0) / n, radius


def _check_bare(ctx: Context) -> Finding:
    cases = ctx.pick(4, 20)
    naive, solved, radii, problems = 0, 0, [], []
    for k in range(cases):
        problem = separate(ctx.seed(k), 3, 1, same=k % 2 == 0, exact=True)
        problems.append(problem)
        x, _, radius = rest(ctx, problem)
        X = np.repeat(x[None, None], 3, axis=1)
        slope = problem.grad_x_f(X, problem.lower_solution(X)).sum(axis=1)
        naive += not (slope != 0).any()
        solved += not (problem.hypergradient(x[None]) != 0).any()
        radii.append(radius)
    line = twin(0, 1)
    solution = np.asarray(line.solution())[0]
    x, y, radius = rest(ctx, line)
    example = x[0] == 0 and y[0] == 0 and solution == F(1, 2)
    stable = max(*radii, radius) < 1
    holds = stable and naive == cases and solved < cases and example
    return Finding(
        verdict=Verdict.SUPPORTED if holds else Verdict.REFUTED,
        method=Method.RATIONAL,
        summary=f"the mean of the x_i rests where grad_x G(x, y*(x)) = 0 in {naive} of {cases} random cases, identical and unequal agents, and where the hypergradient is 0 in "
        f"{solved}; G = (x^2 + (y-1)^2)/2, g = (y-x)^2/2: at ({x[0]}, {y[0]}), the solution being {solution}",
        numbers={"naive": naive, "solved": solved, "radius": max(*radii, radius)},
        cases=cases + 1,
        audit=audit_runs([*problems, line], [averaging(3), averaging(2)]),
    )


BARE = Statement(
    id="argus/no-cuts-limit",
    paper=PAPER,
    location="Section VI-B, w/o-CuttingPlane",
    kind="qualitative",
    variant="added",
    sentence="w/o-CuttingPlane settles where grad_x G(x, y*(x)) = 0 without the term of y*'s derivative, not at the bilevel solution, if G has no mixed term.",
    because="Without cuts nothing ties x to y*(x): the ablation takes away the hypergradient, so that its distance to Argus-S says nothing about cutting planes "
    "against other ways to have one.",
    assumptions=ALL,
    about=("argus-no-cuts",),
    check=_check_bare,
    expected=Verdict.SUPPORTED,
)
