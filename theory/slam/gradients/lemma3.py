"""Lemma 3: Lipschitz constants of the surrogate (23) with several coupled tasks."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np

from spiritlevel.core.numbers import Array
from spiritlevel.synthetic.shifted import STEEPEST, curvature, slope
from spiritlevel.theory.evidence import broken, by_proof, sides
from spiritlevel.theory.instruments.falsify import Box, Search, excess, search
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.assumptions import A1, A5
from spiritlevel.theory.slam.gradients.lemma_witnesses import bounded_witness, constant_witness, eq36_witness
from spiritlevel.theory.slam.gradients.means import letters
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import check as recheck

TASKS = 2


def forms(v: dict[str, float]) -> Array:
    """Orthonormal a and b in the space of (y_1, y_2, x), rows, by three angles."""
    (c, s), (ct, st), (cu, su) = (
        (math.cos(v.get(k, 0.0)), math.sin(v.get(k, 0.0))) for k in ("angle", "tilt", "turn")
    )
    plane = np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]])
    tilt = np.array([[1.0, 0.0, 0.0], [0.0, ct, st], [0.0, -st, ct]])
    turn = np.array([[cu, su, 0.0], [-su, cu, 0.0], [0.0, 0.0, 1.0]])
    return np.asarray((turn @ tilt @ plane)[:2])


def eq23(v: dict[str, float], x: float, y: Array) -> float:
    r"""(23) of one agent with two tasks under :math:`f = \varphi(a^\top z) - \varphi(b^\top z)`, z = (y, x), a and b of `forms`.

    ``f`` couples the tasks and x; :math:`L_{f,0} = \sqrt2`, :math:`L_{f,1} = 1`. The tasks' lower level is
    :math:`(\mu/2) y_k^2 - C x y_k + \theta \varphi(y_k - x)`: :math:`C_{xy} = C + \theta`, :math:`L_{g,2} = \theta \max|\varphi'''|`
    in x or y alone.

    Examples
    --------
    >>> eq23({"angle": 0.0, "mu": 1.0, "C": 2.0, "theta": 0.0}, 0.0, np.array([0.75, 0.0]))
    1.2
    """
    a, b = forms(v)
    z = np.append(y, x)
    gradient = slope(a @ z) * a - slope(b @ z) * b
    bent = v["theta"] * curvature(y - x)
    return float(gradient[2] + ((v["C"] + bent) / (v["mu"] + bent) * gradient[:2]).sum())


def constants(v: dict[str, float]) -> dict[str, float]:
    """The sums of (36) and (37), printed and with the coupling of tasks, and the constant of (38)."""
    mu, C, L_f1, L_f0 = v["mu"], v["C"] + v["theta"], 1.0, math.sqrt(2)
    L_g2 = v["theta"] * STEEPEST
    through_g = L_f0 * (L_g2 / mu + L_g2 * C / mu**2)
    return {
        "printed": L_f1 + L_f1 * C / mu + through_g,
        "coupled": L_f1 + TASKS * L_f1 * C / mu + through_g,
        "x": L_f1 + TASKS / mu * (L_f1 * C + L_f0 * (L_g2 + L_g2 * C / mu)),
    }


BOX: Box = {
    **{angle: (0.0, 2 * math.pi, "linear") for angle in ("angle", "tilt", "turn")},
    "mu": (0.1, 3.0, "log"),
    "C": (1e-2, 30.0, "log"),
    "theta": (1e-3, 3.0, "log"),
    "x": (-3.0, 3.0, "linear"),
    **{name: (-3.0, 3.0, "linear") for name in ("y0", "y1")},
    "d0": (1e-2, 3.0, "log"),
    "d1": (-3.0, 3.0, "linear"),
}


def in_y(v: dict[str, float], which: str) -> tuple[float, float]:
    """Both sides of (33): y moves by (d0, d1)."""
    y, d = np.array([v["y0"], v["y1"]]), np.array([v["d0"], v["d1"]])
    change = eq23(v, v["x"], y + d) - eq23(v, v["x"], y)
    return abs(change), constants(v)[which] * float(abs(d).sum())


def in_x(v: dict[str, float], which: str) -> tuple[float, float]:
    """Both sides of (34): x moves by d0."""
    y = np.array([v["y0"], v["y1"]])
    return abs(eq23(v, v["x"] + v["d0"], y) - eq23(v, v["x"], y)), constants(v)[which] * v["d0"]


def attack(
    ctx: Context,
    both: Callable[[dict[str, float], str], tuple[float, float]],
    which: str,
    share: float = 1.0,
) -> Search:
    """Search over tasks, angles and points for a violation of that share of the bound with that constant."""

    def violation(v: dict[str, float]) -> float:
        left, right = both(v, which)
        return excess(left, share * right)

    return search(violation, BOX, ctx.pick(3000, 16000), ctx.seed(both.__name__, which))


def three_parts() -> bool:
    """C H^-1 v - C' H'^-1 v' = C H^-1 (v - v') + (C - C') H'^-1 v' + C H^-1 (H' - H) H'^-1 v', in non-commuting symbols."""
    import sympy

    C, C2, H, H2, v, v2 = letters("C C2 H H2 v v2")
    parts = C * H**-1 * (v - v2) + (C - C2) * H2**-1 * v2 + C * H**-1 * (H2 - H) * H2**-1 * v2
    return bool(sympy.expand(C * H**-1 * v - C2 * H2**-1 * v2 - parts) == 0)


def constants_add_up() -> bool:
    """The sums over m tasks of the three parts' bounds are the constants of (33), with coupling, and of (38), as printed."""
    import sympy

    m, C, mu, L0, L1, L2 = sympy.symbols("m C mu L_f0 L_f1 L_g2", positive=True)
    through_f, through_g = C / mu * L1, L0 * (L2 / mu + C * L2 / mu**2)
    # in y_k: grad_x f and all m gradients grad_{y_j} f move by L_f1 each, the k-th task's Hessians by L_g2
    y = L1 + m * through_f + through_g - (L1 + m * L1 * C / mu + L0 * L2 / mu * (1 + C / mu))
    # in x: everything moves
    x = L1 + m * (through_f + through_g) - (L1 + m / mu * (L1 * C + L0 * (L2 + L2 * C / mu)))
    return bool(sympy.simplify(y) == 0 and sympy.simplify(x) == 0)


