"""A3 against (24): the bias of the estimator of (23), what makes it small, and which size that is."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from spiritlevel.core.hypergradient import surrogate, truncated
from spiritlevel.core.numbers import convert, inverse
from spiritlevel.core.oracle import Oracle
from spiritlevel.theory.evidence import broken, by_proof
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.assumptions import A1_F, A1_XY, A5
from spiritlevel.theory.slam.gradients.instances import two_tasks
from spiritlevel.theory.slam.gradients.witnesses import build
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import Condition, Iteration, Witness

ROUNDING = 1e-9


def series_rest() -> bool:
    """1/H less (1/L) sum_{j<N} (1 - H/L)^j is (1 - H/L)^N/H for every N: by induction over N."""
    import sympy

    q = sympy.symbols("q", positive=True)  # 1 - H/L
    N = sympy.symbols("N", integer=True, nonnegative=True)
    sum_times_H = 1 - q**N
    next_term = (1 - q) * q**N  # q^N/L times H
    step = sum_times_H.subs(N, N + 1) - sum_times_H - next_term
    return bool(sum_times_H.subs(N, 0) == 0 and sympy.expand(step) == 0)


def bias_witness(terms: int = 3) -> Witness:
    """``H = 1``, ``L = 2``: the estimator's mean is 7/8 where (23) has 1.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> [check(bias_witness(N)).ok for N in (1, 3, 40)]
    [True, True, True]
    """
    return build(
        "slam/a3-bias",
        "A3 and (24)",
        "the estimator of (23) that (24) speaks of is unbiased, as A3 asks",
        note="f = y, g = y^2/2 - x y, so that (23) is 1. The mean of the estimator of Ghadimi and Wang and of Hong et al.: the first N terms "
        "of the series (1/L) sum (1 - H/L)^j for 1/H.",
        given={"H": 1, "L": 2, "N": terms},
        define=(),
        assume=(Condition("A5; L bounds the Hessian", "0 < H and H <= L"),),
        iterate=(
            Iteration(
                text="the sum of the series' first N terms",
                times=terms,
                start=(("total", "0"), ("power", "1")),
                step=(("total", "total + power/L"), ("power", "power*(1 - H/L)")),
                show=("total",),
            ),
        ),
        claim=Condition("A3: its mean is (23)", "total == 1/H"),
    )


def _check_bias(ctx: Context) -> Finding:
    proof, differs, cases, sizes = series_rest(), 0, 0, []
    for k in range(ctx.pick(2, 8)):
        problem = two_tasks(ctx.seed(k), 3)
        x, y = (z[None] for z in problem.start())
        H, C, v = problem.hess_yy_g(x, y), problem.hess_xy_g(x, y), problem.grad_y_f(x, y)
        L = Fraction(math.ceil(float(np.linalg.eigvalsh(convert(H, "float")).max())))
        rest, power = inverse(H), convert(np.eye(problem.q, dtype=int), "fraction")
        for N in range(1, 5):
            power = power @ (convert(np.eye(problem.q, dtype=int), "fraction") - H / L)
            bias = surrogate(Oracle(problem), x, y) - truncated(Oracle(problem), x, y, N, L)
            differs += int((bias != -(C @ (rest @ (power @ v[..., None])))[..., 0]).sum())
            sizes.append(float(np.linalg.norm(convert(bias, "float"))))
            cases += 1
    good = proof and not differs and min(sizes) > 0
    return broken(
        bias_witness(),
        "N terms leave exactly (1 - H/L)^N/H of 1/H, for every N by induction: the mean of the estimator is 7/8 of the truth at H = 1, L = 2, "
        f"N = 3; {differs} entries of the matrix form differ on {cases} rational cases (proof {'stands' if good else 'falls'})",
        numbers={"different": differs, "proof": proof, "bias": sizes},
        cases=cases,
    )


BIAS = Statement(
    id="slam/a3-bias",
    paper=PAPER,
    location="A3 and (24)",
    kind="qualitative",
    variant="added",
    sentence="The stochastic estimates of (23) are unbiased; they are those of the references for (24).",
    formula=r"E h_{f,i} = \nabla f_i(x_i, y_i)",
    because="A truncated Neumann series has the bias C (I - H/L)^N H^-1 grad_y f, which (24) itself bounds by a positive number: A3 and (24) "
    "exclude each other unless H = L. Charitable: A3 up to b_r, as (155)-(157) carry it.",
    check=_check_bias,
    expected=Verdict.REFUTED,
)


def worst_at_mu() -> bool:
    """(1 - H/L)^N/H falls with H on (0, L), so that its largest value over [mu, L] is at mu."""
    import sympy

    H, L, N, room = sympy.symbols("H L N room", positive=True)
    slope = sympy.diff(N * sympy.log(L - H) - N * sympy.log(L) - sympy.log(H), H)  # of the logarithm
    return bool((-slope).subs(L, H + room).is_positive)


def reached(ctx: Context) -> float:
    """The largest bias on two tasks over its bound m C_xy L_f0/mu_g (1 - mu_g/L)^N, for N = 1..4 and one scalar task with H = mu_g."""
    mu, L, N = Fraction(1), Fraction(3), 3
    found = [float((1 / mu - sum((1 - mu / L) ** j / L for j in range(N))) / ((1 - mu / L) ** N / mu))]
    for k in range(ctx.pick(3, 10)):
        problem = two_tasks(ctx.seed("bound", k), 3).over("float")
        x, y = (z[None] for z in problem.start())
        H, C, v = problem.hess_yy_g(x, y), problem.hess_xy_g(x, y), problem.grad_y_f(x, y)
        values = np.linalg.eigvalsh(H)
        L_, tasks = math.ceil(values.max()), (slice(0, 1), slice(1, 3))
        C_xy, L_f0 = (
            max(float(np.linalg.norm(part, 2, axis=axes).max()) for part in parts)
            for parts, axes in (([C[..., s] for s in tasks], (-2, -1)), ([v[..., s] for s in tasks], -1))
        )
        for N in range(1, 5):
            bias = surrogate(Oracle(problem), x, y) - truncated(Oracle(problem), x, y, N, L_)
            bound = len(tasks) * C_xy * L_f0 / values.min() * (1 - values.min() / L_) ** N
            found.append(float(np.linalg.norm(bias, axis=-1).max()) / bound)
    return max(found)


def decay(ctx: Context, share: float = 1.0) -> Finding:
    """The geometric bound with that share of its constant."""
    proof, most = series_rest() and worst_at_mu(), reached(ctx)
    return Finding(
        verdict=by_proof(proof, not most <= share * (1 + ROUNDING)),
        method=Method.SYMBOLIC,
        summary="the rest (1 - H/L)^N/H is largest at H = mu_g: the bias is at most m C_xy L_f0/mu_g (1 - mu_g/L)^N for m tasks and N terms; "
        f"one task with H = mu_g and random quadratics with two tasks reach {most:.3g} of it",
        numbers={"proof": proof, "largest share": most, "tolerance": ROUNDING},
        cases=1 + 4 * ctx.pick(3, 10),
    )


def _check_batch(ctx: Context) -> Finding:
    H, L, N = Fraction(1), Fraction(2), 2
    one = sum(((1 - H / L) ** j / L for j in range(N)), Fraction(0))
    # the mean over independent copies with the same mean
    biases = {size: 1 / H - sum([one] * size, Fraction(0)) / size for size in (1, 10, 100)}
    same = len(set(biases.values())) == 1 and biases[1] != 0
    return Finding(
        verdict=Verdict.REFUTED if same else Verdict.SUPPORTED,
        method=Method.RATIONAL,
        summary=f"H = 1, L = 2, two terms: the mean of 1, 10, 100 estimates has the bias {', '.join(map(str, biases.values()))}",
        numbers={str(size): str(bias) for size, bias in biases.items()},
        cases=len(biases),
    )


BATCH = Statement(
    id="slam/eq24-averaged",
    paper=PAPER,
    location="(24)",
    kind="bound",
    variant="added",
    sentence="Read for the mean of a mini-batch of m_b estimates of fixed length: the bias of the estimator of (23) falls geometrically with m_b.",
    formula=r"\|\nabla f_i - E h_{f,i}\| \le O(b^{m_b})",
    because="Averaging a mini-batch of equally distributed estimates leaves their mean, and so the bias, as it is. What the cited works do is slam/eq24.",
    check=_check_batch,
    expected=Verdict.REFUTED,
)

DECAY = Statement(
    id="slam/eq24",
    paper=PAPER,
    location="(24), 'when the gradient estimator is constructed in a certain way'",
    kind="bound",
    sentence="With the estimator of the cited works, whose number m_b of samples is the number of terms of its series, the bias of (23) is O(b^m_b) with b = 1 - mu_g/L < 1.",
    formula=r"\|\nabla f_i - E h_{f,i}\| \le \frac{m C_{xy} L_{f,0}}{\mu_g} \Big(1 - \frac{\mu_g}{L}\Big)^{m_b}",
    because="The construction is left to the references; for a mini-batch that is averaged it is false (slam/eq24-averaged).",
    assumptions=(A1_F, A1_XY, A5),
    check=lambda ctx: decay(ctx),
    expected=Verdict.PROVED,
)


def _check_size(ctx: Context) -> Finding:
    import sympy

    T, n, c = sympy.symbols("T n c", positive=True)
    grows = sympy.limit(T / (c * sympy.log(n * T)), T, sympy.oo) == sympy.oo
    first = {k: next(t for t in range(2, 10**6) if t > k * math.log(2 * t)) for k in (1, 10, 100)}
    total = sympy.simplify(T * (T + 1) / 2 / (T * sympy.log(n * T)))
    return Finding(
        verdict=Verdict.REFUTED if grows else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary="T/(c log(nT)) grows beyond every bound: c log(nT) terms are fewer than r = T from T = "
        f"{', '.join(str(t) for t in first.values())} on, for c = 1, 10, 100 and n = 2; with m_b >= r a run draws T(T+1)/2 samples",
        numbers={"first T": {str(k): t for k, t in first.items()}, "ratio of samples": str(total)},
        cases=len(first),
    )


SIZE = Statement(
    id="slam/minibatch-size",
    paper=PAPER,
    location="(24) and the sentence after it; Theorem 1",
    kind="complexity",
    sentence="A mini-batch size of O(log(nT)) satisfies the m_b >= r under which (24) is stated, at all iterations r <= T.",
    formula=r"m_b \ge r \ \forall r \le T, \quad m_b = O(\log(nT))",
    because="Misprint, most likely, in m_b >= r: log(nT) is below T; literally, the batch would have to grow with the iteration. With m_b = O(log(nT)) alone all is well (slam/minibatch-log).",
    check=_check_size,
    expected=Verdict.REFUTED,
)


def _check_log(ctx: Context) -> Finding:
    import sympy

    n, T, rate, B, c = sympy.symbols("n T rate B c", positive=True)
    N = c * sympy.log(n * T) / rate
    total = n * B * sympy.exp(-rate * N)  # b_r, the sum over agents, for b = exp(-rate), any number in (0, 1)
    ratio = sympy.expand_log(sympy.log(total**2 / (B**2 / sympy.sqrt(n * T))), force=True)
    powers = [sympy.expand(ratio).coeff(sympy.log(z)) for z in (n, T)]
    left = sympy.simplify(ratio - sum(p * sympy.log(z) for p, z in zip(powers, (n, T), strict=True)))
    least = max(sympy.solve(p, c)[0] for p in powers)
    proof = left == 0 and all(sympy.diff(p, c) < 0 for p in powers)
    return Finding(
        verdict=by_proof(bool(proof)),
        method=Method.SYMBOLIC,
        summary=f"with N = c log(nT)/log(1/b) terms b_r^2 sqrt(nT)/B^2 is n to {powers[0]} times T to {powers[1]}: at most 1 for all n, T >= 1 and every b in (0, 1) exactly "
        f"from c = {least} on",
        numbers={"power of n": str(powers[0]), "power of T": str(powers[1]), "least c": str(least)},
    )


LOG = Statement(
    id="slam/minibatch-log",
    paper=PAPER,
    location="After (24); Theorem 1",
    kind="complexity",
    sentence="O(log(nT)) terms of the series make the square of the agents' biases' sum O(1/sqrt(nT)).",
    formula=r"b_r = \textstyle\sum_i b_{r,i},\ m_b = O(\log(nT)) \Rightarrow b_r^2 \le O(1/\sqrt{nT})",
    assumptions=(A1_F, A1_XY, A5),
    check=_check_log,
    expected=Verdict.PROVED,
)
