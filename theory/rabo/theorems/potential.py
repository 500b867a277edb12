"""What (26) says of the potential: the sign of Delta, the sum over rounds, and whether V falls at all."""

from __future__ import annotations

from fractions import Fraction

from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.rabo import PAPER
from spiritlevel.theory.rabo.assumptions import ALL
from spiritlevel.theory.rabo.constants import smoothness
from spiritlevel.theory.rabo.theorems.bound_text import BOUND, bound_witness, exact_round, squared_gradient
from spiritlevel.theory.rabo.theorems.exact import exact_problem
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import Assignments, Condition, Witness
from spiritlevel.theory.witness import check as recheck

ONE_CLIENT = {
    "N": 1,
    "C_x": 1,
    "C_y": 1,
    "Q": 1,
    "w1_2": 0,
    "w2_2": 0,
    "delta_f2": 0,
    "delta_g2": 0,
    "x_2": 0,
    "y_2": 0,
}
ALONE = Condition(
    "one client that holds everything: no differences, no pruning",
    "N == 1 and C_x == N and C_y == N and delta_f2 == 0 and delta_g2 == 0 and w1_2 == 0 and w2_2 == 0",
)


def downhill() -> Bilevel:
    """``f = h(x)``, ``g = y^2/2``: y is 0 and x falls."""
    return exact_problem("downhill", n=1, H=[[1]], B=[[0]], c=[0], forms=[(1, [1], [0], 0)], x0=["1/2"])


def behind(n: int = 1, x0: str = "1/2") -> Bilevel:
    r"""``f = h(x - 2y)``, ``g = (y - x)^2/2``, n clients: :math:`\Phi = h(x)`, and the hypergradient at y = 0 points uphill."""
    return exact_problem("behind", n=n, H=[[1]], B=[[1]], c=[0], forms=[(1, [1], [-2], 0)], x0=[x0])


def delta_witness() -> Witness:
    """One round downhill: V_{Q+1} - V_1 is negative, and nothing else is left of the right-hand side.

    Examples
    --------
    >>> recheck(delta_witness()).last.values
    ('1/4 (0.25) <= -23/48 (-0.479167)',)
    """
    return bound_witness(
        "rabo/thm1-delta",
        "with Delta = E V_{Q+1} - E V_1 the average of ||grad_K Phi||^2 is at most (26)",
        "f = h(x) with Huber's h (x^2/2 up to |x| = 1), g = y^2/2, Q = 1.",
        {**ONE_CLIENT, "mu_g": 1, "l_g1": 1, "l_g2": 0, "l_f0": 1, "l_f1": 1, "alpha": "1/12", "beta": "1/2", "x": "1/2", "y": 0},
        (
            ("x_next", "x - alpha*x"),
            ("y_next", "y - beta*y"),
            ("Delta", "(x_next**2/2 + M_f/L_y*y_next**2) - (x**2/2 + M_f/L_y*y**2)"),
            ("left", "x**2"),
        ),
        (
            ALONE,
            Condition("|h'| <= 1, 0 <= h'' <= 1, g = y^2/2", "l_f0 >= 1 and l_f1 >= 1 and mu_g == 1 and l_g1 >= 1"),
            Condition("x stays where h is quadratic, y at y* = 0", "abs(x) <= 1 and abs(x_next) <= 1 and y == 0 and y_next == 0"),
        ),
        location="Theorem 1, definition of Delta",
    )  # fmt: skip


BEHIND: Assignments = (
    ("y_next", "y - beta*(y - x)"),
    ("x_next", "x + alpha*(x - 2*y_next)"),  # (7): h'(x - 2y) (1 - 2)
    ("V_1", "x**2/2 + M_f/L_y*(y - x)**2"),
    ("V_2", "x_next**2/2 + M_f/L_y*(y_next - x_next)**2"),
    ("Delta", "V_1 - V_2"),
    ("left", "x**2"),
)


def behind_witness() -> Witness:
    """One round in which the potential grows, at steps that Theorem 1 admits.

    Examples
    --------
    >>> recheck(behind_witness()).ok
    True
    """
    return bound_witness(
        "rabo/thm1-homogeneous",
        "with Delta = V_1 - V_{Q+1}, for one client that holds everything and without noise, (26) holds",
        "f = h(x - 2y) with Huber's h, g = (y - x)^2/2, so that Phi = h(x); Q = 1.",
        {**ONE_CLIENT, "mu_g": 1, "l_g1": 2, "l_g2": 0, "l_f0": "9/4", "l_f1": 5, "alpha": "1/105", "beta": "1/1000",
         "x": "1/2", "y": 0, "G": [[1, -1], [-1, 1]], "u": [1, -2]},
        BEHIND,
        (
            ALONE,
            Condition("G is the Hessian of g in (x, y), of norm l_g1 at most", "psd(l_g1*eye(2) - G) and psd(l_g1*eye(2) + G) and G[1, 1] >= mu_g"),
            Condition("|h'| <= 1, 0 <= h'' <= 1, and u = (1, -2)", "norm2(u) <= l_f0**2 and norm2(u) <= l_f1"),
            Condition("h is quadratic where it is asked", "abs(x - 2*y_next) <= 1 and abs(x) <= 1 and abs(x_next) <= 1"),
        ),
        location="Theorem 1, (26), (34b)",
    )  # fmt: skip


