"""Sentences of the main text that can be checked by themselves: MAML as a bilevel problem, (2b), A2."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from spiritlevel.core.numbers import convert
from spiritlevel.theory.evidence import by_proof
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.algorithms.literal import apply, incidence, push
from spiritlevel.theory.slam.gradients.means import letters
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict


def adapted_response() -> bool:
    r"""(23) with :math:`H = I/\eta`, :math:`C = B - I/\eta`, B the Hessian of the loss: :math:`(I - \eta B) v`; any sizes."""
    import sympy

    (B, v), eta = letters("B v"), sympy.Symbol("eta", positive=True)
    return bool(sympy.expand(-(B - 1 / eta) * eta * v - (v - eta * B * v)) == 0)


def adapted_gradient(loss: Any, upper: Any) -> bool:
    """Whether (18) of the bilevel problem is the gradient of ``upper(x - eta grad loss(x))``, for polynomials in two variables."""
    import sympy

    x, y = sympy.symbols("x_1:3"), sympy.symbols("y_1:3")
    eta = sympy.Symbol("eta", positive=True)
    L, f = loss(*x), upper(*y)
    g = sum(sympy.diff(L, x[k]) * (y[k] - x[k]) + (y[k] - x[k]) ** 2 / (2 * eta) for k in range(2))
    solved = sympy.solve([sympy.diff(g, z) for z in y], y, dict=True)[0]
    steps = all(sympy.expand(solved[y[k]] - (x[k] - eta * sympy.diff(L, x[k]))) == 0 for k in range(2))
    H = sympy.hessian(g, y)
    C = sympy.Matrix(2, 2, lambda a, b: sympy.diff(g, x[a], y[b]))
    v = sympy.Matrix([sympy.diff(f, z) for z in y])
    implicit = (-C * H.inv() * v).subs(solved)
    composed = f.subs(solved, simultaneous=True)
    return steps and all(sympy.expand(implicit[k] - sympy.diff(composed, x[k])) == 0 for k in range(2))


def _check_maml(ctx: Context) -> Finding:
    cases = [
        adapted_gradient(lambda a, b: a**4 / 4 + a * b + b**2, lambda a, b: a * b**2 + a**3),
        adapted_gradient(lambda a, b: a**2 * b - b**3, lambda a, b: (a - b) ** 2),
    ]
    return Finding(
        verdict=by_proof(adapted_response(), not all(cases)),
        method=Method.SYMBOLIC,
        summary="g = <grad L(x), y - x> + |y - x|^2/(2 eta) has the minimiser x - eta grad L(x), one step of adaptation, and (18) is (I - eta L'') grad f, in non-"
        f"commuting symbols; {sum(cases)} of {len(cases)} pairs of polynomials in two variables confirm it. A5 holds with mu_g = 1/eta",
        numbers={"confirmed": sum(cases)},
        cases=len(cases),
    )


MAML = Statement(
    id="slam/maml",
    paper=PAPER,
    location="Section 1, 'MAML can be written as a special case of bilevel programming'",
    kind="identity",
    sentence="Model-agnostic meta-learning with one step of adaptation is a bilevel problem whose lower level is strongly convex, and its gradient is (18).",
    formula=r"y^*(x) = x - \eta \nabla L(x), \quad \nabla_x f(y^*(x)) = (I - \eta \nabla^2 L(x)) \nabla f(y^*(x))",
    check=_check_maml,
    expected=Verdict.PROVED,
)


def graphs(most: int) -> Iterator[tuple[int, list[tuple[int, int]], bool]]:
    """All graphs of 1 to ``most`` nodes up to isomorphism: size, edges, and whether they are connected by a walk."""
    from networkx.generators.atlas import graph_atlas_g

    for graph in graph_atlas_g():
        n = graph.number_of_nodes()
        if not 1 <= n <= most:
            continue
        reached, front = {0}, [0]
        while front:
            near = set(graph.neighbors(front.pop())) - reached
            reached |= near
            front += near
        yield n, sorted(graph.edges), len(reached) == n


def laplacian(n: int, edges: list[tuple[int, int]]) -> list[list[Fraction]]:
    """``A'A``, column by column."""
    A = incidence(n, edges)
    unit = [[[Fraction(i == j)] for i in range(n)] for j in range(n)]
    columns = [push(A, apply(A, e), e) for e in unit]
    return [[columns[j][i][0] for j in range(n)] for i in range(n)]


