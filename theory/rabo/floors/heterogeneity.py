"""What differences between clients do: to where RABO rests, and to how fast it gets there."""

from __future__ import annotations

import numpy as np

from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.instruments.exponents import exact_exponent
from spiritlevel.theory.plots import Plot
from spiritlevel.theory.rabo import PAPER
from spiritlevel.theory.rabo.assumptions import A1, ALL, P1
from spiritlevel.theory.rabo.floors.figures import of_drift, of_rest, of_rounds, of_steps, of_unequal
from spiritlevel.theory.rabo.floors.pruning import RADIUS, STEPS
from spiritlevel.theory.rabo.moments.problems import clients
from spiritlevel.theory.rabo.moments.rounds import EXACT, Maker, Rest, kind_of, rest, rounds_until, stable
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, decide, largest

LEVELS = (0.0, 0.5, 1.0, 2.0)


def _windows(kind: Maker, het_f: float, het_b: float, **steps: float) -> Rest:
    return rest(
        kind(**{**STEPS, **steps}, mask_x="window:2", mask_y="window:2"),
        clients(5, 4, 4, 4, het_f=het_f, het_b=het_b),
    )


def _check_het(ctx: Context) -> Finding:
    kind: Maker = kind_of(ctx)
    at = np.r_[np.full(4, 3.0), np.zeros(4)]
    rounds, rises = {}, []
    for seed in range(5, 5 + ctx.pick(5, 12)):
        problems = [clients(seed, 4, 4, 4, het_f=level, het_b=level) for level in LEVELS]
        a = kind(**STEPS, mask_x="window:2", mask_y="window:2")
        level = 2 * largest(rest(a, problem).squared for problem in problems)  # all get there
        rounds[seed] = [rounds_until(a, problem, level, at=at) for problem in problems]
        rises.append(rounds[seed][-1] - rounds[seed][0])
    iid = rest(kind(**STEPS), clients(5, 4, 4, 4)).squared
    slower, faster = sum(r > 0 for r in rises), sum(r < 0 for r in rises)
    always = slower == len(rises) and iid <= EXACT
    return Finding(
        verdict=Verdict.SUPPORTED if always else Verdict.INCONCLUSIVE if slower else Verdict.REFUTED,
        method=Method.LINEAR,
        summary=f"windows of 2 of 4, differences of size 0, 1/2, 1, 2 in the linear terms of f and g: the average of ||grad Phi||^2 is below a level that all reach after "
        f"{'; '.join(', '.join(map(str, r)) for r in rounds.values())} rounds; later with differences than without on {slower} of {len(rises)} problems, earlier on {faster}. Equal clients "
        f"with full masks come to rest at {iid:.0e}",
        numbers={"rounds": {str(k): v for k, v in rounds.items()}, "slower": slower, "faster": faster, "equal_clients_full_masks": iid},
        cases=len(LEVELS) * len(rounds),
        audit=audit(ALL, [clients(5, 4, 4, 4, het_f=1.0, het_b=1.0)]),
        figures=(of_rounds(LEVELS, [*rounds.values()]),),
    )  # fmt: skip


HET = Statement(
    id="rabo/het",
    paper=PAPER,
    location="Remark 1, impact of data heterogeneity",
    kind="qualitative",
    sentence="Larger delta_f and delta_g slow convergence down; for delta_f = delta_g = 0 their impact vanishes.",
    because="Read as rounds to a given accuracy (Definition 2). So it is on some problems; on others differences cancel a part of what masks do. A bound "
    "that grows says neither.",
    assumptions=ALL,
    about=("rabo",),
    check=stable(_check_het),
    expected=Verdict.INCONCLUSIVE,
)


def _check_bias(ctx: Context) -> Finding:
    kind: Maker = kind_of(ctx)
    found = {(level, level): _windows(kind, level, level) for level in LEVELS}
    slower = _windows(kind, 1.0, 1.0, alpha=0.002, beta=0.01)
    radii, floors = ([getattr(f, name) for f in found.values()] for name in ("radius", "squared"))
    same = max(radii) - min(radii)
    of_alpha = abs(slower.squared / floors[2] - 1)
    biased = same <= RADIUS and of_alpha <= 1e-9 and max(floors) > 2 * floors[0]
    return Finding(
        verdict=decide(biased, same, of_alpha),
        method=Method.LINEAR,
        summary=f"windows of 2 of 4, differences of size 0, 1/2, 1, 2 in the linear terms of f and g (delta_f, delta_g finite): the contraction per round is {radii[0]:.9f} for all of them "
        f"(up to {same:.0e}), while ||grad Phi||^2 at rest is {', '.join(f'{v:.3g}' for v in floors)}, whatever alpha (changed by {of_alpha:.0e} from 0.02 to 0.002)",
        numbers={
            "radius": radii,
            "difference": same,
            "tolerance": RADIUS,
            "squared_gradient": floors,
            "change_with_alpha": of_alpha,
        },
        cases=len(found) + 1,
        audit=audit(ALL, [clients(5, 4, 4, 4, het_f=1.0, het_b=1.0)]),
        figures=(
            Plot(
                title="RABO, windows of 2 of 4: clients whose f and g differ in linear terms",
                x_label="size of the differences",
                y_label="relative to equal clients",
                curves=of_rest(LEVELS, floors, radii),
                caption="Differences move the point of rest; the contraction per round does not change.",
            ),
        )
        if biased and floors[0]
        else (),
    )  # fmt: skip