ATTACKS = {"y": (in_y, "coupled"), "x": (in_x, "x")}


def proved(ctx: Context, names: str, what: str, share: float = 1.0) -> Finding:
    """The bounds in y, in x or in both, with that share of their constants."""
    proof = three_parts() and constants_add_up()
    searches = {name: attack(ctx, *ATTACKS[name], share) for name in names}
    reached = {name: share * (1 + s.value) for name, s in searches.items()}
    against = any(s.found for s in searches.values())
    return Finding(
        verdict=by_proof(proof, against),
        method=Method.SYMBOLIC,
        summary=f"{what}; on two coupled tasks a search reaches "
        f"{', '.join(f'{value:.2f} of the bound in {name}' for name, value in reached.items())}",
        numbers={**reached, "proof": proof, "tolerance": 1e-9},
        cases=sum(s.evaluations for s in searches.values()),
    )


def _check_lemma3(ctx: Context) -> Finding:
    return proved(
        ctx,
        "yx",
        "each task's product differs in three parts, bounded by A1 and A5; the tasks add up to finite constants that hold A1's and A5's "
        "constants and m only",
    )


LEMMA_3 = Statement(
    id="slam/lemma3",
    paper=PAPER,
    location="Lemma 3, (33), (34)",
    kind="lemma",
    sentence="(23) is Lipschitz in the tasks' y, and in x, with constants that depend on those of A1 and A5 only.",
    formula=r"\|\nabla f_i(x_i, y_i) - \nabla f_i(x_i, y_i')\| \le L_{f,y} \sum_k \|y_{i,k} - y_{i,k}'\|, \quad \|\nabla f_i(x_i, y_i) - "
    r"\nabla f_i(x_i', y_i)\| \le m L_{f,x} \|x_i - x_i'\|",
    because="True with the coupling of tasks in L_f,y (slam/lemma3-constant-repaired), and with the number m of tasks.",
    assumptions=(*A1, A5),
    check=_check_lemma3,
    expected=Verdict.PROVED,
)


def _check_eq36(ctx: Context) -> Finding:
    ((change, allowed),) = sides(eq36_witness())
    return broken(
        eq36_witness(),
        f"two tasks coupled through f: y_1 moves, the term of task 2 changes by {change}, (36) allows {allowed}",
        numbers={"change": change, "allowed": allowed},
    )


EQ_36 = Statement(
    id="slam/lemma3-eq36",
    paper=PAPER,
    location="Proof of Lemma 3, (35), (36)",
    kind="lemma",
    variant="added",
    sentence="Read for f_i(x_i, y_{i,k}) as (2) abbreviates it, all tasks' y moving: the k-th task's term of (23) changes by at most a constant times the change of y_k.",
    formula=r"\|C_k H_k^{-1} \nabla_{y_k} f_i - C_k' H_k'^{-1} \nabla_{y_k} f_i'\| \le \Big(\frac{L_{f,1} C_{xy}}{\mu_g} + L_{f,0} \Big("
    r"\frac{L_{g,2}}{\mu_g} + \frac{L_{g,2} C_{xy}}{\mu_g^2}\Big)\Big) \|y_{i,k} - y_{i,k}'\|",
    because="grad_{y_k} f depends on the other tasks' y as well. Where y_k alone moves it is true; (33) then takes one task after the other, and the other tasks' terms move too.",
    check=_check_eq36,
    expected=Verdict.REFUTED,
)


