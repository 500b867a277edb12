"""(102)-(104), the optimality conditions that B.3 starts from, and lines of the consensus part that are slips."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from spiritlevel.core.gossip import Gossip
from spiritlevel.core.numbers import Array, convert
from spiritlevel.theory.evidence import broken, proved
from spiritlevel.theory.instruments.signs import certified, reals
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.assumptions import A5, P2
from spiritlevel.theory.slam.lemmas.cases import Case, random_case
from spiritlevel.theory.slam.lemmas.dual_witnesses import (
    edges_witness,
    incidence_witness,
    optimality_witness,
    telescoping_witness,
)
from spiritlevel.theory.slam.lemmas.findings import unbounded
from spiritlevel.theory.slam.lemmas.proofs import symbols
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict


def residuals(ctx: Context, case: Case, k: int, level: str) -> dict[str, Array]:
    """What is left of (102) and (104), as printed and as they hold, at random states and noise, exactly."""
    rng, n = np.random.default_rng(ctx.seed("states", k)), case.n
    z = convert(rng.integers(-6, 7, (4, case.coordinates)), "fmpq") / 2
    noise = [list(convert(rng.integers(-2, 3, (2, 4, n, 1)), "fmpq")) for _ in "fg"]
    at, rho, gamma = case.window(z, *noise).level(level), case.rho, case.gamma

    def L(values: Array) -> Array:
        return Gossip(case.network).differences(values)

    d, w = at.new - at.now, at.new - 2 * at.now + at.old
    first = at.h + at.dual + rho * gamma * L(-d) + at.step * d
    second = at.h - at.h_old + at.dual - at.dual_old + at.step * w - rho * gamma * L(w)
    return {
        "(102)": first,
        "(104)": second,
        "(102) repaired": first + rho * (gamma - 1) * L(at.new),
        "(104) repaired": second + rho * (gamma - 1) * L(d),
    }


def _algebra() -> bool:
    """(102) as it holds, in one mode, for all numbers: (5b) times alpha, and (4d) times gamma A'."""
    import sympy

    a, (x, new, h, dual) = symbols(), reals("x new h dual")
    stepped = sympy.solve(a.step * (new - x) + h + dual + a.rho * a.gamma * a.s * x, new)[0]
    raised = dual + a.rho * a.s * stepped
    left = h + raised + a.rho * a.gamma * a.s * (x - stepped) + a.step * (stepped - x)
    return bool(sympy.simplify(left + a.rho * (a.gamma - 1) * a.s * stepped) == 0) and certified(0 * x, (x,))


def _check_102(ctx: Context) -> Finding:
    return broken(
        optimality_witness(),
        "edge, h = 0, rho = 1, gamma = 2, x^1 = (2, -2): the left side of (102) at r = 1 is (-2, 2); its dual step is rho gamma, "
        "that of (4d) is rho",
    )


EQ102 = Statement(
    id="slam/eq102",
    paper=PAPER,
    location="(102)-(104)",
    kind="identity",
    sentence="The optimality condition of (5b), with the new multiplier of (4d) put in.",
    formula=r"h_f^r + \gamma A^\top \lambda^{r+1} + \rho\gamma A^\top A (x^r - x^{r+1}) + \alpha (x^{r+1} - x^r) = 0",
    because="(4d) changes gamma A'lambda by rho A'A x^{r+1}, not by rho gamma A'A x^{r+1}: rho (gamma - 1) A'A x^{r+1} is missing, "
    "and rho (gamma - 1) A'A (x^{r+1} - x^r) in (103), (104). True for gamma = 1 only; (39b), (149) ask for gamma of the size of sqrt T.",
    check=_check_102,
    expected=Verdict.REFUTED,
)


def _check_102_repaired(ctx: Context) -> Finding:
    wrong = entries = printed = 0
    cases = [random_case(ctx, k, scale=("local", "mean")[k % 2]) for k in range(ctx.pick(6, 24))]
    for k, case in enumerate(cases):
        for level in "xy":
            found = residuals(ctx, case, k, level)
            wrong += sum(int((found[f"{line} repaired"] != 0).sum()) for line in ("(102)", "(104)"))
            printed += int((found["(102)"] != 0).sum()) if case.gamma != 1 else 0
            entries += 2 * found["(102)"].size
    holds = _algebra()
    return Finding(
        verdict=Verdict.REFUTED if wrong else Verdict.PROVED if holds else Verdict.SUPPORTED,
        method=Method.SYMBOLIC if holds and not wrong else Method.RATIONAL,
        summary=f"{wrong} of {entries} entries are not 0"
        if wrong
        else f"(5) and (4) of one Laplacian eigenvector, for all numbers; {entries} exact entries at random states, noise and both "
        f"levels are 0, where the printed one has {printed} that are not",
        numbers={"wrong": wrong, "entries": entries, "printed_wrong": printed},
        cases=len(cases),
        audit=unbounded(),
    )