BIAS = Statement(
    id="rabo/het-bias",
    paper=PAPER,
    location="Remark 1, impact of data heterogeneity",
    kind="qualitative",
    sentence="Under masks differences of the linear terms are a bias that no number of rounds and no step size removes, not a slower contraction.",
    variant="added",
    because="Linear terms move the fixed point of a round of quadratics; they do not enter its matrix.",
    assumptions=ALL,
    about=("rabo",),
    check=stable(_check_bias),
    expected=Verdict.SUPPORTED,
)


def _check_direction(ctx: Context) -> Finding:
    kind: Maker = kind_of(ctx)
    sizes = [2.0**-k for k in range(4, 11)]
    exponents, at_zero, rows = [], [], []
    for seed in range(ctx.pick(3, 10)):
        values = [rest(kind(**STEPS), clients(seed, 4, 4, 4, het_g=h)).squared for h in sizes]
        exponents.append(-exact_exponent(values, 1e-7).value)  # of 1/h
        rows.append(values)
        at_zero.append(rest(kind(**STEPS), clients(seed, 4, 4, 4)).squared)
    off, zero = largest(abs(e - 4) for e in exponents), largest(at_zero)
    return Finding(
        verdict=decide(off <= 0.1 and zero <= EXACT, off, zero),
        method=Method.LINEAR,
        summary=f"full masks, T = 1: with differences h in H_i, B_i and b_i ||grad Phi||^2 at rest grows like h^{', h^'.join(f'{e:.3f}' for e in exponents)} on {len(exponents)} problems, "
        f"from {zero:.0e} at h = 0: the gradient itself is off by a covariance, of second order",
        numbers={"exponents": exponents, "tolerance": 0.1, "at_0": zero},
        cases=len(sizes) * len(exponents),
        audit=audit((P1, A1), [clients(0, 4, 4, 4, het_g=0.5)]),
        figures=(of_unequal(sizes, rows),),
    )


DIRECTION = Statement(
    id="rabo/het-direction",
    paper=PAPER,
    location="Remark 1, impact of data heterogeneity",
    kind="qualitative",
    sentence="With full masks ||grad Phi||^2 where RABO rests grows with small differences h of the lower levels, like h^4, from 0 for equal clients.",
    variant="added",
    because="(7) averages J_i' H_i^{-1} instead of forming it from the means: the difference is a covariance over clients.",
    assumptions=(P1, A1),
    about=("rabo",),
    check=stable(_check_direction),
    expected=Verdict.SUPPORTED,
)


def _check_full(ctx: Context) -> Finding:
    kind: Maker = kind_of(ctx)
    seeds = range(ctx.pick(4, 20))
    found = [
        rest(kind(**STEPS | {"T": T}), clients(s, 4, 4, 4, het_f=2.0, het_b=b)).squared
        for s in seeds
        for T in (1, 3)
        for b in (0.0, 1.0)
    ]
    off = largest(found)
    return Finding(
        verdict=decide(off <= 100 * EXACT, off),
        method=Method.LINEAR,
        summary=f"full masks, common H and B, differences of size 2 in f and 0 or 1 in b_i, T = 1 and 3: ||grad Phi||^2 at rest is at most {off:.0e} on {len(found)} cases: the "
        "delta_f terms of (26) bound nothing there",
        numbers={"largest": off, "tolerance": 100 * EXACT},
        cases=len(found),
        audit=audit(ALL, [clients(0, 4, 4, 4, het_f=2.0)]),
    )  # fmt: skip


FULL = Statement(
    id="rabo/het-full-masks",
    paper=PAPER,
    location="Theorem 1, Remark 1",
    kind="qualitative",
    sentence="With full masks and lower levels that differ in their linear terms only, different upper levels leave no bias.",
    variant="added",
    because="Then D_i is linear in f_i and the mean of the D_i is the hypergradient of the mean.",
    assumptions=ALL,
    about=("rabo",),
    check=stable(_check_full),
    expected=Verdict.SUPPORTED,
)


