"""The run of the witness against the printed forms, and how it looks: one period, K = 1, nothing random."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Literal

from spiritlevel.core.arrays import mean_over_agents
from spiritlevel.core.gossip import Gossip
from spiritlevel.core.graphs import named
from spiritlevel.core.hypergradient import surrogate
from spiritlevel.core.numbers import convert
from spiritlevel.core.oracle import Oracle
from spiritlevel.core.samples import Seeded
from spiritlevel.synthetic.families import finite_sum
from spiritlevel.theory.interact.variance.witnesses import recursion_witness
from spiritlevel.theory.plots import Curve, Plot
from spiritlevel.theory.statement import Context

_GIVEN = {k: Fraction(v) for k, v in recursion_witness("svr-eq19").given.items() if isinstance(v, str)}
L_K2_OF_WITNESS = _GIVEN["L_K"] ** 2


@dataclasses.dataclass(frozen=True)
class WitnessRun:
    """The witness's instance in the engine: squared change of p and of (x, y), and squared error, for every t.

    y is in [-1, 1] at every t, where the Huber function is the square, so a quadratic problem takes the same steps.
    """

    change: list[Fraction]
    moved: list[Fraction]
    error: list[Fraction]
    inside: bool

    @classmethod
    def of(cls, ctx: Context) -> WitnessRun:
        given = _GIVEN
        same = [[[[1]], [[1]]]] * 2
        problem = finite_sum(H=same, B=same, c=[[[0], [0]]] * 2, Q=same).over("fraction")
        a = ctx.algorithm("svr-interact")(
            alpha=given["alpha"], beta=given["beta"], K=1, S=2, q=int(given["q"]), L_g=given["L_g"]
        ).over("fraction")
        o, net = Oracle(problem, sampler=Seeded(0, range(1))), Gossip(named("complete:2", exact=True))
        x0, y0 = (convert([[[given[k]]] * 2], "fraction") for k in ("x0", "y0"))
        s: Any = a.init(x0, y0, o, net)
        change, moved, error = [Fraction(0)], [Fraction(0)], [Fraction(0)]
        inside = True
        for t in range(1, int(given["q"]) + 1):
            z = a.step(t, s, o, net)
            change.append(((z.p - s.p) ** 2).sum())
            moved.append(((z.x - s.x) ** 2).sum() + ((z.y - s.y) ** 2).sum())
            error.append((mean_over_agents(surrogate(o, z.x, z.y) - z.p) ** 2).sum())
            inside, s = inside and bool((abs(z.y) <= 1).all()), z
        return cls(change, moved, error, inside)


def sides_plot(
    left: Sequence[Fraction], right: Sequence[Fraction], what: str, caption: str, log: Literal["", "y"] = ""
) -> Plot:
    """Both sides of a printed inequality at t = 1, 2, .. of the witness."""
    t = range(1, len(left) + 1)
    return Plot(
        title="SVR-INTERACT, one period of q = 32, equal samples, K = 1",
        x_label="iteration t",
        y_label=what,
        curves=(
            Curve("left side", t, [float(v) for v in left], "points"),
            Curve("printed right side", t, [float(v) for v in right], "dashed"),
        ),
        log=log,
        caption=caption,
    )
