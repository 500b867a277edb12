"""Corollaries 1 and 2: of which gradients SLAM-L's limit is a root, and that SLAM-U has no bias."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.graphs import named
from spiritlevel.core.hypergradient import surrogate
from spiritlevel.core.numbers import Array, convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.matrices import solve
from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.evidence import broken, plain
from spiritlevel.theory.instruments.affine import probe_function
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.assumptions import ALL, P2
from spiritlevel.theory.slam.gradients.bias_floor import SETTINGS, SHARED
from spiritlevel.theory.slam.gradients.corollary_witnesses import apart_witness, nash_witness
from spiritlevel.theory.slam.gradients.findings import formal_step, unproved
from spiritlevel.theory.slam.gradients.instances import two_tasks
from spiritlevel.theory.slam.gradients.limits import at_rest, everywhere
from spiritlevel.theory.slam.gradients.readings import Reading, eq18, own, shared_solution, together
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, largest

STEPS: dict[str, Any] = {name: Fraction(value) for name, value in SETTINGS.items()}
PATH = named("path:3", exact=True)


def local(problem: Bilevel, x: Array) -> Array:
    """(23) at (x_i, y*(x)) for stacks ``(R, n, p)``: what SLAM-L drives to 0."""
    return surrogate(Oracle(problem), x, shared_solution(problem, x))


def apart(problem: Bilevel, x: Array) -> Array:
    """The derivative of x -> f_i(x, y*(x, .., x)) at x_i, for every agent."""
    n = problem.n
    each = [together(problem, np.repeat(x[:, i : i + 1], n, axis=1))[:, i] for i in range(n)]
    return np.stack(each, axis=1)


FIELDS: dict[str, Reading] = {"(18)": eq18, "own": own, "apart": apart}


def stack_root(problem: Bilevel, field: Reading) -> Array:
    """The stack ``(n, p)`` at which a field ``(R, n, p) -> (R, n, p)`` of a quadratic problem vanishes."""
    n, p = problem.n, problem.p
    slope, offset = probe_function(
        lambda z: field(problem, z.reshape(-1, n, p)).reshape(-1, n * p), n * p, problem.field
    )
    found = solve(slope, -offset)
    assert found is not None, "the field has no root"
    return found.reshape(n, p)


def _size(z: Array) -> float:
    return float(np.linalg.norm(convert(z, "float")))


def limits(ctx: Context) -> tuple[dict[str, dict[str, float]], int, float, list[Bilevel]]:
    """Where SLAM-L is at rest on random quadratics: sizes of the readings there, how many do not stay, largest radius, problems."""
    rows: dict[str, dict[str, float]] = {}
    strays, radii, problems = 0, [], []
    for same, shared in SHARED.items():
        for k in range(ctx.pick(1, 4)):
            problem = two_tasks(ctx.seed(same, k), 3, same)
            x = stack_root(problem, local)
            found = at_rest(
                ctx.algorithm("slam-l")(**STEPS), problem, PATH, x, shared_solution(problem, x[None])[0]
            )
            strays += not found.stays
            radii.append(found.radius)
            problems.append(problem)
            rows.setdefault(shared, {name: _size(f(problem, x[None])) for name, f in FIELDS.items()})
            rows[shared].setdefault("to Nash", _size(stack_root(problem, own) - x))
    return rows, strays, largest(radii), problems


def _row(rows: dict[str, dict[str, float]], name: str) -> str:
    return ", ".join(f"{shared}: {row[name]:.3g}" for shared, row in rows.items())


def _elsewhere(strays: int, problems: list[Bilevel]) -> Finding:
    return Finding(
        verdict=Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=f"{strays} of {len(problems)} roots of the agents' (23) are not at rest: the witness is not about this algorithm",
        numbers={"not at rest": strays},
        cases=len(problems),
    )


def _check_nash(ctx: Context) -> Finding:
    rows, strays, radius, problems = limits(ctx)
    if strays:  # another algorithm's limit
        return _elsewhere(strays, problems)
    return broken(
        nash_witness(),
        "two identical agents: SLAM-L rests at x = 1/2, where f_i(x_i, y*(x)) has the derivative 1/4 in x_i (it vanishes at 1/3): y* moves "
        f"with x_i by -C_i'/(n H), not by -C_i'/H; sizes where SLAM-L is at rest on random quadratics, by what agents share: {_row(rows, 'own')}",
        numbers={"sizes": rows, "radius": plain(radius), "not at rest": strays},
        cases=1 + len(problems),
        audit=audit(ALL, problems),
    )


NASH = Statement(
    id="slam/cor1-nash",
    paper=PAPER,
    location="Corollary 1; (8)",
    kind="qualitative",
    variant="added",
    sentence="Read for the derivative of f_i(x_i, y*(x)) in x_i, the first-order condition of every agent's problem in (8): SLAM-L's limit "
    "satisfies it.",
    formula=r"\partial_{x_i} f_i(x_i, y^*(x)) = \nabla_x f_i - \tfrac1n C_i \bar H^{-1} \nabla_y f_i = 0",
    because="(23) has each agent take the whole response of the shared y* for its own doing: a factor n, even among identical agents. What is "
    "reached then is the solution of (1), not a Nash equilibrium of (8).",
    assumptions=ALL,
    about=("slam-l",),
    check=_check_nash,
    expected=Verdict.REFUTED,
)


def _check_apart(ctx: Context) -> Finding:
    rows, strays, radius, problems = limits(ctx)
    if strays:
        return _elsewhere(strays, problems)
    return broken(
        apart_witness(),
        "one lower level, f_i that pull apart: SLAM-L rests at x = (1/2, -1/2), where f_1(x, y*(x, x)) has the derivative 1/2; sizes "
        f"where SLAM-L is at rest on random quadratics, by what agents share: {_row(rows, 'apart')}",
        numbers={"sizes": rows, "radius": plain(radius), "not at rest": strays},
        cases=1 + len(problems),
        audit=audit(ALL, problems),
    )


APART = Statement(
    id="slam/cor1-apart",
    paper=PAPER,
    location="Corollary 1",
    kind="qualitative",
    variant="added",
    sentence="Read literally, y* at agent i's x_i for all agents: SLAM-L's limit is stationary for every f_i(x, y*(x, .., x)) at x = x_i.",
    formula=r"\nabla_x f_i(x, y^*(x, \dots, x))|_{x = x_i} = 0",
    because="The y* that agents share is that of all their x_j, which differ.",
    assumptions=ALL,
    about=("slam-l",),
    check=_check_apart,
    expected=Verdict.REFUTED,
)


def _check_field(ctx: Context) -> Finding:
    from spiritlevel.theory.instruments.formal import ALPHA, BETA
    from spiritlevel.theory.instruments.formal_graphs import GAMMA, RHO, L, different

    made = formal_step(ctx, "slam-l")
    if made is None:
        return unproved(("all",))
    o: Any = made.oracle
    s, z = made.state, made.after
    wrong = different(
        {
            "x": (ALPHA * (s.x - z.x), surrogate(o, s.x, z.y)),
            "y": (BETA * (s.y - z.y), o.grad_y_g(s.x, s.y) + GAMMA * s.om + RHO * GAMMA * L * s.y),
            "om": (z.om - s.om, RHO / GAMMA * L * z.y),
        }
    )
    if wrong:
        return unproved(wrong)
    rows, strays, radius, problems = limits(ctx)
    zero = [shared for shared, row in rows.items() if row["(18)"] == 0]
    as_claimed = zero == [SHARED["HB"], SHARED["H"]]
    return Finding(
        verdict=Verdict.REFUTED if strays or not as_claimed else Verdict.PROVED,
        method=Method.SYMBOLIC,
        summary="one formal step, any problem and graph: at rest y_i = y*(x) and every agent's (23) is 0, which equal Hessians make (18); "
        f"{len(problems)} exact states at rest (spectral radius up to {radius:.4f}): size of (18) by what agents share: {_row(rows, '(18)')}",
        numbers={"sizes": rows, "radius": plain(radius), "not at rest": strays},
        cases=len(problems),
        audit=audit((P2,), problems),
    )


FIELD = Statement(
    id="slam/cor1-field",
    paper=PAPER,
    location="Corollary 1, with (18)",
    kind="qualitative",
    variant="added",
    sentence="Read for (18) at (x_i, y*(x)): SLAM-L is at rest exactly where y_i = y*(x) and every agent's (23) vanishes, which under the Hessian "
    "condition is (18), whatever the cross terms.",
    formula=r"\nabla_x f_i - C_i \bar H^{-1} \nabla_y f_i = 0 \ \forall i \quad \text{at } (x_i, y^*(x_1, \dots, x_n))",
    because="The field that Corollary 1 can be about; it is no gradient of agent i's problem, and SLAM-L need not tend to its root.",
    assumptions=(P2,),
    about=("slam-l",),
    check=_check_field,
    expected=Verdict.PROVED,
)


def _check_no_bias(ctx: Context) -> Finding:
    from spiritlevel.theory.instruments.formal import ALPHA, BETA
    from spiritlevel.theory.instruments.formal_graphs import GAMMA, RHO, L, different

    made = formal_step(ctx, "slam-u")
    if made is None:
        return unproved(("all",))
    o: Any = made.oracle
    s, z = made.state, made.after
    wrong = different(
        {
            "x": (ALPHA * (s.x - z.x), surrogate(o, s.x, z.y) + GAMMA * s.lam + RHO * GAMMA * L * s.x),
            "y": (BETA * (s.y - z.y), o.grad_y_g(s.x, s.y)),
            "lam": (z.lam - s.lam, RHO / GAMMA * L * z.x),
        }
    )
    if wrong:
        return unproved(wrong)
    radii, strays, cases = [], 0, 0
    for same in ("", "H"):
        for k in range(ctx.pick(2, 6)):
            problem = two_tasks(ctx.seed(same, k), 3, same, shared=False)
            x = problem.solution()
            assert x is not None, "the instance has no solution"
            found = at_rest(ctx.algorithm("slam-u")(**STEPS), problem, PATH, *everywhere(problem, x))
            strays += not found.is_limit
            radii.append(found.radius)
            cases += 1
    return Finding(
        verdict=Verdict.REFUTED if strays else Verdict.PROVED,
        method=Method.SYMBOLIC,
        summary="one formal step, any problem and graph: at rest every y_i minimises its own g_i, where (23) is the gradient, and the sum of (23) "
        f"is 0; on {cases} rational quadratics with unequal Hessians or cross terms the exact solution of (9) is SLAM-U's limit "
        f"({strays} exceptions, spectral radius up to {largest(radii):.4f})",
        numbers={"exceptions": strays, "radius": [plain(r) for r in radii]},
        cases=cases,
    )


NO_BIAS = Statement(
    id="slam/cor2-bias",
    paper=PAPER,
    location="Corollary 2",
    kind="qualitative",
    variant="added",
    sentence="SLAM-U is at rest exactly at KKT points of (9), with no condition on Hessians or cross terms.",
    formula=r"x_i = \bar x,\ y_i = y_i^*(\bar x),\ \nabla \tfrac1n \textstyle\sum_i f_i(\bar x, y_i^*(\bar x)) = 0",
    because="With lower levels of their own, the agents' (23) are the gradients of their f_i(x, y_i*(x)).",
    about=("slam-u",),
    check=_check_no_bias,
    expected=Verdict.PROVED,
)