EQ102_REPAIRED = Statement(
    id="slam/eq102-repaired",
    paper=PAPER,
    location="(102)-(104)",
    kind="identity",
    variant="repaired",
    repairs="slam/eq102",
    sentence="(102) and (104) hold with rho (gamma - 1) A'A times x^{r+1}, and times its move, added on the left; so do those of y.",
    formula=r"h_f^r - h_f^{r-1} + \gamma A^\top (\lambda^{r+1} - \lambda^r) + (\alpha I - \rho\gamma A^\top A) w^{r+1} + "
    r"\rho(\gamma - 1) A^\top A (x^{r+1} - x^r) = 0",
    because="Takes the dual step of (4d).",
    about=("slam",),
    check=_check_102_repaired,
    expected=Verdict.PROVED,
)


def _check_incidence(ctx: Context) -> Finding:
    return broken(
        incidence_witness(),
        "a path of 3 agents has 2 edges: A' has 2 columns, x has 3 entries; A x is meant, as in (10)",
    )


EQ130_INCIDENCE = Statement(
    id="slam/eq130-incidence",
    paper=PAPER,
    location="(130), (138), B.7.1",
    kind="identity",
    sentence="The consensus violation of the upper level is measured by |A'x|^2.",
    formula=r"E\|A^\top x^{r+1}\|^2 \le \dots",
    because="Misprint: A is |E| x n, and A'x is defined only if there are as many edges as agents. |Ax|^2 is meant, as in (10) and (143).",
    check=_check_incidence,
    expected=Verdict.REFUTED,
)


def _check_138(ctx: Context) -> Finding:
    return broken(
        telescoping_witness(),
        "m = 2, no coupling, L_fx = L_f1/2: the coefficient of D_x/alpha^2 is 13/9 in (130) and 49/36 in (138)",
    )


EQ138 = Statement(
    id="slam/eq138",
    paper=PAPER,
    location="(138), from (130)",
    kind="bound",
    sentence="(138) is the mean of (130) over the iterations.",
    because="Misprint, in (130): (138) has L_{f,x} where (130) has L_{f,1}; with several tasks L_{f,x} may be the smaller one, as (34) multiplies it by m. "
    "(It also has n alpha^2 for n^2 alpha^2 under L_{f,x} m^2 sigma_f^2, which is weaker and harmless.) For one task (138) is the right one: see slam/lemma7.",
    check=_check_138,
    expected=Verdict.REFUTED,
)


def _check_170(ctx: Context) -> Finding:
    return broken(edges_witness(), "x = (1, -1) on an edge: the sum over i and j in N_i is 8, |Ax|^2 is 4")


EQ170 = Statement(
    id="slam/eq170",
    paper=PAPER,
    location="(169), (170)",
    kind="identity",
    sentence="|Ax|^2 is the sum of |x_i - x_j|^2 over all i and all j in N_i.",
    formula=r"\tilde x^\top A^\top A \tilde x = \sum_{i,j} \|\tilde x_i - \tilde x_j\|^2 = \sum_{j \in N_i, \forall i} \|x_i - x_j\|^2 = x^\top A^\top A x",
    because="Misprint: a sum over the edges is meant. This one counts every edge twice (and the middle one has pairs that are no edges). Only the outer terms are used.",
    check=_check_170,
    expected=Verdict.REFUTED,
)


def _check_170_repaired(ctx: Context) -> Finding:
    import sympy

    from spiritlevel.theory.slam.lemmas.cases import GRAPHS

    differing = 0
    for k in range(len(GRAPHS)):
        case = random_case(ctx, k)
        n, L = case.n, convert(case.network.laplacian, "symbol")
        x = sympy.symbols(f"x:{n}")
        edges = sum((x[i] - x[j]) ** 2 for i in range(n) for j in range(i) if L[i, j] != 0)
        differing += sympy.expand(edges - sum(L[i, j] * x[i] * x[j] for i in range(n) for j in range(n))) != 0
    a, y = symbols(), reals("y")
    connected = certified(a.s * y**2 - a.low * y**2, (y,))
    return proved(
        connected and differing == 0,
        f"mode by mode s >= sigma_min; on {len(GRAPHS)} graphs x'A'Ax is the sum over the edges, for all x",
        f"{differing} graphs differ",
        {"graphs": list(GRAPHS), "smallest": [str(Fraction(low)) for low, _ in GRAPHS.values()]},
    )


EQ170_REPAIRED = Statement(
    id="slam/eq170-repaired",
    paper=PAPER,
    location="(169), (170)",
    kind="network",
    variant="repaired",
    repairs="slam/eq170",
    sentence="sigma_min |x - mean|^2 is at most |Ax|^2, the sum of |x_i - x_j|^2 over the edges.",
    formula=r"\tilde\sigma_{\min}(A^\top A) \|x - 1\bar x\|^2 \le \|A x\|^2 = \sum_{\{i,j\} \in E} \|x_i - x_j\|^2",
    because="Counts every edge once.",
    assumptions=(P2, A5),
    check=_check_170_repaired,
    expected=Verdict.PROVED,
)
