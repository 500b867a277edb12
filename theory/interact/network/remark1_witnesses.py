r"""Witnesses against the readings of Remark 1: pairs of networks in exact rationals.

``E`` are edges, ``W`` Section 6's matrix :math:`I - \frac{2L}{3\lambda_{\max}(L)}` unless a witness says otherwise, ``lam``
the largest modulus of an eigenvalue but that of the vector 1; a letter at the end of a name tells the networks apart.
"""

from __future__ import annotations

from typing import Any

from spiritlevel.theory.interact import PAPER
from spiritlevel.theory.interact.theorems.bound_witness import LEMMA_1
from spiritlevel.theory.witness import Condition, Iteration, Witness

RING6 = [[int((i - j) % 6 in (1, 5)) for j in range(6)] for i in range(6)]
CHORD6 = [[int((i - j) % 6 in (1, 5) or {i, j} == {0, 3}) for j in range(6)] for i in range(6)]
PATH4 = [[int(abs(i - j) == 1) for j in range(4)] for i in range(4)]
RING4 = [[int((i - j) % 4 in (1, 3)) for j in range(4)] for i in range(4)]


def _complete(m: int) -> list[list[int]]:
    return [[int(i != j) for j in range(m)] for i in range(m)]


def _weights(edges: list[list[int]], weight: str) -> list[list[str]]:
    """The same weight on every edge, the rest on the diagonal."""
    number, whole = map(int, weight.split("/"))
    return [
        [
            f"{whole - number * sum(row)}/{whole}" if i == j else f"{number * e}/{whole}"
            for j, e in enumerate(row)
        ]
        for i, row in enumerate(edges)
    ]


def _mixes(m: int, s: str, name: str) -> tuple[Condition, ...]:
    """(a)-(c) with ``W_ii > 0``, and the modulus lam with an eigenvector v that attains it; ``s`` ends the letters."""
    modulus = f"psd(lam{s}**2*eye({m}) - (W{s} - ones({m}, {m})/{m}) @ (W{s} - ones({m}, {m})/{m}))"
    return (
        Condition(
            f"W of the {name} is symmetric, doubly stochastic and positive on its edges and on the diagonal only",
            f"symmetric(W{s}) and W{s} @ ones({m}) == ones({m}) and positive(W{s}) == E{s} + eye({m}) and min(W{s}) >= 0",
        ),
        Condition(f"no eigenvalue of the {name} but that of 1 exceeds lam in modulus", modulus),
        Condition(
            f"the {name} attains lam at a vector of sum zero",
            f"sum(v{s}) == 0 and norm2(v{s}) > 0 and W{s} @ (W{s} @ v{s}) == lam{s}**2*v{s} and 0 <= lam{s} and lam{s} < 1",
        ),
    )


def _section6(m: int, s: str, name: str) -> tuple[Condition, ...]:
    """W is Section 6's: the largest eigenvalue ``top`` of the Laplacian is attained at z."""
    laplacian = f"(diag(E{s} @ ones({m})) - E{s})"
    return (
        Condition(
            f"top is the largest eigenvalue of the Laplacian of the {name}, attained at z",
            f"psd(top{s}*eye({m}) - {laplacian}) and {laplacian} @ z{s} == top{s}*z{s} and norm2(z{s}) > 0",
        ),
        Condition(f"W of the {name} is I - 2L/(3 top)", f"W{s} == eye({m}) - {laplacian}*2/(3*top{s})"),
    )


def _ring6(s: str) -> dict[str, Any]:
    return {
        f"E{s}": RING6,
        f"W{s}": _weights(RING6, "1/6"),
        f"lam{s}": "5/6",
        f"v{s}": [2, 1, -1, -2, -1, 1],
        f"top{s}": 4,
        f"z{s}": [1, -1, 1, -1, 1, -1],
    }


def _whole(m: int, s: str) -> dict[str, Any]:
    pair = [1, -1] + [0] * (m - 2)
    return {
        f"E{s}": _complete(m),
        f"W{s}": _weights(_complete(m), f"2/{3 * m}"),
        f"lam{s}": "1/3",
        f"v{s}": pair,
        f"top{s}": m,
        f"z{s}": pair,
    }


