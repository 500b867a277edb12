"""What the relaxation h <= eps costs in the upper level, in closed form."""

from __future__ import annotations

from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.argus.cuts.figures import relaxed
from spiritlevel.theory.evidence import by_proof
from spiritlevel.theory.instruments.cuts import Cut, Violation, judge
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict


def _check_bias(ctx: Context) -> Finding:
    import sympy

    x, y, lam = sympy.symbols("x y lam", real=True)
    slack, eps, w = sympy.symbols("slack eps w", positive=True)
    lagrangian = (x**2 + (y - 1) ** 2) / 2 + lam * (y - x - slack)
    (at,) = sympy.solve([sympy.diff(lagrangian, z) for z in (x, y, lam)], [x, y, lam], dict=True)
    point = all(sympy.expand(2 * at[z] - 1 + s * slack) == 0 for z, s in ((x, 1), (y, -1)))
    multiplier = (
        sympy.expand(2 * at[lam] - 1 + slack) == 0
    )  # >= 0 for slack <= 1: the minimiser, by convexity
    root = sympy.sqrt(1 + 4 * w * eps)
    reach = (root - 1) / (2 * w)
    level = sympy.expand(reach + w * reach**2 - eps) == 0
    small = sympy.expand(reach * (1 + root) - 2 * eps) == 0  # reach = 2 eps / (1 + root): eps at w = 0
    h = Violation([0], [[1]])
    tight = judge(Cut([-1], [1], -1), h, 1).valid and not judge(Cut([-1], [1], -1), h, 2).valid
    return Finding(
        verdict=by_proof(bool(point and multiplier and level and small and tight)),
        method=Method.SYMBOLIC,
        summary="stationarity solved in letters: multiplier (1 - slack)/2 >= 0, strictly convex, so the only minimiser; slack = eps for "
        "lambda_1 = 0, else (sqrt(1 + 4 lambda_1 eps) - 1)/(2 lambda_1)",
        numbers={"point": point, "multiplier": bool(multiplier), "slack": bool(level and small)},
        figures=(relaxed(),),
    )


BIAS = Statement(
    id="argus/eps-bias",
    paper=PAPER,
    location="(8)",
    kind="identity",
    variant="added",
    sentence="For identical agents with G = (x^2 + (y - 1)^2)/2 and g = (y - x)^2/2, with the estimate exact, (8) has its optimum at "
    "x = (1 - slack)/2, y = (1 + slack)/2 for eps up to 1, with slack = eps for lambda_1 = 0: eps/2 from the bilevel optimum.",
    formula=r"x = \tfrac{1-\delta}2, \ y = \tfrac{1+\delta}2, \qquad \delta + \lambda_1 \delta^2 = \varepsilon",
    because="The relaxation is first order in eps, even with exact cuts.",
    check=_check_bias,
    expected=Verdict.PROVED,
)
