"""How many factors of the Neumann product log T is."""

from __future__ import annotations

import numpy as np

from spiritlevel.core.networks import averaging
from spiritlevel.theory.dsbo import PAPER
from spiritlevel.theory.dsbo.assumptions.rows import ASSUMPTIONS, audit_runs
from spiritlevel.theory.dsbo.theorems.moments import bias_at_rest, constants, scalar_problem, stable
from spiritlevel.theory.plots import Curve, Plot
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict, decide

PROBLEM = scalar_problem(1, second=False)
TOLERANCE = 1e-3


def _check_depth(ctx: Context) -> Finding:
    kind, ratio = ctx.algorithm("dsbo"), 0.5  # 1 - a/L_g = 1 - 2/4
    depths = (2, 4, 6, 8, 12, 16)
    floors = np.array(
        [bias_at_rest(kind(**{**constants(0.01, b), "L_g": 4.0}), PROBLEM, averaging(1)) for b in depths]
    )
    exponent = float(np.log(floors[-1] / floors[-2]) / np.log(ratio)) / (depths[-1] - depths[-2])
    error = abs(exponent - 1)
    needed = {  # b + 1 where the squared floor meets 1/sqrt(KT), and where it meets 1/(KT), at KT = 1e5
        str(kappa): [round(float(np.log(1e5) / (k * -np.log1p(-kappa))), 1) for k in (4, 2)]
        for kappa in (0.5, 0.1, 0.01)
    }
    listed = "; ".join(f"{v[0]:g} and {v[1]:g} at kappa_g = {k}" for k, v in needed.items())
    return Finding(
        verdict=decide(error <= TOLERANCE, error),
        method=Method.LINEAR,
        summary=f"b factors leave |grad F| = {floors[0]:.3g} (b = 2) to {floors[-1]:.3g} (b = 16) at rest, (1-kappa_g)^(b+1) to the power "
        f"{exponent:.5f}: b + 1 = c ln(KT) makes it a power of KT, fast enough from c = 1/(4 ln(1/(1-kappa_g))) for (5), twice that for "
        f"(6); ln(KT) is at most 2 ln T where K <= T. For KT = 1e5, where ln(KT) = 11.5, b + 1 >= {listed}",
        numbers={
            "depths": list(depths),
            "floors": floors.tolist(),
            "exponent": exponent,
            "tolerance": TOLERANCE,
            "needed": needed,
        },
        cases=len(depths),
        audit=audit_runs([PROBLEM], [averaging(1)]),
        figures=(
            Plot(
                title="What the Neumann product leaves, kappa_g = 1/2, no noise",
                x_label="Hessian factors b",
                y_label="|grad F| at rest",
                curves=(
                    Curve(f"at rest: base (1 - kappa_g)^{exponent:.4f}", depths, floors, "points"),
                    Curve(
                        "claimed: (1 - kappa_g)^(b+1)",
                        depths,
                        [floors[0] * ratio ** (b - depths[0]) for b in depths],
                        "dashed",
                    ),
                ),
                log="y",
                caption="Every factor takes the same share away, so that a multiple of log T factors is enough.",
            ),
        ),
    )


DEPTH = Statement(
    id="dsbo/b-logT",
    paper=PAPER,
    location="(5) and (6)",
    kind="step size",
    sentence="Some multiple of log T, which depends on kappa_g, is enough for b if K <= T: what truncation leaves is then below the rates of both theorems.",
    formula=r"b = \Theta(\log T)",
    because="The constant behind Theta is about 1/kappa_g for small kappa_g.",
    assumptions=ASSUMPTIONS,
    about=("dsbo",),
    check=stable(_check_depth),
    expected=Verdict.SUPPORTED,
)
