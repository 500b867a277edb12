"""Witnesses against the lines (30) and (31) of the proof of Lemma 4."""

from __future__ import annotations

from spiritlevel.theory.rabo import PAPER
from spiritlevel.theory.rabo.lemmas.inner_witnesses import APART, BETA, PULLED, QUADRATIC
from spiritlevel.theory.witness import Condition, Iteration, Witness


def eq30_witness() -> Witness:
    """(30) for two equal clients of which one holds y: N/C in front of a term that is subtracted.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(eq30_witness()).last.values
    ('1/4 (0.25) <= -1/4 (-0.25)',)
    """
    return Witness(
        statement="rabo/eq30",
        paper=PAPER,
        location="(30)",
        claim_text="|y_{q+1} - y*|^2 <= (1 - beta mu_g)|y_q - y*|^2 - 2 beta NT/C* [g(y) - g(y*)] + beta^2 |mean gradient|^2",
        note="g_i = y^2/2, T = 1, no noise; with T = 1 there is one y_{q,t}",
        given={"mu_g": 1, "l_g1": 1, "beta": "1/2", "N": 2, "T": 1, "C_y": 1, "y0": 1},
        define=(("G", "y0"), ("y1", "y0 - beta*G")),
        assume=(QUADRATIC, BETA),
        claim=Condition("(30)", "y1**2 <= (1 - beta*mu_g)*y0**2 - 2*beta*N*T/C_y*(y0**2/2) + beta**2*G**2"),
    )


def jensen_witness(T: int = 3) -> Witness:
    """The first inequality of (31) for one client and T steps.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(jensen_witness()).ok, check(jensen_witness(2)).ok
    (True, False)
    """
    return Witness(
        statement="rabo/eq31",
        paper=PAPER,
        location="(31), first inequality",
        claim_text="|(1/C) sum_j sum_t (a_jt + b_jt)|^2 <= (2/C) sum_j sum_t |a_jt|^2 + 2 |(1/C) sum_j sum_t b_jt|^2",
        note="g = y^2/2 from y = 1, one client, no noise: the gradients at y* vanish",
        given={"mu_g": 1, "l_g1": 1, "beta": "1/100", "T": T},
        define=(),
        assume=(QUADRATIC, BETA),
        iterate=(
            Iteration(
                text="(5), with the sum of the gradients and of their squares",
                times=T,
                start=(("y", "1"), ("total", "0"), ("squares", "0")),
                step=(("total", "total + y"), ("squares", "squares + y**2"), ("y", "y - beta*y")),
                show=("y", "total", "squares"),
            ),
        ),
        claim=Condition("(31)", "total**2 <= 2*squares"),
    )


def last_term_witness(T: int = 5) -> Witness:
    """The bound on the last term of (31) where client 1 alone holds y.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(last_term_witness()).last.values, check(last_term_witness(4)).ok
    (('25 <= 20',), False)
    """
    return Witness(
        statement="rabo/eq31-last",
        paper=PAPER,
        location="display after (31)",
        claim_text="|(1/C) sum_j sum_t grad g_j(y*)|^2 <= 2 N T (sigma_g^2 + delta_g^2)/C_y*",
        note="g_i = (y - c_i)^2/2 without noise",
        given=PULLED | {"N": 2, "C_y": 1, "T": T},
        define=(("ystar", "mean(c)"), ("total", "T*(ystar - c[0])")),
        assume=(QUADRATIC, APART),
        claim=Condition("the bound", "total**2 <= 2*N*T*delta_g2/C_y"),
    )


def samples_witness() -> Witness:
    """The second inequality of (31) for samples that are not convex, which A1 to A3 allow.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(samples_witness()).last.values
    ('5 <= 1/2 (0.5)',)
    """
    return Witness(
        statement="rabo/eq31-samples",
        paper=PAPER,
        location="(31), second inequality",
        claim_text="2 E|grad g(y; xi) - grad g(y*; xi)|^2 <= 4 l_g1 E[g(y; xi) - g(y*; xi) - <grad g(y*; xi), y - y*>]",
        note="g(y; xi) = y^2/2 + xi h(y), xi = 3 or -3, h Huber's function: g = y^2/2, variance 9 at most; y* = 0, y = 1/2, where h(y) = y^2/2",
        given={"mu_g": 1, "l_g1": 1, "xi": [3, -3], "y": "1/2"},
        define=(
            ("gradients", "y*(ones(2) + xi)"),
            ("values", "y**2/2*(ones(2) + xi)"),
        ),
        assume=(
            QUADRATIC,
            Condition("A3: unbiased", "sum(xi) == 0"),
            Condition("y is in the part where h(y) = y^2/2", "abs(y) <= 1"),
        ),
        claim=Condition("(31)", "2*(norm2(gradients)/2) <= 4*l_g1*mean(values)"),
    )


def witnesses() -> tuple[Witness, ...]:
    """The witnesses of this file."""
    return (eq30_witness(), jensen_witness(), last_term_witness(), samples_witness())
