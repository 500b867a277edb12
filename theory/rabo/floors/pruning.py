"""What masks leave at rest: exact fixed points of rounds with masks that stay."""

from __future__ import annotations

import numpy as np

from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.plots import Curve, Plot
from spiritlevel.theory.rabo import PAPER
from spiritlevel.theory.rabo.assumptions import ALL
from spiritlevel.theory.rabo.floors.figures import of_rest, of_steps
from spiritlevel.theory.rabo.moments.problems import clients
from spiritlevel.theory.rabo.moments.rounds import EXACT, Maker, Rest, kind_of, rest, rounds_until, stable
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, decide, largest

STEPS = {"alpha": 0.02, "beta": 0.1, "T": 1}
RADIUS = 1e-11
"""Of spectral radii."""
MANY = 20_000


def pruned(
    kind: Maker,
    seed: int,
    mask: str = "window:2",
    *,
    shift: float = 0.0,
    hyper: str = "submodel",
    **steps: float,
) -> Rest:
    """Four equal clients, four coordinates in each level, the same mask policy for both."""
    return rest(
        kind(**{**STEPS, **steps}, mask_x=mask, mask_y=mask, hyper=hyper), clients(seed, 4, 4, 4, shift=shift)
    )


def _check_linear(ctx: Context) -> Finding:
    kind: Maker = kind_of(ctx)
    seeds = range(ctx.pick(4, 20))
    found = [rest(kind(**STEPS | {"T": T}), clients(seed, 4, 3, 5)) for seed in seeds for T in (1, 3)]
    off, slow = largest(f.squared for f in found), largest(f.radius for f in found)
    behind = largest(f.behind for f in found)
    return Finding(
        verdict=decide(off <= EXACT and behind <= 1e-9 and slow < 1, off, behind),
        method=Method.LINEAR,
        summary=f"{len(found)} quadratics of four equal clients, full masks, no noise, T = 1 and 3: the only fixed point has ||grad Phi||^2 <= {off:.0e} and |y - y*| <= "
        f"{behind:.0e}; all rounds contract, by {slow:.4f} at the slowest",
        numbers={"squared_gradient": off, "behind": behind, "largest_radius": slow, "tolerance": EXACT},
        cases=len(found),
        audit=audit(ALL, [clients(0, 4, 3, 5)]),
    )


LINEAR = Statement(
    id="rabo/linear",
    paper=PAPER,
    location="Algorithm 1, Remark 1",
    kind="rate",
    sentence="With equal clients, full masks, no noise and small fixed steps RABO converges linearly to the solution of a quadratic problem, for "
    "every T.",
    formula=r"\|z_q - z^*\| = O(\rho^q), \quad \nabla\Phi(x^*) = 0",
    variant="added",
    assumptions=ALL,
    about=("rabo",),
    check=stable(_check_linear),
    expected=Verdict.SUPPORTED,
)


def _check_order(ctx: Context) -> Finding:
    kind: Maker = kind_of(ctx)
    alphas = [0.02 / 4**k for k in range(ctx.pick(4, 7))]
    floors = {seed: [pruned(kind, seed, alpha=a, beta=5 * a).squared for a in alphas] for seed in (5, 6, 7)}
    change = largest(max(v) / min(v) - 1 for v in floors.values())
    least = min(min(v) for v in floors.values())
    full = largest(pruned(kind, seed, "full").squared for seed in floors)
    slopes = [float(np.polyfit(np.log(alphas), np.log(v), 1)[0]) for v in floors.values()]
    constant = change <= 1e-6 and least > 0.1 and full <= EXACT
    proportional = largest(abs(s - 1) for s in slopes) <= 0.05
    return Finding(
        verdict=Verdict.REFUTED if constant else Verdict.SUPPORTED if proportional else Verdict.INCONCLUSIVE,
        method=Method.LINEAR,
        summary=f"four equal clients, windows of 2 of 4 coordinates, no noise: ||grad Phi||^2 at rest is {', '.join(f'{v[0]:.4g}' for v in floors.values())} on three problems, the same for "
        f"alpha = 0.02 to {alphas[-1]:.1e} with beta = 5 alpha up to {change:.0e} (exponents in alpha {', '.join(f'{s:.0e}' for s in slopes)}, where 1 is claimed); with full masks {full:.0e}",
        numbers={
            "squared_gradient": {str(k): v for k, v in floors.items()},
            "relative_change": change,
            "exponents_in_alpha": slopes,
            "full_masks": full,
        },
        cases=len(alphas) * len(floors),
        audit=audit(ALL, [clients(5, 4, 4, 4)]),
        figures=(
            of_steps(
                alphas,
                [*floors.values()],
                "RABO with windows of 2 of 4: where it rests, equal clients, no noise",
                "The bias that masks leave is the same for every step size; Remark 1 has it vanish with alpha.",
            ),
        ),
    )