_LIST = (
    "1/(4*L_l)",
    "1/(m*(1 - LAM))",
    "(1 - LAM)**2/(32*L_K**2)",
    "m*(1 - LAM)/(4*L_l)",
    "9*r**2*m*(1 - LAM)/(32*L_y**2*(1 + 1/r)*L_f**2)",
    "(1 - r)*(1 + r)*r*(1 - LAM)**2/(32*L_y**2*(mu_g + L_g)*L_K**2*beta)",
    "(1 - LAM)/(4*L_K)",
    "1",
)


def admitted_witness() -> Witness:
    """Theorem 1's list admits alpha = 1 on the 6-ring, and not on the complete graph of six agents.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(admitted_witness()).ok
    True
    """

    def admits(s: str) -> list[tuple[str, str]]:
        listed = [(entry, f"alpha <= {entry}".replace("LAM", f"lam{s}")) for entry in _LIST]
        return [*listed, ("the root, squared", f"alpha**2 <= (1/(4*L_K))**2*(1 - lam{s})/(2*m)")]

    return Witness(
        statement="interact/lambda",
        paper=PAPER,
        location="Remark 1 with Theorem 1",
        claim_text="a denser network with a smaller lambda admits every alpha that a sparser one admits",
        note="Constants as Assumptions 1 and 2 allow them, e.g. of f_i = b_i x and g_i = (y - x/100)^2/2; Lemma 1 as printed.",
        given={
            **_ring6("_s"),
            **_whole(6, "_d"),
            "m": 6,
            "mu_g": 1,
            "L_g": "10001/10000",
            "C_gxy": "1/100",
            **dict.fromkeys(("L_gxy", "L_gyy", "L_fx", "L_fy", "C_fy"), "1/10000"),
            "L_K": "1/1000",
            "beta": "10000/20001",
            "alpha": 1,
        },
        define=(
            *LEMMA_1["printed"],
            ("r", "beta*mu_g*L_g/(mu_g + L_g)/3"),
            ("K_x", "2*L_fx**2 + 6*C_gxy**2*L_fy**2/mu_g**2"),
            ("K_y", "6*C_fy**2*L_gxy**2/mu_g**2 + 6*C_gxy**2*C_fy**2*L_gyy**2/mu_g**4"),
        ),
        assume=(
            *_mixes(6, "_s", "ring"),
            *_section6(6, "_s", "ring"),
            *_mixes(6, "_d", "complete graph"),
            *_section6(6, "_d", "complete graph"),
            Condition("the ring's edges are edges of the complete graph", "min(E_d - E_s) >= 0"),
            Condition("the denser network has the smaller lambda", "lam_d < lam_s"),
            Condition("L_K is at least Lemma 2's constant (13)", "L_K**2 >= K_x + K_y and L_K > 0"),
            Condition(
                "beta is admitted", "0 < beta and beta <= 1/(mu_g + L_g) and mu_g*L_g*beta <= 3*(mu_g + L_g)"
            ),
            *(Condition(f"the ring admits alpha, entry {name}", that) for name, that in admits("_s")),
        ),
        claim=Condition(
            "the complete graph admits alpha, by every entry", " and ".join(that for _, that in admits("_d"))
        ),
    )