def _check_delta(ctx: Context) -> Finding:
    a = ctx.algorithm("rabo")(alpha=Fraction(1, 12), beta=Fraction(1, 2), T=1)
    first, last = exact_round(a, downhill())
    V = [s.x[0, 0, 0] ** 2 / 2 + 2 * s.y[0, 0, 0] ** 2 for s in (first, last)]
    left, right = squared_gradient(downhill(), first), 2 * (V[1] - V[0]) * 12
    witness, turned = delta_witness(), -right
    false = recheck(witness).ok and left > right
    return Finding(
        verdict=Verdict.REFUTED if false else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=f"f = h(x), g = y^2/2, x = 1/2, y = 0, alpha = 1/12, one round: left {left}, right {right}; with V_1 - V_{{Q+1}} it is {turned}",
        numbers={"left": str(left), "right": str(right), "with_the_other_sign": str(turned)},
        audit=audit(ALL, [downhill()]),
        witness=witness if false else None,
    )


DELTA = Statement(
    id="rabo/thm1-delta",
    paper=PAPER,
    location="Theorem 1, definition of Delta",
    kind="bound",
    sentence="(26) holds with Delta = E V_{Q+1} - E V_1, where nothing else stands on the right.",
    formula=r"\Delta = E\|V_{Q+1}\| - E\|V_1\|",
    because="A slip of order: summing V_{q+1} - V_q <= -(alpha/2) G_q gives V_1 - V_{Q+1}, which the other rows take. It is printed so in both theorems and both proofs.",
    assumptions=ALL,
    about=("rabo",),
    check=_check_delta,
    expected=Verdict.REFUTED,
)


def sums() -> dict[str, bool]:
    """Whether summing the last one-step display of Theorem 1's proof gives each term of (26), for all positive letters.

    Examples
    --------
    >>> [name for name, equal in sums().items() if not equal]
    ['Delta = V_{Q+1} - V_1']
    """
    import sympy as sp

    letters = "alpha N C_x M_f L_y L_f Q noise inner pruned V_1"
    alpha, N, C_x, M_f, L_y, L_f, Q, noise, inner, pruned, V_1 = sp.symbols(letters, positive=True)
    ahat = 2 * L_f * alpha**2 + 8 * M_f * alpha**2
    one_step = ahat * N / C_x * (noise + 2 * pruned) + (2 * alpha * M_f**2 + 2 * M_f / L_y) * inner
    average = 2 / (alpha * Q) * (V_1 + Q * one_step)  # (alpha/2) sum G <= V_1 - V_{Q+1} + Q one_step
    terms = {
        "Delta = V_1 - V_{Q+1}": (V_1, 2 / (alpha * Q)),
        "Delta = V_{Q+1} - V_1": (V_1, -2 / (alpha * Q)),
        "2N ahat/(alpha C_x)": (noise, 2 * N * ahat / (alpha * C_x)),
        "4N ahat/(alpha C_x)": (pruned, 4 * N * ahat / (alpha * C_x)),
        "4 M_f^2 + 4 M_f/(alpha L_y)": (inner, 4 * M_f**2 + 4 * M_f / (alpha * L_y)),
    }
    return {
        name: bool(sp.simplify(sp.diff(average, symbol) - coefficient) == 0)
        for name, (symbol, coefficient) in terms.items()
    }


def _check_sum(ctx: Context) -> Finding:
    found = sums()
    wrong = [name for name, equal in found.items() if not equal]
    right = wrong == ["Delta = V_{Q+1} - V_1"]
    return Finding(
        verdict=Verdict.PROVED if right else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary="with Delta = V_1 - V_{Q+1} every term of (26) is what the sum over rounds gives; with the printed order it is not"
        if right
        else f"not equal: {', '.join(wrong)}",
        numbers=found,
        cases=len(found),
    )


DELTA_REPAIRED = Statement(
    id="rabo/thm1-delta-repaired",
    paper=PAPER,
    location="Theorem 1, end of the proof",
    kind="identity",
    variant="repaired",
    repairs="rabo/thm1-delta",
    sentence="With Delta = E V_1 - E V_{Q+1}, (26) is what summing the last one-step display of the proof gives, term by term.",
    because="The order of the two is turned round; whether the one-step display holds is another matter.",
    check=_check_sum,
    expected=Verdict.PROVED,
)


def _check_homogeneous(ctx: Context) -> Finding:
    a = ctx.algorithm("rabo")(alpha=Fraction(1, 105), beta=Fraction(1, 1000), T=1)
    first, last = exact_round(a, behind())
    c = smoothness(behind())
    weight = Fraction(15, 2)  # M_f/L_y for l_f1 = 5
    V = [s.x[0, 0, 0] ** 2 / 2 + weight * (s.y[0, 0, 0] - s.x[0, 0, 0]) ** 2 for s in (first, last)]
    left, right = squared_gradient(behind(), first), 2 * (V[0] - V[1]) * 105
    witness = behind_witness()
    report = recheck(witness)
    false = report.ok and left > right
    return Finding(
        verdict=Verdict.REFUTED if false else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=f"f = h(x - 2y), g = (y - x)^2/2, x = 1/2, y = 0, alpha = 1/105, beta = 1/1000: V grows in the first round, left {left}, right {float(right):.4g}",
        numbers={"left": str(left), "right": str(right), "L_y": str(c.L_y)},
        audit=audit(ALL, [behind()]),
        witness=witness if false else None,
    )


HOMOGENEOUS = Statement(
    id="rabo/thm1-homogeneous",
    paper=PAPER,
    location="Theorem 1, (26), (34b)",
    kind="bound",
    sentence="With Delta turned round, (26) holds for one client that holds everything, without noise, under Theorem 1's conditions.",
    formula=BOUND,
    variant="added",
    because="The printed lower bound on beta lets beta go to 0 with alpha fixed: x moves away faster than y can follow.",
    assumptions=ALL,
    about=("rabo",),
    check=_check_homogeneous,
    expected=Verdict.REFUTED,
)
