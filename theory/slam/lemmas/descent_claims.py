"""B.5.3 line by line: (153) to (160)."""

from __future__ import annotations

from fractions import Fraction

from spiritlevel.theory.evidence import Evidence, broken, proved
from spiritlevel.theory.instruments.signs import certified, reals
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.assumptions import A1, A4, A5, HESSIANS, P2
from spiritlevel.theory.slam.lemmas import descent_witnesses as seen
from spiritlevel.theory.slam.lemmas.cases import Case, random_case
from spiritlevel.theory.slam.lemmas.descent import COEFFICIENTS, Jensen, descends, halves, identity, inserted
from spiritlevel.theory.slam.lemmas.findings import judged
from spiritlevel.theory.slam.lemmas.noise import SCALES
from spiritlevel.theory.statement import Context, Finding, Statement, Verdict

SMALL = ("path:2", "path:3", "complete:3")


def _cases(ctx: Context) -> list[Case]:
    count = ctx.pick(4, 20)
    return [random_case(ctx, k, graph=SMALL[k % 3], scale=SCALES[k % 2]) for k in range(count)]


def _check_descent(ctx: Context) -> Finding:
    cases = _cases(ctx)
    failing = sum(not descends(case) for case in cases)
    return judged(
        identity(),
        Evidence(
            len(cases), failing, "exact cases, all states at once, noise enumerated, both normalisations"
        ),
        "the descent lemma for an L_f-Lipschitz gradient, E|z|^2 = |Ez|^2 + variance, and <g, -h/alpha> expanded",
    )


EQ153_REPAIRED = Statement(
    id="slam/eq153-repaired",
    paper=PAPER,
    location="(153)-(155)",
    kind="lemma",
    variant="repaired",
    repairs="slam/eq153",
    sentence="(153) to (155) hold with the true gradient of (1) and its Lipschitz constant L_f, for any samples h_f, E h_f in the last but one term of (155).",
    formula=r"E f^+ \le f - \tfrac{1}{2\alpha} \|\nabla f\|^2 - \Big(\tfrac\alpha2 - \tfrac{L_f}{2}\Big) \|E[\bar x^{r+1} - \bar x^r]\|^2 + "
    r"\tfrac{1}{2\alpha} \|\nabla f - E\bar h_f^r\|^2 + \tfrac{L_f}{2\alpha^2} E\|\bar h_f^r - E\bar h_f^r\|^2",
    because="Takes the gradient of (1); (155) prints h_f for its mean, under no expectation.",
    assumptions=(P2, *A1, A4, A5),
    about=("slam",),
    check=_check_descent,
    expected=Verdict.PROVED,
)


def _check_156(ctx: Context) -> Finding:
    found = inserted()
    larger = {name: factor for name, factor in found.items() if factor != "1"}
    fits = all(factor == "1" or Fraction(factor) >= 1 for factor in found.values())
    return proved(
        fits,
        f"{len(COEFFICIENTS) - len(larger)} of {len(COEFFICIENTS)} coefficients are half of (157)'s, for all m; larger than needed: {larger}",
        f"some coefficient is too small: {larger}",
        found,
    )


EQ156 = Statement(
    id="slam/eq156",
    paper=PAPER,
    location="(156)",
    kind="identity",
    sentence="(156) is (155) with 1/(2 alpha) times (157) put in.",
    because="The coefficient 10(m+1) is not halved (harmless), the sum over k in front of |y_k - 1 ybar_k|^2 is lost, and N_2 has 4 b^2/(n alpha) where 2 would do.",
    check=_check_156,
    expected=Verdict.PROVED,
)


def _check_157(ctx: Context) -> Finding:
    return broken(
        seen.common_move_witness(),
        "20 agents alike, every y moves by 1/2: left 1/4, right 1/5 (with L_fy = 1: 1/20)",
    )


EQ157 = Statement(
    id="slam/eq157",
    paper=PAPER,
    location="(157)",
    kind="lemma",
    sentence="The mean sample differs from the gradient by consensus errors, distances and moves with 1/n^2 in front of stacked squares.",
    formula=r"\|\nabla f(\bar x^r, y^*) - E\bar h_f^r\|^2 \le \dots + \tfrac{4mL_{f,y}^2}{n^2} \sum_k E\|y_k^{r+1} - y_k^r\|^2 + \tfrac{4b_r^2}{n}",
    because="By (152) it is about means, not stacks: |sum of n vectors|^2 is at most n times the sum of squares, so that the mean's square has 1/n. The same holds for L_f^2, L_{f,y}^2, L_{y,c}^2 "
    "over n^2 in (156), (157), (168), (171).",
    assumptions=(P2, *A1, A5),
    check=_check_157,
    expected=Verdict.REFUTED,
)