def _check_constant(ctx: Context) -> Finding:
    found = attack(ctx, in_y, "printed")
    ((change, bound),) = sides(constant_witness())
    searched = "finds violations too" if found.found else "finds none"
    return broken(
        constant_witness(),
        f"two tasks, C_xy/mu = 3: (23) changes by {change}, the bound is {bound}; a search on smooth f {searched} (excess {found.value:.3g})",
        numbers={"change": change, "bound": bound, "search": found.value},
        cases=1 + found.evaluations,
    )


CONSTANT = Statement(
    id="slam/lemma3-constant",
    paper=PAPER,
    location="Proof of Lemma 3, (33), (36), (37)",
    kind="lemma",
    variant="added",
    sentence="(33) holds with the sum of the constants of (36) and (37), which the proof combines 'immediately'.",
    formula=r"L_{f,y} = L_{f,1} + \frac{L_{f,1} C_{xy}}{\mu_g} + L_{f,0} \Big(\frac{L_{g,2}}{\mu_g} + \frac{L_{g,2} C_{xy}}{\mu_g^2}\Big)",
    because="Lemma 3 itself says only that there is a constant, which there is (slam/lemma3). Every task's term moves with every task's y; true for one task.",
    check=_check_constant,
    expected=Verdict.REFUTED,
)


def _check_constant_repaired(ctx: Context) -> Finding:
    return proved(
        ctx,
        "y",
        "all m gradients grad_{y_k} f move by L_f1 |y_j - y_j'|, the Hessians of task k by L_g2 |y_k - y_k'| alone",
    )


CONSTANT_REPAIRED = Statement(
    id="slam/lemma3-constant-repaired",
    paper=PAPER,
    location="Proof of Lemma 3, (33), (36), (37)",
    kind="lemma",
    variant="repaired",
    repairs="slam/lemma3-constant",
    sentence="(33) holds with the number m of tasks in front of L_f1 C_xy/mu_g.",
    formula=r"L_{f,y} = L_{f,1} + \frac{m L_{f,1} C_{xy}}{\mu_g} + L_{f,0} \Big(\frac{L_{g,2}}{\mu_g} + \frac{L_{g,2} C_{xy}}{\mu_g^2}\Big)",
    because="A factor m on one term (sqrt(m), if L_f1 bounds the whole gradient of f).",
    assumptions=(*A1, A5),
    check=_check_constant_repaired,
    expected=Verdict.PROVED,
)


def _check_x(ctx: Context) -> Finding:
    return proved(
        ctx,
        "x",
        "m tasks, each with three parts that all move with x, and grad_x f",
    )


EQ_38 = Statement(
    id="slam/lemma3-eq38",
    paper=PAPER,
    location="Proof of Lemma 3, (38)",
    kind="lemma",
    sentence="(23) changes with x by at most the printed constant, m times L_f,x.",
    formula=r"m L_{f,x} = L_{f,1} + \frac{m}{\mu_g} \Big(L_{f,1} C_{xy} + L_{f,0} \Big(L_{g,2} + \frac{L_{g,2} C_{xy}}{\mu_g}\Big)\Big)",
    assumptions=(*A1, A5),
    check=_check_x,
    expected=Verdict.PROVED,
)


def _check_bounded(ctx: Context) -> Finding:
    tried = (1, 100, 10**6)
    pairs = [sides(bounded_witness(K))[0] for K in tried]
    stand = all(recheck(bounded_witness(K)).ok for K in tried)
    shown = ", ".join(
        f"{float(Fraction(change)):.3g} where K = {K:g} allows {bound}"
        for K, (change, bound) in zip(tried, pairs, strict=True)
    )
    found = broken(
        bounded_witness(),
        f"f = y^2/2 over g = y^2/2 + phi(y - x) has a Lipschitz gradient; at x = 10 K (23) changes by {shown}",
        numbers={f"K = {K:g}": list(pair) for K, pair in zip(tried, pairs, strict=True)},
        cases=len(tried),
    )
    return found if stand else dataclasses.replace(found, verdict=Verdict.INCONCLUSIVE)


NEEDS_BOUND = Statement(
    id="slam/lemma3-needs-bound",
    paper=PAPER,
    location="Lemma 3; A1",
    kind="lemma",
    variant="added",
    sentence="Lemma 3 needs no bound on grad_y f, only that grad f is Lipschitz.",
    formula=r"L_{f,0} = \infty",
    because="Where Hessians of g vary, (23) multiplies their change by grad_y f; A1 does ask f to be Lipschitz, so no f that is quadratic in "
    "y satisfies it.",
    check=_check_bounded,
    expected=Verdict.REFUTED,
)
