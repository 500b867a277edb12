"""What Assumptions 2, 4 and 5 admit."""

from __future__ import annotations

import math

from spiritlevel.core.numbers import convert
from spiritlevel.synthetic.families import quadratic
from spiritlevel.theory.assumptions import audit
from spiritlevel.theory.evidence import broken, proved
from spiritlevel.theory.rabo import PAPER
from spiritlevel.theory.rabo.assumptions import A2, delta_g, pruning
from spiritlevel.theory.rabo.constants import smoothness
from spiritlevel.theory.rabo.lemmas import lipschitz_witnesses as seen
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict


def _check_a2(ctx: Context) -> Finding:
    one = [[[1]]] * 2
    problem = quadratic(one, one, [[0], [0]], Q=one, shared=True).over("fraction")
    c = smoothness(problem)
    return broken(
        seen.unbounded_witness(),
        f"f = y^2/2 against l_f0 = 1000, at y = 2001; but M_f = {float(c.M_f):.4g} and L_f = {float(c.L_f):.4g} are finite, as l_g2 = 0",
        {"l_f0": str(c.l_f0), "M_f": str(c.M_f), "L_f": str(c.L_f), "audit": list(audit(A2, [problem]))},
    )


QUADRATIC_F = Statement(
    id="rabo/a2-quadratic",
    paper=PAPER,
    location="Assumption 2",
    kind="qualitative",
    variant="added",
    sentence="Quadratic upper levels, the usual test problems, satisfy Assumption 2.",
    because="They are not Lipschitz. With a quadratic g the constants of Lemma 1 are finite all the same, so lemmas may be put to them where l_f0 "
    "is not used otherwise; Huber's function and log cosh satisfy A2.",
    check=_check_a2,
    expected=Verdict.REFUTED,
)


def bounded_difference() -> bool:
    r"""The gradients of two quadratics in one z differ by :math:`Mz + m`: along z = sv the square is a polynomial in s, with
    the leading coefficient :math:`|Mv|^2`, so it is bounded for all v just if M = 0."""
    import sympy

    s, M, m, v = sympy.symbols("s M m v", real=True)
    square = sympy.Poly(sympy.expand((M * s * v + m) ** 2), s)
    return square.degree() == 2 and sympy.expand(square.LC() - (M * v) ** 2) == 0


def _check_a4(ctx: Context) -> Finding:
    one, two = [[[1]]] * 2, [[[1]], [[2]]]
    ends = [[1], [-1]]
    radii = [
        delta_g(quadratic(H, B, ends, shared=True).over("fraction"))
        for H, B in ((one, one), (two, one), (one, two))
    ]
    holds = bounded_difference() and math.isfinite(radii[0]) and all(map(math.isinf, radii[1:]))
    return proved(
        holds,
        f"|Mz + m| is bounded just if M = 0; delta_g = {radii[0]}, {radii[1]}, {radii[2]} with equal H and B, with other H, with other B",
        "no proof",
        {"delta_g": [str(r) for r in radii]},
    )


QUADRATIC_G = Statement(
    id="rabo/a4-heterogeneity",
    paper=PAPER,
    location="Assumption 4, (17)",
    kind="qualitative",
    variant="added",
    sentence="Quadratic g_i have a finite delta_g just if all H_i and all B_i are equal; then delta_g is the largest |c_i - cbar|.",
    because="(17) is asked for all z, so A4 admits clients with the same second derivatives only, as far as they are quadratic.",
    check=_check_a4,
    expected=Verdict.PROVED,
)


def _check_readings(ctx: Context) -> Finding:
    return broken(
        seen.readings_witness(),
        "f_1 = f_2, so delta_f = 0; g_1, g_2 with curvatures 3 and 1: (7) differs by 1/6",
    )


READINGS = Statement(
    id="rabo/a4-readings",
    paper=PAPER,
    location="Assumption 4, (16)",
    kind="qualitative",
    variant="added",
    sentence="(16) for the plain gradients of f_i gives (16) for the hypergradients (7), which the proofs use.",
    because="The hypergradients of equal f_i differ where the g_i curve differently. (7) gives nabla f_i a second meaning. A bound (1 + L_y) delta_f holds "
    "where H_i and B_i are equal.",
    check=_check_readings,
    expected=Verdict.REFUTED,
)


def _check_a5(ctx: Context) -> Finding:
    import sympy

    z = sympy.Symbol("z", real=True)
    shares = [sympy.simplify(((z - z * m) ** 2) / z**2) for m in (0, 1)]
    always = shares == [1, 0]
    nothing = pruning(convert([3, 4], "fraction"), convert([[0, 0]], "fraction").astype(int))
    return Finding(
        verdict=Verdict.VACUOUS if always else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary=f"a coordinate loses {shares[0]} or {shares[1]} of its square, so w = 1 will do for every mask, that of nothing too, which "
        f"loses {nothing}",
        numbers={"share lost by the mask of nothing": str(nothing)},
    )


VACUOUS = Statement(
    id="rabo/a5-vacuous",
    paper=PAPER,
    location="Assumption 5",
    kind="qualitative",
    sentence="Assumption 5 limits the deviation of submodels.",
    formula=r"\|x - x \odot m\|^2 \le w_1^2 \|x\|^2, \quad w_1 \in [0, 1]",
    because="With w_1 = w_2 = 1 every 0-1 mask satisfies it. What it says depends on the origin: shifting coordinates changes w.",
    check=_check_a5,
    expected=Verdict.VACUOUS,
)