def _check_157_repaired(ctx: Context) -> Finding:
    cases = _cases(ctx)
    failing = sum(not all(Jensen(moved).holds(case) for moved in "xy") for case in cases)
    return judged(
        _means(),
        Evidence(len(cases), failing, "exact cases, all pairs of points at once"),
        "Cauchy over tasks and Jensen over agents by Lagrange's identity, and Lemma 3",
    )


def _means() -> bool:
    """m times the sum of squares less the square of the sum is a sum of squares; the same divides the mean's square by n."""
    from spiritlevel.theory.slam.lemmas.proofs import spread

    for m in (1, 2, 3, 4):
        a = reals(" ".join(f"a{k}" for k in range(m + 1)))[:m]
        if not certified(m * sum(v**2 for v in a) - sum(a) ** 2, a, spread(a, [m] * m, 1)):
            return False
    return True


EQ157_REPAIRED = Statement(
    id="slam/eq157-repaired",
    paper=PAPER,
    location="(157)",
    kind="lemma",
    variant="repaired",
    repairs="slam/eq157",
    sentence="The mean of (23) changes by at most m L_{f,y}^2/n times the squared moves of all y_k, and by m^2 L_{f,x}^2/n times that of x.",
    formula=r"\Big\|\tfrac1n \sum_i \nabla f_i(x_i, y_{i,k}) - \nabla f_i(x_i, y'_{i,k})\Big\|^2 \le \tfrac{mL_{f,y}^2}{n} \sum_k \|y_k - y'_k\|^2",
    because="1/n for 1/n^2; Lemma 3's constants, any points.",
    assumptions=(P2, *A1, A5),
    check=_check_157_repaired,
    expected=Verdict.PROVED,
)


def _check_gap(ctx: Context) -> Finding:
    return broken(
        seen.gap_witness(),
        "two agents, Hessians 1, cross terms -1 and 1, at consensus with y = y*: gradient 0, mean of (23) -1: 1 > 0",
    )


EQ157_FIELD = Statement(
    id="slam/eq157-field",
    paper=PAPER,
    location="(157), (158)",
    kind="lemma",
    variant="added",
    sentence="Read for the gradient of (1) in the place of (152): at consensus with y = y* and without bias the mean sample is that gradient, under the Hessian condition.",
    formula=r"\nabla f(\bar x, y^*(\bar x)) = \tfrac1n \sum_i \nabla f_i(\bar x, y_i^*(\bar x)), \text{ by } (23)",
    because="The condition makes the Hessians equal, not the cross terms; what is left is the covariance of cross terms and y-gradients over agents. Read for (152), as printed, it "
    "is true, and (153) false: slam/eq153.",
    assumptions=(P2, *A1, A5, HESSIANS),
    check=_check_gap,
    expected=Verdict.REFUTED,
)


def _check_158(ctx: Context) -> Finding:
    return broken(
        seen.common_distance_witness(),
        "10 agents alike, f_i = h(x + y), all y at distance 1 from y*: left 1, right 4/5 (with L_f1 = 1: 1/5)",
    )


EQ158 = Statement(
    id="slam/eq158",
    paper=PAPER,
    location="(158)",
    kind="lemma",
    sentence="The mean of (23) differs from that at y* by at most (m+1) L_{y,c}^2/n^2 times the squared distances.",
    formula=r"\|\nabla f(x, y_k^*(x)) - \nabla f(x, y_k)\|^2 \le \tfrac{m+1}{n^2} \sum_k L_{y,c}^2 \|y_k - y_k^*(x)\|^2 + \dots",
    because="A factor n is lost, as in (157); slam/eq157-repaired is what holds. (a.2) has 1/n in front of L_{y,c}^2.",
    assumptions=(P2, *A1, A5),
    check=_check_158,
    expected=Verdict.REFUTED,
)


def _check_159(ctx: Context) -> Finding:
    cases = _cases(ctx)
    failing = sum(not halves(case) for case in cases)
    a, b = reals("a b")
    young = certified(2 * a**2 + 2 * b**2 - (a + b) ** 2, (a, b), [(1, a - b)])
    return judged(
        young and _means(),
        Evidence(len(cases), failing, "exact cases, all x and y at once"),
        "|a + b|^2 <= 2|a|^2 + 2|b|^2, and n copies of y*(x), whose derivative is -Hbar^-1 C_i/n in x_i, are C_xy/mu_g-Lipschitz in the stacked x by Cauchy",
    )


EQ159 = Statement(
    id="slam/eq159",
    paper=PAPER,
    location="(159), (160)",
    kind="lemma",
    sentence="The distance to y* at the mean of x is at most twice that at x, squared, plus 2 L_y^2 times the squared consensus error; all stacked.",
    formula=r"\|y_k^*(1\bar x^r) - y_k^r\|^2 \le 2\|y_k^*(x^r) - y_k^r\|^2 + 2L_y^2 \|x^r - 1\bar x^r\|^2",
    assumptions=(P2, *A1, A5),
    check=_check_159,
    expected=Verdict.PROVED,
)
