r"""The witness against Theorem 1 as printed: its step sizes do not control the tracker's disagreement.

With nearly separate agents (:math:`\lambda = 9/10`) and gradients that do not change along the iterates,
the trackers' disagreement decays like :math:`\lambda^t` and drives the iterates apart meanwhile; the
proof needs :math:`\alpha \le \tfrac58(1-\lambda)^2` for that term, which no entry of the printed list
provides once :math:`L_K` is small.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Literal

from spiritlevel.core.errors import InputError
from spiritlevel.theory.witness import Assignments, Condition, Iteration, Witness

Convention = Literal["printed", "plain"]
Network = Literal["two-agents", "no-self-loops"]

# Lemma 1: the printed constants are squares; "plain" reads the same letters as Lipschitz constants
LEMMA_1: dict[str, Assignments] = {
    "printed": (
        ("L_f", "(L_fx + L_fy*C_gxy/mu_g + C_fy*(L_gxy/mu_g + L_gyy*C_gxy/mu_g**2))**2"),
        ("L_y", "(C_gxy/mu_g)**2"),
        ("L_l", "(L_f + L_f*C_gxy/mu_g)**2"),
    ),
    "plain": (
        ("L_f", "L_fx + L_fy*C_gxy/mu_g + C_fy*(L_gxy/mu_g + L_gyy*C_gxy/mu_g**2)"),
        ("L_y", "C_gxy/mu_g"),
        ("L_l", "L_f + L_f*C_gxy/mu_g"),
    ),
}

_ALPHA = (
    "1/(4*L_l)",
    "1/(m*(1 - lam))",
    "(1 - lam)**2/(32*L_K**2)",
    "m*(1 - lam)/(4*L_l)",
    "9*r**2*m*(1 - lam)/(32*L_y**2*(1 + 1/r)*L_f**2)",
    "(1 - r)*(1 + r)*r*(1 - lam)**2/(32*L_y**2*(mu_g + L_g)*L_K**2*beta)",
    "(1 - lam)/(4*L_K)",
    "1",
)


def add(*terms: str) -> str:
    """The sum of expressions."""
    return " + ".join(terms)


def _network(network: str) -> dict[str, Any]:
    if network == "two-agents":
        return {"W": [["19/20", "1/20"], ["1/20", "19/20"]], "edges": [[0, 1], [1, 0]], "a": [1, -1]}
    if network == "no-self-loops":
        weights = ["0", "9/10", "1/20", "1/20"]  # agents 0..3 are the pairs of bits; weight by their xor
        return {
            "W": [[weights[i ^ j] for j in range(4)] for i in range(4)],
            "edges": [[int(i != j) for j in range(4)] for i in range(4)],
            "a": [1, -1, 1, -1],
        }
    raise InputError(f"network is {network!r}; choose two-agents or no-self-loops")


def mixing(m: int, network: str) -> tuple[Condition, ...]:
    """Properties (a)-(c) of Section 4.1 in one of two readings, and lam as the modulus of W."""
    literal = Condition(
        "(c) W_ij > 0 on the edges and W_ij = 0 elsewhere; no agent is its own neighbour",
        f"positive(W) == edges and symmetric(edges) and diag(edges) == zeros({m})",
    )
    usual = Condition(
        "(c) W_ij > 0 on the edges; read with W_ii > 0, and sums that include the own copy",
        f"positive(W) == edges + eye({m}) and symmetric(edges) and diag(edges) == zeros({m})",
    )
    return (
        Condition(
            "(a) W is doubly stochastic, with entries >= 0",
            f"W @ ones({m}) == ones({m}) and transpose(W) @ ones({m}) == ones({m}) and min(W) >= 0",
        ),
        Condition("(b) W is symmetric", "symmetric(W)"),
        literal if network == "no-self-loops" else usual,
        Condition(
            "the graph is connected: every two agents are linked", f"edges == ones({m}, {m}) - eye({m})"
        ),
        Condition(
            "no eigenvalue of W but the one of the vector 1 exceeds lam in modulus",
            "psd(lam**2*eye(M) - (W - ones(M, M)/M) @ (W - ones(M, M)/M))".replace("M", str(m)),
        ),
        Condition(
            "the modulus lam is attained, at the sum-zero vector a",
            "sum(a) == 0 and norm2(a) > 0 and W @ (W @ a) == lam**2*a",
        ),
        Condition("0 <= lam < 1", "0 <= lam and lam < 1"),
    )


PROBLEM = (
    Condition("the Hessians are symmetric", "symmetric(F) and symmetric(G)"),
    Condition("A1(a): every g_i is mu_g-strongly convex in y", "G[1, 1] >= mu_g and mu_g > 0"),
    Condition(
        "A1(b): the gradient of g_i is L_g-Lipschitz, jointly in x and y",
        "psd(L_g*eye(2) - G) and psd(L_g*eye(2) + G) and L_g > 0",
    ),
    Condition("A1(c): the mixed derivative of g_i is at most C_gxy", "abs(G[0, 1]) <= C_gxy and C_gxy > 0"),
    Condition(
        "A1(d): second derivatives of g_i are constant, so any positive constants do",
        "L_gxy > 0 and L_gyy > 0",
    ),
    Condition(
        "A2(a): the x-derivative of f_i is L_fx-Lipschitz", "F[0, 0]**2 + F[0, 1]**2 <= L_fx**2 and L_fx >= 0"
    ),
    Condition(
        "A2(a): the y-derivative of f_i is L_fy-Lipschitz", "F[1, 0]**2 + F[1, 1]**2 <= L_fy**2 and L_fy >= 0"
    ),
    Condition(
        "A2(b): the y-derivative of f_i is bounded by C_fy: it is 0",
        "F[1, 0] == 0 and F[1, 1] == 0 and C_fy >= 0",
    ),
    Condition(
        "A2(c): l(x) = mean(a) x + curvature x^2/2 is bounded below, with infimum l_star",
        "mean(a) == 0 and curvature >= 0 and l_star == 0",
    ),
    Condition("Lemma 2: L_K >= L_Kd, squared as in (13) (C_gy read as C_gxy)", "L_K**2 >= L_Kd2 and L_K > 0"),
    Condition("all agents start from one point", "center(x0) == 0*x0 and center(y0) == 0*y0"),
)


def _steps() -> tuple[Condition, ...]:
    beta = (
        Condition("beta is positive", "beta > 0"),
        Condition("beta, entry 1", "beta <= 3*(mu_g + L_g)/(mu_g*L_g)"),
        Condition("beta, entry 2", "beta <= 1/(mu_g + L_g)"),
        Condition("alpha is positive", "alpha > 0"),
        Condition(
            "alpha, the entry with the square root, both sides squared",
            "alpha**2 <= (1/(4*L_K))**2*(1 - lam)/(2*m)",
        ),
    )
    return beta + tuple(Condition(f"alpha, entry {entry}", f"alpha <= {entry}") for entry in _ALPHA)


def thm1_witness(convention: Convention = "printed", network: Network = "two-agents") -> Witness:
    r"""Theorem 1 as printed is false: all its assumptions hold, and the sum of the metric exceeds the bound.

    The objectives are :math:`f_i = \pm x` (so that :math:`\ell = 0`) and
    :math:`g_i = (y - x/100)^2 / 2`; the step sizes are :math:`\beta = 1/(\mu_g + L_g)` and
    :math:`\alpha = 1`, the least entry of the printed list. The factor 1/(T+1) cancels.

    Parameters
    ----------
    convention
        ``"printed"``: Lemma 1's constants with their printed squares; ``"plain"``: without them.
    network
        ``"two-agents"``: two agents with ``W_ii > 0``, and sums that include the own copy.
        ``"no-self-loops"``: four agents with ``W_ii = 0``, as property (c) asks literally; then the
        printed sums over neighbours lose nothing, so that no reading of (6), (10) or (c) is needed.

    Raises
    ------
    InputError
        If ``convention`` or ``network`` is unknown.

    Notes
    -----
    All constants that the paper asks to be positive are. They are bounds that could be chosen larger:
    with :math:`L_f, L_y, L_K \ge 1` the printed bound holds, but nothing asks for that.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> report = check(thm1_witness())
    >>> report.ok, report.last.values[0].split(" <= ")[1]
    (True, '80')
    """
    if convention not in LEMMA_1:
        raise InputError(f"convention is {convention!r}; choose printed or plain")
    data = _network(network)
    m = len(data["a"])
    reading = (
        "the printed squares" if convention == "printed" else "L_f, L_y, L_l without their outer squares"
    )
    return Witness(
        statement="interact/thm1",
        paper="INTERACT (MobiHoc 2022)",
        location="Theorem 1",
        claim_text="under Assumptions 1-2 and the listed step sizes, the mean of M_0..M_T is at most "
        "(B_0 - l*)/((T+1) min{(1-lam)/4, 3r^2(1-lam)/(32(1+r)L_y^2), alpha/2})",
        note=f"Lemma 1's constants: {reading}. f_i = a_i x + (x,y)F(x,y)'/2, g_i = (x,y)G(x,y)'/2.",
        given={
            "m": m,
            **data,
            "lam": "9/10",
            "F": [[0, 0], [0, 0]],
            "G": [["1/10000", "-1/100"], ["-1/100", 1]],
            "mu_g": 1,
            "L_g": "10001/10000",
            "C_gxy": "1/100",
            "L_gxy": "1/10000",
            "L_gyy": "1/10000",
            "L_fx": "1/10000",
            "L_fy": "1/10000",
            "C_fy": "1/10000",
            "L_K": "1/1000",
            "l_star": 0,
            "alpha": 1,
            "beta": "10000/20001",
            "x0": [0] * m,
            "y0": [0] * m,
        },
        define=(
            *LEMMA_1[convention],
            (
                "L_Kd2",
                add(
                    "2*L_fx**2",
                    "6*C_gxy**2/mu_g**2*L_fy**2",
                    "6*C_fy**2/mu_g**2*L_gxy**2",
                    "6*C_gxy**2*C_fy**2*L_gyy**2/mu_g**4",
                ),
            ),
            ("r", "beta*mu_g*L_g/(mu_g + L_g)/3"),
            ("s", "-G[1, 0]/G[1, 1]"),  # y*(x) = s x
            ("curvature", "F[0, 0] + 2*s*F[0, 1] + s**2*F[1, 1]"),  # l(x) = mean(a) x + curvature x^2/2
            ("p0", "a + F[0, 0]*x0 + F[0, 1]*y0 - G[0, 1]/G[1, 1]*(F[1, 0]*x0 + F[1, 1]*y0)"),
            (
                "B_0",
                add(
                    "mean(a)*mean(x0) + curvature*mean(x0)**2/2",
                    "norm2(y0 - s*x0)",
                    "norm2(center(x0))",
                    "alpha*norm2(center(p0))",
                ),
            ),
            ("bound", "(B_0 - l_star)/min((1 - lam)/4, 3*r**2*(1 - lam)/(32*(1 + r)*L_y**2), alpha/2)"),
        ),
        assume=(*mixing(m, network), *PROBLEM, *_steps()),
        iterate=(
            Iteration(
                text="INTERACT, (6)-(10); total is the sum of the metric (11)",
                times=6,
                start=(
                    ("x", "x0"),
                    ("y", "y0"),
                    ("p", "p0"),
                    ("u", "p0"),
                    ("v", "G[1, 0]*x0 + G[1, 1]*y0"),
                    ("total", "0"),
                ),
                step=(
                    ("x", "W @ x - alpha*u"),
                    ("y", "y - beta*v"),
                    ("p_new", "a + F[0, 0]*x + F[0, 1]*y - G[0, 1]/G[1, 1]*(F[1, 0]*x + F[1, 1]*y)"),
                    ("v", "G[1, 0]*x + G[1, 1]*y"),
                    ("u", "W @ u + p_new - p"),
                    ("p", "p_new"),
                ),
                measure=(
                    ("metric", "(mean(a) + curvature*mean(x))**2 + norm2(center(x)) + norm2(s*x - y)"),
                    ("total", "total + metric"),
                ),
                show=("total",),
            ),
        ),
        claim=Condition(
            "M_0 + ... + M_6 <= (B_0 - l*)/min{...} (both sides times T+1 = 7)", "total <= bound"
        ),
    )


def weight_witness() -> Witness:
    r"""Theorem 1's printed potential has the wrong weight: the bound fails with the repaired step sizes too.

    Two agents with :math:`\lambda = 1/3`, :math:`f_i = \pm x/1000`, :math:`g_i = (y - x/1000)^2/2`,
    :math:`y_0 = 1`, :math:`\beta = 1/32` and :math:`\alpha = 5/18`, which is at most
    :math:`\frac45 (1-\lambda)^2`. The start of y costs 2 in the printed potential and is paid back at the
    rate that belongs to the weight :math:`\frac{1-\lambda}{32(1+1/r)L_y^2}` of Step 4.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(weight_witness()).ok
    True
    """
    base = thm1_witness("plain")
    slow = {
        "W": [["2/3", "1/3"], ["1/3", "2/3"]],
        "lam": "1/3",
        "a": ["1/1000", "-1/1000"],
        "G": [["1/1000000", "-1/1000"], ["-1/1000", 1]],
        "L_g": "1000001/1000000",
        "C_gxy": "1/1000",
        "alpha": "5/18",
        "beta": "1/32",
        "y0": [1, 1],
    }
    return dataclasses.replace(
        base,
        statement="interact/thm1-unit-weight",
        given={**base.given, **slow},
        assume=(*base.assume, Condition("the repaired entry of the list", "alpha <= 4*(1 - lam)**2/5")),
        iterate=(dataclasses.replace(base.iterate[0], times=9),),
        claim=Condition(
            "M_0 + ... + M_9 <= (B_0 - l*)/min{...} (both sides times T+1 = 10)", "total <= bound"
        ),
    )