def nullity(M: list[list[Fraction]]) -> int:
    """The dimension of the null space, by elimination."""
    from flint import fmpq_mat

    n = len(M)
    entries = convert([entry for row in M for entry in row], "fmpq").tolist()
    return n - int(fmpq_mat(n, n, entries).rank())


def squares_of_edges() -> bool:
    """``|A x|^2`` is the sum over the edges of ``(x_i - x_j)^2``, edge by edge: a row of A has 1 and -1."""
    import sympy

    x = sympy.symbols("x_0:4")
    A = sympy.Matrix(incidence(4, [(0, 1), (2, 1), (3, 0), (2, 3)]))
    product = A * sympy.Matrix(x)
    want = [x[0] - x[1], x[2] - x[1], x[3] - x[0], x[2] - x[3]]
    return all(sympy.expand(a - b) == 0 for a, b in zip(product, want, strict=True))


def _check_consensus(ctx: Context) -> Finding:
    wrong = cases = 0
    for n, edges, connected in graphs(ctx.pick(5, 6)):
        wrong += (nullity(laplacian(n, edges)) == 1) != connected
        cases += 1
    return Finding(
        verdict=by_proof(squares_of_edges(), wrong > 0),
        method=Method.SYMBOLIC,
        summary="a row of A x is x_i - x_j over its edge, and differences that vanish along edges vanish along paths; the exact null space of A'A has dimension 1 for "
        f"connected graphs and no others: {wrong} exceptions among all {cases} graphs of up to {ctx.pick(5, 6)} nodes",
        numbers={"exceptions": wrong},
        cases=cases,
    )


CONSENSUS = Statement(
    id="slam/eq2-consensus",
    paper=PAPER,
    location="(1b) and (2b); A2, sigma_min > 0",
    kind="network",
    sentence="A x = 0 holds exactly if x_i = x_j for all neighbours, and makes all x_i equal exactly on connected graphs, those with a positive second-smallest eigenvalue "
    "of A'A.",
    formula=r"Ax = 0 \iff x_1 = \dots = x_n \quad\text{iff}\quad \tilde\sigma_{\min}(A^\top A) > 0",
    check=_check_consensus,
    expected=Verdict.PROVED,
)


def _check_ones(ctx: Context) -> Finding:
    holds = fails = apart = 0
    for n, edges, connected in graphs(ctx.pick(5, 6)):
        zero = all(sum(column, Fraction(0)) == 0 for column in zip(*laplacian(n, edges), strict=True))
        holds += zero
        fails += not zero
        apart += zero and not connected
    return Finding(
        verdict=Verdict.VACUOUS if apart and not fails else Verdict.SUPPORTED,
        method=Method.RATIONAL,
        summary=f"a row of A sums to 1 - 1 = 0, so that 1'A'A = 0 for every graph: {holds} of {holds + fails} graphs of up to {ctx.pick(5, 6)} nodes, {apart} of them not connected",
        numbers={"holds": holds, "not_connected": apart},
        cases=holds + fails,
    )


ONES = Statement(
    id="slam/a2-ones",
    paper=PAPER,
    location="A2, 'well-connected, i.e., 1'L = 0'",
    kind="network",
    sentence="A2 asks that 1'L = 0, L = A'A, which says that the graph is well-connected.",
    formula=r"1^\top L = 0",
    because="It holds for every graph, connected or not; that the second-smallest eigenvalue is positive is what says it (slam/eq2-consensus).",
    check=_check_ones,
    expected=Verdict.VACUOUS,
)
