"""How far the proof's conditions on alpha and beta are from exact stability, on quadratics with two tasks."""

from __future__ import annotations

from typing import Any

import numpy as np

from spiritlevel.core.graphs import named
from spiritlevel.core.networks import Network
from spiritlevel.core.problem import SolvedProblem
from spiritlevel.core.spectra import laplacian
from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.instruments.spectrum import stability_limit
from spiritlevel.theory.instruments.stability import radius
from spiritlevel.theory.plots import Bars
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.assumptions import A1, A4, A5, HESSIANS
from spiritlevel.theory.slam.gradients.instances import two_tasks
from spiritlevel.theory.slam.hypergradients import eq23
from spiritlevel.theory.slam.step_sizes.point import bracket
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, decide

TASKS, AGENTS, Q = 2, 5, 0.9


def field_lipschitz(problem: SolvedProblem) -> float:
    """L_f: the Lipschitz constant of the field that SLAM descends along, the mean of (23); affine here."""
    x = np.concatenate([np.zeros((1, problem.p)), np.eye(problem.p)])
    values = eq23(problem, x)
    return float(np.linalg.norm(values[1:] - values[0], 2))


def demands(problem: SolvedProblem) -> tuple[dict[str, float], float]:
    r"""The least alpha by (164) and by C_2 < 0, at the least beta by Lemma 5, read as :math:`\beta \ge (\mu_g+L_{g,1})/2`, and that beta.

    For equal Hessians, where :math:`L_{g,2} = L_g = 0` leaves :math:`L_{yc}^2 = L_{f,1}^2 + 5(C_{xy}L_{f,1}/\mu_g)^2` of (158).
    """
    c = problem.constants
    mu, L, C = float(c.mu_g), float(c.L_g), float(c.C_gxy)
    L_f1, n = float(max(c.L_fx, c.L_fy)), problem.n
    E, k = 8 * (L_f1**2 + 5 * (C * L_f1 / mu) ** 2), 2 * (TASKS + 1) * n * (C / mu) ** 2
    rho_g, beta = 2 * mu * L / (mu + L), (mu + L) / 2
    found = {
        "(164)": 4 * (field_lipschitz(problem) / 2 + (TASKS + 1) * (C / mu) ** 2 / n),
        "C_2 < 0": beta * (E + k) / rho_g - k,
    }
    # the edge of C_2 < 0 at this beta
    assert bracket(1.001 * max(found.values()), beta, rho_g, E, k, 0) < 0
    return found, beta


def limit(make: Any, problem: SolvedProblem, network: Network) -> float:
    """The alpha = beta = gamma above which all are stable, up to 10^6: scanned on 8 points per decade, then bisected."""
    top = laplacian(network)[1]

    def at(step: float) -> float:
        return radius(make(alpha=1 / step, beta=1 / step, gamma=1 / step, rho=Q / top), problem, network)

    first = stability_limit(at, low=1e-6, high=1e2, per_decade=8, rtol=1e-9).limit
    return 1 / first if first > 0 else float("inf")


def _check(ctx: Context) -> Finding:
    network = named(f"ring:{AGENTS}")
    problems = [two_tasks(ctx.seed(k), AGENTS, "H").over("float") for k in range(ctx.pick(3, 12))]
    exact = [limit(ctx.algorithm("slam"), problem, network) for problem in problems]
    asked = [demands(problem) for problem in problems]
    least = [(max(terms.values()), max(terms.values()) / beta) for terms, beta in asked]
    room = [alpha / low for (alpha, _), low in zip(least, exact, strict=True)]
    return Finding(
        verdict=decide(min(room) > 10, *room),
        method=Method.LINEAR,
        summary=f"stable from alpha = {', '.join(f'{x:.3g}' for x in exact)} on; the proof admits alpha from {', '.join(f'{x:.3g}' for x, _ in least)} on, "
        f"with alpha/beta = {', '.join(f'{r:.3g}' for _, r in least)}: {min(room):.0f} to {max(room):.0f} times as much",
        numbers={"admitted over limit": room, "limits": exact, "tolerance": 1e-9},
        cases=len(problems),
        audit=audit((*A1, A4, A5, HESSIANS), problems),
        figures=(
            Bars(
                title=f"The least alpha that the proof admits, ring of {AGENTS}, two tasks, first problem",
                y_label="least alpha",
                labels=tuple(asked[0][0]),
                values=list(asked[0][0].values()),
                marked=(max(asked[0][0], key=lambda name: asked[0][0][name]),),
                limit=exact[0],
                limit_label="exact limit, alpha = beta = gamma",
                caption="1/alpha is the step size: all to the right of the dashed line is stable. The marked condition binds.",
            ),
        ),
    )


CONSERVATISM = Statement(
    id="slam/conservatism",
    paper=PAPER,
    location="(164), (168), Lemma 5",
    kind="step size",
    variant="added",
    sentence="On a ring of 5 agents with two tasks and equal Hessians, the least alpha that (164), C_2 < 0 and beta >= (mu_g + L_{g,1})/2 admit is more than 10 times the "
    "exact stability limit of alpha = beta = gamma, rho sigma_max = 0.9.",
    because="The limit is that of the spectral radius of the full map of both levels. Most of the room is alpha/beta; (39b), beta >= sqrt(T)/mu_g, comes on top.",
    assumptions=(*A1, A4, A5, HESSIANS),
    about=("slam",),
    check=_check,
    expected=Verdict.SUPPORTED,
)