ORDER = Statement(
    id="rabo/remark1-order",
    paper=PAPER,
    location="Remark 1, impact of noise induced from mask",
    kind="qualitative",
    sentence="What pruning adds to the average of ||grad Phi||^2, Phi of (1), is of order alpha.",
    formula=r"O\Big(\frac{\alpha}{C_x^*} \frac1Q \sum_q M_f^2 (w_1^2 \|x_q\|^2 + w_2^2 \|y_{q+1}\|^2)\Big)",
    because="The fixed point of a round does not depend on alpha or beta: pruning leads to another point, not to a small disturbance. That (26) has "
    "such a term is so; inside all assumptions rabo/thm1-bound-pruned shows it. For the masked Phi of (2) see rabo/masked-problem.",
    assumptions=ALL,
    about=("rabo",),
    check=stable(_check_order),
    expected=Verdict.REFUTED,
)


SHIFTS = (0.0, 0.5, 0.9, 1.0)


def _check_faster(ctx: Context) -> Finding:
    kind: Maker = kind_of(ctx)
    far = np.full(4, 3.0)
    rounds: dict[int, list[int]] = {}
    never: list[bool] = []
    early: list[int] = []
    for seed in range(5, 5 + ctx.pick(4, 10)):
        a = kind(**STEPS, mask_x="window:2", mask_y="window:2", hyper="full")
        problems = [clients(seed, 4, 4, 4, shift=s) for s in SHIFTS]
        left = rest(a, problems[0]).squared
        found = []
        for problem in problems:  # from the same point of the unmoved problem, at y*(x)
            x = far - problems[0].solution() + problem.solution()
            at = np.r_[x, problem.lower_solution(np.repeat(x[None, None], 4, axis=1))[0, 0]]
            found.append([rounds_until(a, problem, k * left, at=at, limit=MANY) for k in (1.5, 0.5, 10.0)])
        rounds[seed] = [f[0] for f in found]
        never.append(found[0][1] == MANY > found[-1][1])
        early.append(found[-1][2] - found[0][2])
    sooner = [r[-1] < r[0] for r in rounds.values()]
    both = [a and b for a, b in zip(sooner, never, strict=True)]
    return Finding(
        verdict=Verdict.SUPPORTED if all(both) else Verdict.INCONCLUSIVE if any((*sooner, *never)) else Verdict.REFUTED,
        method=Method.LINEAR,
        summary=f"one problem and one set of masks, the origin moved 0, 1/2, 9/10 and all of the way to the solution, so that what is pruned away shrinks to 0: the average of ||grad Phi||^2 "
        f"is below 3/2 of what the first leaves at rest after {'; '.join(', '.join(map(str, r)) for r in rounds.values())} rounds ({len(rounds)} problems); half of that the first never "
        f"reaches and the last does on {sum(never)}. Far above the floor it changes little ({', '.join(f'{e:+d}' for e in early)} rounds to 10 times of it)",
        numbers={"rounds": {str(k): v for k, v in rounds.items()}, "never_and_reached": never, "rounds_to_10_floors_changed_by": early, "most": MANY},
        cases=len(SHIFTS) * len(rounds),
        audit=audit(ALL, [clients(5, 4, 4, 4)]),
    )  # fmt: skip


FASTER = Statement(
    id="rabo/remark1-faster",
    paper=PAPER,
    location="Remark 1, impact of noise induced from mask",
    kind="qualitative",
    sentence="When w_1 and w_2 are small, convergence is faster under the same C_x*.",
    because="Read as rounds to a given accuracy (Definition 2) and with the size of what is pruned, w^2 ||x||^2: the ratios w alone need not change at all. "
    "What makes it true is a lower floor, not a faster contraction.",
    assumptions=ALL,
    about=("rabo",),
    check=stable(_check_faster),
    expected=Verdict.SUPPORTED,
)


