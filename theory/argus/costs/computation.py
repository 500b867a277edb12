"""Theorem 3: operations counted in loops that are written out, beside the printed orders."""

from __future__ import annotations

from typing import Any

from spiritlevel.theory.argus import PAPER
from spiritlevel.theory.argus.costs import formulas
from spiritlevel.theory.argus.costs.counting import operations
from spiritlevel.theory.argus.costs.witnesses import quadratic_witness, theta_witness
from spiritlevel.theory.plots import Curve, Plot
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import check as recheck

SIZES = [(d, n, m) for d in (0, 1, 2, 4) for n in (1, 2, 3) for m in (1, 2, 4)]


def different(Ps: tuple[int, ...] = (0, 1, 3), Ks: tuple[int, ...] = (1, 2)) -> int:
    """In how many cases the counted operations are not those of `formulas`."""
    wrong = 0
    for d, n, m in SIZES:
        for P in Ps:
            wrong += operations(d, n, m, P, lambda a: a.iterate()) != formulas.iteration(d, n, m, P)
            wrong += operations(d, n, m, P, lambda a: a.ascend()) != formulas.multipliers(d, n, m, P)
        for K in Ks:
            found = operations(d, n, m, 0, lambda a, K=K: a.update(K))  # type: ignore[misc]
            wrong += found != formulas.update(d, n, m, K)
    return wrong


def symbols() -> tuple[Any, ...]:
    """d, n, m, P, K."""
    import sympy as sp

    found: tuple[Any, ...] = sp.symbols("d n m P K", positive=True)
    return found


def unbounded(ratio: Any, letter: Any) -> bool:
    """Whether a ratio tends to infinity with one letter, the others fixed."""
    import sympy as sp

    return bool(sp.limit(ratio, letter, sp.oo) == sp.oo)


def _check_iteration(ctx: Context) -> Finding:
    wrong = different()
    d, n, m, P, _ = symbols()
    work = formulas.iteration(d, n, m, P)

    def theorem(degree: Any) -> Any:
        return P**2 * degree * (n + m) + degree * n

    with_one = unbounded(work / theorem(1), d)
    without_cuts = unbounded((work / theorem(d)).subs(P, 0), m)
    refuted = wrong == 0 and with_one and without_cuts
    at = {d: 5, n: 1, P: 0}
    shown = [float((work / theorem(d)).subs(at).subs(m, k)) for k in (1, 100, 10000)]
    return Finding(
        verdict=Verdict.REFUTED if refuted else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary="operations over the printed ones tend to infinity with the number of neighbours for the printed d^t = 1, and with the true d^t where "
        f"an agent has no cuts and m grows: {', '.join(f'{v:.3g}' for v in shown)} at m = 1, 100, 10000, since mixing y is left out",
        numbers={"counts_that_differ": wrong, "ratios": shown},
        cases=len(SIZES) * 8,
    )


ITERATION = Statement(
    id="argus/comp",
    paper=PAPER,
    location="Theorem 3, C_{P_1}",
    kind="complexity",
    sentence="(15)-(20) take O(N |P|^2 d (n + m)) + O(N d n) operations, with d = (1/N) sum_ij W_ij.",
    formula=r"C_{P_1}^t = O(N |P_i^t|^2 d^t (n+m)) + O(N d^t n)",
    because="d^t is 1; with the true degree the bound holds where there are cuts, but mixing y, N d m, has no term without.",
    check=_check_iteration,
    expected=Verdict.REFUTED,
)


def _check_quadratic(ctx: Context) -> Finding:
    import sympy as sp

    wrong, witness = different(), quadratic_witness()
    d, n, m, P, _ = symbols()
    degree = sp.degree(sp.expand(formulas.iteration(d, n, m, P)), P)
    counts = [0, 10, 20, 40, 80]
    found = [operations(5, 2, 3, k, lambda a: a.iterate()) for k in counts]
    slopes = {(b - a) / (k - j) for a, b, j, k in zip(found, found[1:], counts, counts[1:], strict=False)}
    refuted = recheck(witness).ok and wrong == 0 and degree == 1 and len(slopes) == 1
    square = [found[1] * (k / 10) ** 2 for k in counts[1:]]
    return Finding(
        verdict=Verdict.REFUTED if refuted else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary=f"complete graph of 6, n = 2, m = 3: {', '.join(map(str, found))} operations per agent for {', '.join(map(str, counts))} cuts, "
        f"{next(iter(slopes)):.0f} per cut, and the formula has degree {degree} in |P|",
        numbers={"operations": found, "degree": int(degree)},
        cases=len(counts),
        witness=witness if refuted else None,
        figures=(
            Plot(
                title="Operations of an iteration and the number of cuts",
                x_label="cuts per agent",
                y_label="operations per agent",
                curves=(
                    Curve("counted", counts[1:], [float(v) for v in found[1:]], "points"),
                    Curve("proportional to the square", counts[1:], square, "dashed"),
                ),
                log="xy",
            ),
        ),
    )