def stable_witness() -> Witness:
    r"""With Metropolis weights and h = 1, alpha = 3/10 is stable on the path of four agents and not on the ring.

    Stability on the path: every eigenvalue w of W exceeds -1/5, and :math:`\alpha h < (1 - 1/5)^2/2`, which by Jury's
    criterion suffices for :math:`z^2 - (2w - \alpha h)z + w^2 - \alpha h`, the step on an eigenvector of W.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(stable_witness()).ok
    True
    """
    alternating = [1, -1, 1, -1]
    return Witness(
        statement="interact/lambda-stable",
        paper=PAPER,
        location="Remark 1",
        claim_text="on a denser network with a smaller lambda every alpha is stable that is stable on a sparser one",
        note="Metropolis weights 1/(1 + larger degree) = 1/3 on all edges; all agents have f_i = h x^2/2, so that p = h x.",
        given={
            "E_p": PATH4,
            "W_p": _weights(PATH4, "1/3"),
            "E_r": RING4,
            "W_r": _weights(RING4, "1/3"),
            "lam_r": "1/3",
            "v_r": alternating,
            "h": 1,
            "alpha": "3/10",
        },
        define=(("gap", "W_p - ones(4, 4)/4"),),
        assume=(
            *_mixes(4, "_r", "ring"),
            Condition(
                "W of the path is symmetric, doubly stochastic and positive on its edges and on the diagonal only",
                "symmetric(W_p) and W_p @ ones(4) == ones(4) and positive(W_p) == E_p + eye(4) and min(W_p) >= 0",
            ),
            Condition("the path's edges are edges of the ring", "min(E_r - E_p) >= 0"),
            Condition("lambda of the path is larger", "not psd(lam_r**2*eye(4) - gap @ gap)"),
            Condition(
                "alpha is stable on the path",
                "pd(W_p + eye(4)/5) and 0 < alpha*h and 2*alpha*h < (1 - 1/5)**2",
            ),
        ),
        iterate=(
            Iteration(
                text="INTERACT on both networks, from the alternating vector",
                times=60,
                start=(("x_p", "v_r"), ("u_p", "h*x_p"), ("x_r", "v_r"), ("u_r", "h*x_r")),
                step=(
                    ("new", "W_p @ x_p - alpha*u_p"),
                    ("u_p", "W_p @ u_p + h*new - h*x_p"),
                    ("x_p", "new"),
                    ("new", "W_r @ x_r - alpha*u_r"),
                    ("u_r", "W_r @ u_r + h*new - h*x_r"),
                    ("x_r", "new"),
                ),
                measure=(("path_size", "norm2(x_p)"), ("ring_size", "norm2(x_r)")),
                show=("path_size", "ring_size"),
            ),
        ),
        claim=Condition(
            "the iterates shrink on the ring, as they do on the path",
            "ring_size < norm2(v_r) or path_size >= norm2(v_r)",
        ),
    )


def dense_witness() -> Witness:
    """With Section 6's W the complete graph, the densest of all, has lambda = 1/3.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(dense_witness()).ok
    True
    """
    return Witness(
        statement="interact/lambda-dense",
        paper=PAPER,
        location="Remark 1 with Section 6",
        claim_text="for a dense network lambda is close to 0",
        note="Complete graph of 20 agents.",
        given=_whole(20, ""),
        define=(),
        assume=(*_mixes(20, "", "complete graph"), *_section6(20, "", "complete graph")),
        claim=Condition("lambda is at most 1/4", "lam <= 1/4"),
    )


def monotone_witness() -> Witness:
    """With Section 6's W a long chord in the 6-ring raises lambda from 5/6 to 13/15.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(monotone_witness()).ok
    True
    """
    return Witness(
        statement="interact/lambda-monotone",
        paper=PAPER,
        location="Remark 1 with Section 6",
        claim_text="adding an edge does not increase lambda",
        given={
            **_ring6("_s"),
            "E_d": CHORD6,
            "W_d": _weights(CHORD6, "2/15"),
            "lam_d": "13/15",
            "v_d": [0, -1, -1, 0, 1, 1],
            "top_d": 5,
            "z_d": [-2, 1, -1, 2, -1, 1],
        },
        define=(),
        assume=(
            *_mixes(6, "_s", "ring"),
            *_section6(6, "_s", "ring"),
            *_mixes(6, "_d", "ring with a chord"),
            *_section6(6, "_d", "ring with a chord"),
            Condition("the ring's edges are kept", "min(E_d - E_s) >= 0"),
        ),
        claim=Condition("lambda does not grow", "lam_d <= lam_s"),
    )