def _check_bias(ctx: Context) -> Finding:
    kind: Maker = kind_of(ctx)
    found = {s: pruned(kind, 5, shift=s, hyper="full") for s in SHIFTS}
    radii = [f.radius for f in found.values()]
    floors = [f.squared for f in found.values()]
    same = max(radii) - min(radii)
    law = largest(abs(f.squared - (1 - s) ** 2 * floors[0]) / floors[0] for s, f in found.items())
    sub = pruned(kind, 5, shift=1.0).squared
    shares = [k / 20 for k in range(21)]
    unaffected = same <= RADIUS and floors[0] > 0.1 and floors[-1] <= EXACT
    return Finding(
        verdict=decide(unaffected, same, floors[0], floors[-1]),
        method=Method.LINEAR,
        summary=f"one problem, one set of masks, the origin moved towards the solution, so that what is pruned away shrinks to 0: the contraction per round stays {radii[0]:.9f} "
        f"(up to {same:.0e}); ||grad Phi||^2 at rest is {', '.join(f'{v:.3g}' for v in floors)} for 0, 1/2, 9/10 and all of the way",
        numbers={"radius": radii, "squared_gradient": floors, "off_the_square_law": law, "submodel_at_1": sub, "tolerance": RADIUS},
        cases=len(SHIFTS),
        audit=audit(ALL, [clients(5, 4, 4, 4)]),
        figures=(
            Plot(
                title="One set of masks, less and less behind them",
                x_label="share of what masks take away",
                y_label="relative to the whole",
                curves=(
                    *of_rest([1 - s for s in SHIFTS], floors, radii),
                    Curve("square of the share", shares, [v * v for v in shares], "dashed"),
                ),
                caption="What is pruned away decides where a round leads, by its square, and nothing of how fast.",
            ),
        )
        if unaffected
        else (),
    )  # fmt: skip


BIAS = Statement(
    id="rabo/pruning-bias",
    paper=PAPER,
    location="Remark 1, impact of noise induced from mask",
    kind="qualitative",
    sentence="How much the masks take away decides where a round of quadratics leads, not how fast it contracts.",
    variant="added",
    because="Moving the origin changes the constant of the round's affine map, and not its matrix.",
    assumptions=ALL,
    about=("rabo",),
    check=stable(_check_bias),
    expected=Verdict.SUPPORTED,
)


def _check_origin(ctx: Context) -> Finding:
    kind: Maker = kind_of(ctx)
    values = [
        (pruned(kind, s, hyper="full").squared, pruned(kind, s, shift=1.0, hyper="full").squared)
        for s in (5, 6, 7)
    ]
    full = largest(pruned(kind, s, "full", shift=shift).squared for s in (5, 6, 7) for shift in (0.0, 1.0))
    depends = all(a > 0.1 and b <= EXACT for a, b in values) and full <= EXACT
    return Finding(
        verdict=Verdict.REFUTED if depends else decide(largest(abs(a - b) for a, b in values) <= EXACT, full),
        method=Method.LINEAR,
        summary=f"(7) of the full function, windows of 2 of 4: ||grad Phi||^2 at rest is {', '.join(f'{a:.3g}' for a, _ in values)}, and {', '.join(f'{b:.0e}' for _, b in values)} with the "
        f"origin of x and y at the solution; with full masks {full:.0e} wherever it is",
        numbers={
            "at_0_and_at_the_solution": [list(v) for v in values],
            "full_masks": full,
            "tolerance": EXACT,
        },
        cases=2 * len(values),
        audit=audit(ALL, [clients(5, 4, 4, 4)]),
    )


ORIGIN = Statement(
    id="rabo/origin",
    paper=PAPER,
    location="(4), Assumption 5",
    kind="qualitative",
    sentence="Where RABO rests does not depend on where the origin of coordinates is put.",
    variant="added",
    because="Pruning sets coordinates to 0, which means something only relative to the origin: (18), (19) and E_h depend on it too.",
    assumptions=ALL,
    about=("rabo",),
    check=stable(_check_origin),
    expected=Verdict.REFUTED,
)


def _check_derivatives(ctx: Context) -> Finding:
    kind: Maker = kind_of(ctx)
    seeds = range(5, 5 + ctx.pick(3, 10))
    sub = [pruned(kind, s, shift=1.0).squared for s in seeds]
    full = largest(pruned(kind, s, shift=1.0, hyper="full").squared for s in seeds)
    apart = min(sub) > 1e-3 and full <= EXACT
    return Finding(
        verdict=Verdict.REFUTED if apart else decide(largest(sub) <= EXACT, full),
        method=Method.LINEAR,
        summary=f"origin at the solution x = 0, y = 0, equal clients, windows of 2 of 4: there E_h = 0, but RABO with the submodel's derivatives leaves for points with ||grad Phi||^2 = "
        f"{', '.join(f'{v:.3g}' for v in sub)}; with the full function's derivatives it stays ({full:.0e})",
        numbers={"submodel": sub, "full": full, "tolerance": EXACT},
        cases=2 * len(sub),
        audit=audit(ALL, [clients(5, 4, 4, 4, shift=1.0)]),
    )


DERIVATIVES = Statement(
    id="rabo/submodel-derivatives",
    paper=PAPER,
    location="(7), Lemma 2, (26)",
    kind="qualitative",
    sentence="Where nothing is lost by pruning, E_h = 0, RABO with (7) of the submodel is not biased.",
    variant="added",
    because="The submodel has its own Hessian block and sees its own part of the y-gradient of f: E_h measures pruned points, not pruned derivatives.",
    assumptions=ALL,
    about=("rabo",),
    check=stable(_check_derivatives),
    expected=Verdict.REFUTED,
)
