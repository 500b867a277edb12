r"""The Hessian condition of Theorem 1 and Corollary 1: what each reading asks for, and what it is worth.

.. math:: \|\nabla^2_{yy} g_i(\cdot, y_i) - \tfrac1n \textstyle\sum_j \nabla^2_{yy} g_j(\cdot, y_j')\| \le L_g \|y_i - y_i'\|
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from spiritlevel.core.numbers import Array
from spiritlevel.synthetic.levels import Lower
from spiritlevel.synthetic.lower import QuadraticLower
from spiritlevel.synthetic.shifted import STEEPEST, ShiftedLower
from spiritlevel.theory.evidence import broken, by_proof
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.gradients.means import letters
from spiritlevel.theory.slam.gradients.witnesses import lemma1_witness, needed_witness
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict

Reading = Literal["common", "own x", "free"]


def spread(lower: Lower, reading: Reading, rng: np.random.Generator, rows: int = 2000) -> tuple[float, float]:
    """The left side where the right side is 0, and the largest ratio of the two elsewhere, at random points.

    Parameters
    ----------
    reading
        ``common``: one x and one y' for all agents; ``own x``: one y', an x for every agent (Corollary 1);
        ``free``: an x, a y and a y' for every agent.

    Examples
    --------
    >>> equal = QuadraticLower(np.ones((2, 1, 1)), np.array([[[1.0]], [[5.0]]]), np.zeros((2, 1)))
    >>> spread(equal, "free", np.random.default_rng(0))
    (0.0, 0.0)
    """
    x, y, y2 = (2 * rng.standard_normal((rows, lower.n, k)) for k in (lower.p, lower.q, lower.q))
    if reading != "free":
        y2 = np.repeat(y2[:, :1], lower.n, axis=1)
    if reading == "common":
        x = np.repeat(x[:, :1], lower.n, axis=1)

    def left(at: Array) -> Array:
        apart = lower.hess_yy(x, at) - lower.hess_yy(x, y2).sum(axis=1, keepdims=True) / lower.n
        return np.linalg.norm(apart, 2, axis=(-2, -1))

    return float(left(y2).max()), float((left(y) / np.linalg.norm(y - y2, axis=-1)).max())


def _lowers(rng: np.random.Generator) -> dict[str, Lower]:
    one, B = np.ones((3, 1, 1)), rng.standard_normal((3, 1, 1))
    return {
        "one constant Hessian": QuadraticLower(one, B, np.zeros((3, 1))),
        "one curved Hessian": ShiftedLower(np.full(3, 2.0), 1),
        "constant Hessians 1, 2, 3": QuadraticLower(
            one * np.arange(1.0, 4.0)[:, None, None], B, np.zeros((3, 1))
        ),
        "curved Hessians": ShiftedLower(np.arange(1.0, 4.0), 1),
    }


def admitted(ctx: Context, reading: Reading) -> dict[str, bool]:
    """Which of four lower levels meet the condition in a reading with the constant that A1 gives."""
    found = {}
    for name, lower in _lowers(np.random.default_rng(ctx.seed("B"))).items():
        rng = np.random.default_rng(ctx.seed(name, reading))
        at_zero, ratio = spread(lower, reading, rng, ctx.pick(2000, 20000))
        # in y alone the curvature 1 + theta phi'' has the Lipschitz constant theta max |phi'''|
        most = float(lower.theta.max()) * STEEPEST if isinstance(lower, ShiftedLower) else 0.0
        found[name] = at_zero <= 1e-12 and ratio <= most * (1 + 1e-9) + 1e-12
    return found


def _finding(proof: bool, found: dict[str, bool], expected: set[str], summary: str) -> Finding:
    met = {name for name, holds in found.items() if holds}
    return Finding(
        verdict=by_proof(proof, met != expected),
        method=Method.SYMBOLIC,
        summary=f"{summary}; of four lower levels it admits: {', '.join(sorted(met))}",
        numbers={"admitted": found, "proof": proof},
        cases=len(found),
    )


def vanishes_only_if_equal() -> bool:
    """For any n: H_i - H_j is the difference of ``H_i - mean`` and ``H_j - mean``, so that it is 0 where these are."""
    import sympy

    H_i, H_j, H_mean = letters("H_i H_j H_mean")
    return bool(sympy.expand((H_i - H_mean) - (H_j - H_mean) - (H_i - H_j)) == 0)


def _check_common(ctx: Context) -> Finding:
    return _finding(
        vanishes_only_if_equal(),
        admitted(ctx, "common"),
        {"one constant Hessian", "one curved Hessian"},
        "at y_i = y' the right side is 0, and H_i = mean_j H_j for all i makes all H_i - H_j 0; conversely equal Hessians leave "
        "H(y_i) - H(y'), which A1 bounds by L_g2",
    )


COMMON = Statement(
    id="slam/hessian-condition-common",
    paper=PAPER,
    location="Theorem 1; Corollary 1, at equal x",
    kind="qualitative",
    variant="added",
    sentence="Read with one x and one y' for all agents, the Hessian condition holds for some L_g exactly if all agents have the same "
    "lower-level Hessian as a function of (x, y); then L_g = L_g2 will do.",
    formula=r"\|H_i(x, y_i) - \bar H(x, y')\| \le L_g \|y_i - y'\| \iff H_1 = \dots = H_n",
    because="A condition of homogeneity, not of smoothness.",
    check=_check_common,
    expected=Verdict.PROVED,
)


def own_part_remains() -> bool:
    """The condition at two points that differ in agent i alone leaves (1 - 1/n) of the change of its Hessian."""
    import sympy

    n = sympy.symbols("n", positive=True)
    here, there, rest = letters("H_here H_there H_rest")
    difference = (here - (here + rest) / n) - (there - (there + rest) / n)
    return bool(sympy.expand(difference - (1 - 1 / n) * (here - there)) == 0)


def _check_free(ctx: Context) -> Finding:
    return _finding(
        own_part_remains(),
        admitted(ctx, "free"),
        {"one constant Hessian"},
        "at y_j = y_j' the right side is 0 for all agents; two such points that differ in y_i alone leave (1 - 1/n)(H_i(y_i) - H_i(z_i)) = 0, "
        "so that Hessians are constant, and equal",
    )


FREE = Statement(
    id="slam/hessian-condition-free",
    paper=PAPER,
    location="Theorem 1",
    kind="qualitative",
    variant="added",
    sentence="Read as printed, for arbitrary y_1, .., y_n and y_1', .., y_n', with n > 1 the Hessian condition holds only if all lower-level "
    "Hessians are one constant matrix.",
    formula=r"H_i(\cdot, y_i) = \tfrac1n \textstyle\sum_j H_j(\cdot, y_j)\ \forall y_1, \dots, y_n \Rightarrow H_i \equiv H",
    because="Then the Lipschitz constant L_g bounds nothing: the left side is 0.",
    check=_check_free,
    expected=Verdict.PROVED,
)


def _check_own_x(ctx: Context) -> Finding:
    return _finding(
        own_part_remains(),
        admitted(ctx, "own x"),
        {"one constant Hessian"},
        "at y_i = y' the right side is 0; two stacks x that differ in x_i alone leave (1 - 1/n)(H_i(x_i, y') - H_i(z_i, y')) = 0",
    )


OWN_X = Statement(
    id="slam/hessian-condition-cor1",
    paper=PAPER,
    location="Corollary 1",
    kind="qualitative",
    variant="added",
    sentence="Corollary 1's form of the condition, for stacks x of the agents' own x_i, which SLAM-L keeps apart, holds for n > 1 only if the "
    "lower-level Hessians are equal and do not depend on x.",
    formula=r"\|H_i(x_i, y_i) - \tfrac1n \textstyle\sum_j H_j(x_j, y_i')\| \le L_g \|y_i - y_i'\|\ \forall x \Rightarrow \partial_x H_i = 0",
    because="The mean Hessian contains every agent's x_j, which the right side does not see.",
    check=_check_own_x,
    expected=Verdict.PROVED,
)


def _check_enough(ctx: Context) -> Finding:
    return broken(
        lemma1_witness("slam/hessian-condition-enough"),
        "equal Hessians 1, so that (23) is (18); C = -+1: their mean is 0, the gradient 1/2",
        numbers={"mean of (23)": "0", "gradient": "1/2"},
    )


ENOUGH = Statement(
    id="slam/hessian-condition-enough",
    paper=PAPER,
    location="Theorem 1",
    kind="qualitative",
    variant="added",
    sentence="The Hessian condition makes the mean of (23) at a common x and y*(x) the gradient of (1).",
    formula=r"H_1 = \dots = H_n \Rightarrow \overline{(23)}(x, y^*(x)) = \nabla f(x)",
    because="It makes (23) equal to (18), whose mean is the gradient only if cross terms and grad_y f_i are uncorrelated over agents.",
    check=_check_enough,
    expected=Verdict.REFUTED,
)


def _check_needed(ctx: Context) -> Finding:
    return broken(
        needed_witness(),
        "C = (-1, -2), H = (1, 2): both agents respond with C/H = -1, and the mean of (23) is the gradient for every f",
        numbers={"response": "-1"},
    )


NEEDED = Statement(
    id="slam/hessian-condition-needed",
    paper=PAPER,
    location="Theorem 1",
    kind="qualitative",
    variant="added",
    sentence="The mean of (23) at a common x and y*(x) is the gradient of (1) only if the Hessian condition holds.",
    formula=r"\overline{(23)} = \nabla f \Rightarrow H_1 = \dots = H_n",
    because="Equal responses C_i H_i^-1 do as well, with any Hessians.",
    check=_check_needed,
    expected=Verdict.REFUTED,
)


def _check_critic(ctx: Context) -> Finding:
    import sympy

    w = sympy.symbols("w_1:4", real=True)
    now, then = sympy.symbols("phi_1:4", real=True), sympy.symbols("psi_1:4", real=True)
    reward, discount = sympy.symbols("R_i gamma", real=True)
    value, later = (sum(a * b for a, b in zip(w, z, strict=True)) for z in (now, then))
    hessian = sympy.hessian((reward + discount * later - value) ** 2, w)
    fit = sympy.hessian((reward - value) ** 2, w)
    free = not (hessian.has(reward) or fit.has(reward) or hessian.has(*w) or fit.has(*w))
    return Finding(
        verdict=by_proof(free, not free),
        method=Method.SYMBOLIC,
        summary="the Hessians of (211c) and (211d) in their parameters hold features and discount only, neither the agent's reward nor the "
        "parameters (three features, as symbols; the reward enters linearly in any number)",
    )


CRITIC = Statement(
    id="slam/hessian-condition-critic",
    paper=PAPER,
    location="(211c), (211d)",
    kind="qualitative",
    variant="added",
    sentence="In the actor-critic problem all agents have one lower-level Hessian, constant in the critic's parameters, under the policies of "
    "one common theta.",
    formula=r"\nabla^2_{ww} E(R_i + \gamma \varphi(s')^\top w - \varphi(s)^\top w)^2 = 2 E(\gamma \varphi(s') - \varphi(s))(\gamma \varphi(s') - "
    r"\varphi(s))^\top",
    because="The features are common and the rewards enter linearly; (212) needs no Hessian anyway.",
    check=_check_critic,
    expected=Verdict.PROVED,
)