def _check_drift(ctx: Context) -> Finding:
    kind: Maker = kind_of(ctx)
    problem = clients(5, 4, 4, 4, het_g=0.5)

    def behind(beta: float, T: int) -> float:
        return rest(kind(alpha=beta / 50, beta=beta, T=T, hyper="global"), problem).behind

    betas = [2.0**-k for k in range(5, 11)]
    apart = {T: [behind(b, T) for b in betas] for T in (2, 3, 5)}
    exponents = {T: -exact_exponent(values, 1e-6).value for T, values in apart.items()}
    small = betas[-1]
    per_step = [behind(small, T) / (small * (T - 1)) for T in (2, 3, 5, 9)]
    spread = max(per_step) / min(per_step) - 1
    none = largest(behind(b, 1) for b in (0.1, 0.02))
    off = largest(abs(e - 1) for e in exponents.values())
    return Finding(
        verdict=decide(off <= 0.05 and spread <= 0.1 and none <= 1e-9, off, spread, none),
        method=Method.LINEAR,
        summary=f"g_i differ, full masks, (7) from means: |y - y*| at rest grows like beta^{', beta^'.join(f'{e:.3f}' for e in exponents.values())} for T = 2, 3, 5; over beta (T - 1) it is "
        f"{', '.join(f'{v:.5f}' for v in per_step)} for T = 2, 3, 5, 9 at beta = 2^-10; with T = 1 {none:.0e}",
        numbers={"exponents_in_beta": {str(k): v for k, v in exponents.items()}, "per_beta_and_step": per_step, "spread": spread, "T_1": none, "tolerance": [0.05, 0.1, 1e-9]},
        cases=len(betas) * 3 + 6,
        audit=audit((P1, A1), [problem]),
        figures=(of_drift(betas, apart),),
    )  # fmt: skip


DRIFT = Statement(
    id="rabo/drift",
    paper=PAPER,
    location="(5), Remark 2",
    kind="qualitative",
    sentence="Where the g_i differ, T local steps leave y at a distance of order beta (T - 1) from y*(x), with full masks and even if (7) is formed "
    "from means; one local step leaves none.",
    formula=r"\|y_\infty - y^*(x_\infty)\| \sim c\, \beta (T - 1)",
    variant="added",
    because="Client drift: every client walks towards its own minimum. It vanishes with beta, so that 'for any T' holds of this part.",
    assumptions=(P1, A1),
    about=("rabo",),
    check=stable(_check_drift),
    expected=Verdict.SUPPORTED,
)


def _check_rolling(ctx: Context) -> Finding:
    kind: Maker = kind_of(ctx)
    n, d = 2, 4
    floors: dict[int, list[float]] = {}
    still = []
    for seed in range(ctx.pick(3, 10)):
        problem = clients(seed, n, d, d)
        masks = {"mask_x": "rolling:2", "mask_y": "rolling:2"}
        floors[seed] = [
            rest(kind(alpha=0.02 * s, beta=0.1 * s, T=1, **masks), problem, rounds=d).squared
            for s in (1.0, 0.1, 0.01)
        ]
        still.append(rest(kind(**STEPS, mask_x="window:2", mask_y="window:2"), problem).squared)
    settles = largest(abs(v[2] / v[1] - 1) for v in floors.values())
    least = min(v[-1] for v in floors.values())
    biased = settles <= 0.05 and least > 0.1
    return Finding(
        verdict=Verdict.REFUTED if biased else Verdict.INCONCLUSIVE,
        method=Method.LINEAR,
        summary="two equal clients, windows of 2 of 4 that move by one in every round: over a period ||grad Phi||^2 at rest is "
        f"{', '.join(f'{v[0]:.3g}' for v in floors.values())}, with steps a hundred times smaller {', '.join(f'{v[2]:.3g}' for v in floors.values())}; windows that stay give "
        f"{', '.join(f'{v:.3g}' for v in still)}",
        numbers={
            "rolling": {str(k): v for k, v in floors.items()},
            "still": still,
            "change_between_last_steps": settles,
        },
        cases=3 * len(floors),
        audit=audit(ALL, [clients(0, n, d, d)]),
        figures=(
            of_steps(
                (0.02, 0.002, 0.0002),
                [*floors.values()],
                "RABO with windows of 2 of 4 that move on in every round: where it rests",
                "Every client sees every coordinate in turn, and yet the bias does not vanish with the step sizes.",
            ),
        ),
    )


ROLLING = Statement(
    id="rabo/rolling",
    paper=PAPER,
    location="(3), below (4)",
    kind="qualitative",
    sentence="Masks that move over all coordinates, so that every client sees each of them in turn, leave no bias for small steps.",
    variant="added",
    because="For small steps only the mean over the period counts, and the mean of pruned gradients is not the gradient: every one of them has zeros put in.",
    assumptions=ALL,
    about=("rabo",),
    check=stable(_check_rolling),
    expected=Verdict.REFUTED,
)