QUADRATIC = Statement(
    id="argus/comp-quadratic",
    paper=PAPER,
    location="Theorem 3; (58), the term of (18)",
    kind="complexity",
    variant="added",
    sentence="The operations of an iteration grow with the square of the number of cuts, as the order in (58) suggests.",
    because="Every cut enters every sum once: (18) takes |P| m operations per agent, (17) takes |P| n + d n, (19) |P| (d + 1)(n + m). As an upper bound the square "
    "is not false.",
    check=_check_quadratic,
    expected=Verdict.REFUTED,
)


def _check_duals(ctx: Context) -> Finding:
    wrong, witness = different(), theta_witness()
    d, n, m, P, _ = symbols()
    work = formulas.multipliers(d, n, m, P)
    grows = unbounded(work / (d**2 * n), P)
    theta = formulas.multipliers(d, n, m, 0)
    refuted = recheck(witness).ok and wrong == 0 and grows
    return Finding(
        verdict=Verdict.REFUTED if refuted else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary=f"(19) and (20) take |P| (2 (d + 1)(n + m) + 4) + 5 d n operations per agent, unbounded in |P|; without cuts {theta}, so that Theorem 3's N d n is "
        "the order of (20) and (58)'s N d^2 n is not sharp",
        numbers={"counts_that_differ": wrong, "without_cuts": str(theta)},
        cases=len(SIZES) * 8,
        witness=witness if refuted else None,
    )


DUALS = Statement(
    id="argus/comp-duals",
    paper=PAPER,
    location="(58), the term of (19), (20)",
    kind="complexity",
    sentence="(19) and (20) take O(N d^2 n) operations.",
    because="The cuts' values cost |P| (d + 1)(n + m) per agent, which no term of it has. In the sum (58) the term of (18) covers that. Theorem 3 has N d "
    "n in the same place.",
    check=_check_duals,
    expected=Verdict.REFUTED,
)


def _check_update(ctx: Context) -> Finding:
    import sympy as sp

    wrong = different()
    d, n, m, _, K = symbols()
    ratio = formulas.update(d, n, m, K) / (d * (n + m) + m * K)
    cross = unbounded(ratio.subs(n, m), m)
    rounds = unbounded(sp.limit(ratio, K, sp.oo), d)
    refuted = wrong == 0 and cross and rounds
    return Finding(
        verdict=Verdict.REFUTED if refuted else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary="even with the true degree: for n = m to infinity the ratio to the printed order is unbounded, by the product of the cross Hessian with a vector, "
        f"n m; and for K to infinity it tends to {sp.limit(ratio, K, sp.oo)}, unbounded in d, as every round sums over d neighbours",
        numbers={"counts_that_differ": wrong},
        cases=len(SIZES) * 8,
    )


UPDATE = Statement(
    id="argus/comp-updates",
    paper=PAPER,
    location="Theorem 3, C_{P_2}; (59)",
    kind="complexity",
    sentence="An update of the cuts takes O(N d (n + m) + N m K) operations.",
    formula=r"C_{P_2} = \textstyle\sum_{t \in \mathcal T} (O(N d^t (n+m) + N m K))",
    because="(5), (6) take K d m per agent and (24) takes n m; gradients of g come on top, as those of G do in C_{P_1}.",
    check=_check_update,
    expected=Verdict.REFUTED,
)


def _check_repaired(ctx: Context) -> Finding:
    Ps, Ks = ctx.pick(((0, 1, 3), (1, 2)), ((0, 1, 2, 5, 9), (1, 2, 4)))
    wrong = different(Ps, Ks)
    d, n, m, P, K = symbols()
    short = (P + 1) * (d + 1) * (n + m)
    upper = (20 * short - formulas.iteration(d, n, m, P)).expand()
    update = (20 * (K * (d + 1) * m + n * m + (d + 1) * (n + m)) - formulas.update(d, n, m, K)).expand()
    covered = all(bool(e.subs({n: 1 + n, m: 1 + m}).expand().is_positive) for e in (upper, update))
    return Finding(
        verdict=Verdict.REFUTED if wrong else Verdict.SUPPORTED if covered else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=f"{wrong} counts differ from the formulas"
        if wrong
        else f"counts equal the polynomials on {len(SIZES)} sizes, |P| = {', '.join(map(str, Ps))} and K = {', '.join(map(str, Ks))}; their differences to 20 times the "
        f"orders have positive coefficients only: {covered}",
        numbers={"different": wrong},
        cases=len(SIZES) * (2 * len(Ps) + len(Ks)),
    )


COMP_REPAIRED = Statement(
    id="argus/comp-repaired",
    paper=PAPER,
    location="Theorem 3; (58)-(60)",
    kind="complexity",
    variant="repaired",
    repairs="argus/comp",
    sentence="Per agent (15)-(20) take O((|P| + 1)(d + 1)(n + m)) operations, an update O(K (d + 1) m + n m + (d + 1)(n + m)), besides gradients and "
    "proximal maps; d is the number of neighbours.",
    formula=r"(2d+1)(n+m) + 2|P|(n+m) + dn + 2(n+m) + |P|(2(d+1)(n+m)+4) + 5dn",
    because="Linear in |P|, with the true degree, with mixing, K d m and the cross Hessian. With K > 1 the derivative through the rounds costs more.",
    check=_check_repaired,
    expected=Verdict.SUPPORTED,
)
