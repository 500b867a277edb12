"""Witnesses against Lemmas 5 and 7 and the lines about U_1 and U_2 in their proofs."""

from __future__ import annotations

import dataclasses

from spiritlevel.theory.rabo import PAPER
from spiritlevel.theory.rabo.lemmas.lines import END_5, END_7, LEMMA_5, LEMMA_7, U_1, U_2, Line, symbols
from spiritlevel.theory.rabo.lemmas.lipschitz_witnesses import lemma1
from spiritlevel.theory.witness import Condition, Witness

ALPHA = Condition("Theorem 1: alpha <= 1/(L_f + 4 M_f)", "alpha > 0 and alpha*(L_f + 4*M_f) <= 1")
_NOTHING = dict.fromkeys(("sigma_f2", "delta_f2", "E_h", "sigma_J2", "new_lower"), "0")
_DECOUPLED = Condition(
    "A1, A2: g = y^2/2, f = k h(x)",
    "mu_g == 1 and l_g1 == 1 and l_g2 == 0 and l_f0 == k and l_f1 == k and k > 0",
)
_FAR = Condition("h' = 1 from x - alpha k to x", "x - alpha*k >= 1")


def _gradient_step(statement: str, location: str, line: Line, k: str, alpha: str, x: int) -> Witness:
    return Witness(
        statement=statement,
        paper=PAPER,
        location=location,
        claim_text=f"E Phi(x_(q+1)) - E Phi(x_q) is at most the right side of {line.name}",
        note="one client without masks or noise: f = k h(x) with Huber's h, g = y^2/2, y = y* = 0, so that Phi = k h and a round is a "
        "gradient step; sigma, delta, E_h and |y_(q+1) - y*| are 0, and RAFBO's difference is 0 as well",
        given={
            "k": k, "l_f0": k, "l_f1": k, "mu_g": 1, "l_g1": 1, "l_g2": 0, "N": 1, "C_x": 1, "alpha": alpha, "x": x,
        },
        define=(*lemma1(), ("gradient", "k"), ("x_new", "x - alpha*gradient"), ("descent", "k*(x_new - 1/2) - k*(x - 1/2)")),
        assume=(_DECOUPLED, ALPHA, _FAR),
        claim=Condition(
            line.name,
            f"descent <= {line.text(grad_Phi2='gradient**2', grad_f2='gradient**2', **_NOTHING)}",
        ),
    )  # fmt: skip


def small_witness(printed: Line = LEMMA_5, k: str = "1/100", alpha: str = "8") -> Witness:
    """(32), or (35), where L_f is small.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(small_witness()).last.values, check(small_witness(k="1/2", alpha="1/6")).ok
    (('-1/1250 (-0.0008) <= -3097/62500 (-0.049552)',), False)
    """
    seventh = printed is LEMMA_7
    return _gradient_step(
        "rabo/lem7" if seventh else "rabo/lem5",
        "Lemma 7, (35)" if seventh else "Lemma 5, (32)",
        printed,
        k,
        alpha,
        10,
    )


def end_witness(parts: int = 4) -> Witness:
    """The last display of the proof of Lemma 5, or, with 5 parts, 7: more than a gradient step can gain.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(end_witness()).last.values, check(end_witness(5)).ok
    (('-1/12 (-0.0833333) <= -11/72 (-0.152778)',), True)
    """
    seventh = parts == 5
    return _gradient_step(
        "rabo/lem7-end" if seventh else "rabo/lem5-end",
        f"end of the proof of Lemma {7 if seventh else 5}",
        END_7 if seventh else END_5,
        "1",
        "1/12",
        10,
    )


def sign_witness() -> Witness:
    """A bound on U_1 under the coefficient -1/(2 alpha) + L_f/2.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(sign_witness()).last.values
    ('-1/36 (-0.0277778) <= -1/9 (-0.111111)',)
    """
    return Witness(
        statement="rabo/u1-sign",
        paper=PAPER,
        location="proofs of Lemmas 5 and 7, 'Thus, we can get'",
        claim_text="from U_1 <= B follows (-1/(2 alpha) + L_f/2) U_1 <= (-1/(2 alpha) + L_f/2) B",
        note="a gradient step of size 1 on Huber's h where h' = 1, g = y^2/2, no noise, no masks",
        given={
            "k": 1, "l_f0": 1, "l_f1": 1, "mu_g": 1, "l_g1": 1, "l_g2": 0, "N": 1, "C_x": 1, "alpha": "1/12", "x": 10,
        },
        define=(
            *lemma1(),
            ("U1", "(alpha*k)**2"),
            ("B", U_1.text(grad_f2="k**2", sigma_f2="0", delta_f2="0", E_h="0")),
            ("factor", "L_f/2 - 1/(2*alpha)"),
        ),
        assume=(_DECOUPLED, ALPHA, _FAR, Condition("the bound on U_1 holds", "U1 <= B")),
        claim=Condition("what the proof concludes", "factor*U1 <= factor*B"),
    )  # fmt: skip


def units_witness() -> Witness:
    """(32) for f = h and for f = h/100 with 100 alpha: the same iterates.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(units_witness()).ok
    True
    """
    import sympy

    nothing = dict.fromkeys(("sigma_f2", "delta_f2", "E_h", "new_lower"), "0")
    a, (alpha, L_f) = symbols(), sympy.symbols("alpha_k L_k")
    other = dataclasses.replace(a, alpha=alpha, L_f=L_f)
    return Witness(
        statement="rabo/units",
        paper=PAPER,
        location="Lemma 5, (32)",
        claim_text="where (32) holds, it holds when f is measured in other units",
        note="one client without masks or noise: f = h(x) with Huber's h, g = y^2/2, a gradient step; then f = k h and alpha/k",
        given={"k": "1/100", "l_f0": 1, "l_f1": 1, "mu_g": 1, "l_g1": 1, "l_g2": 0, "N": 1, "C_x": 1, "alpha": "1/12", "x": 10},
        define=(
            *lemma1(),
            ("alpha_k", "alpha/k"),
            ("L_k", "k*L_f"),
            ("x_new", "x - alpha"),
            ("x_new_k", "x - alpha_k*k"),
        ),
        assume=(
            Condition("A1, A2 and alpha", "alpha*(L_f + 4*M_f) <= 1 and k > 0 and x_new >= 1"),
            Condition("the iterates are the same", "x_new == x_new_k"),
            Condition("(32) holds for f = h", f"x_new - x <= {LEMMA_5.text(grad_Phi2='1', grad_f2='1', **nothing)}"),
        ),
        claim=Condition("(32) for f = k h", f"k*(x_new_k - x) <= {LEMMA_5.text(other, grad_Phi2='k**2', grad_f2='k**2', **nothing)}"),
    )  # fmt: skip


def copy_witness() -> Witness:
    """The coefficient of sigma_f^2 in (32) and at the end of its proof.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(copy_witness()).last.values
    ('1/4 (0.25) == 1/32 (0.03125)',)
    """
    a = symbols()
    printed, proof = (str(line.right(a)["sigma_f2"]) for line in (LEMMA_5, END_5))
    return Witness(
        statement="rabo/lem5-copy",
        paper=PAPER,
        location="Lemma 5, (32), and the end of its proof",
        claim_text="(32) is what the proof ends with",
        note="with L_f = 1 (32) has 2 alpha where the proof has 2 alpha^2",
        given={"alpha": "1/8", "L_f": 1, "M_f": "1/2", "N": 1, "C_x": 1},
        define=(),
        assume=(Condition("alpha is admitted", "alpha > 0 and alpha*(L_f + 4*M_f) <= 1"),),
        claim=Condition("the factors of sigma_f^2 agree", f"{printed} == {proof}"),
    )


def telescope_witness() -> Witness:
    """The brackets that the proof splits the hypergradient into; without noise and masks each of them is 0.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(telescope_witness()).last.values
    ('0 == 1',)
    """
    return Witness(
        statement="rabo/u1-brackets",
        paper=PAPER,
        location="display before the bound on U_1",
        claim_text="the hypergradient is the sum of the three differences in brackets",
        note="f = x, no masks, no noise: sample, at_submodel and at_full are the hypergradient 1",
        given={"sample": 1, "at_submodel": 1, "at_full": 1},
        define=(("brackets", "(sample - at_submodel) + (at_submodel - at_full) + (at_full - at_full)"),),
        assume=(Condition("nothing is pruned or noisy", "sample == at_submodel and at_submodel == at_full"),),
        claim=Condition("they add up", "brackets == sample"),
    )


def plain_noise_witness(tau: str = "7/6") -> Witness:
    r"""The bound on U_2 with A3 for the plain gradient: the inverse Hessian and the slope of y* enlarge the noise.

    :math:`b = \tau/(\tau^2-1)` makes the norm :math:`\tau^2/(\tau^2-1)` of the Hessian of :math:`y^2/2 - bxy` rational.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(plain_noise_witness()).ok, check(plain_noise_witness("2")).ok
    (True, False)
    """
    return Witness(
        statement="rabo/u2-plain",
        paper=PAPER,
        location="bound on U_2, with (14) for plain gradients",
        claim_text="alpha/2 E|h - grad Phi|^2 <= 2 alpha N/C (sigma_f^2 + delta_f^2 + E_h) + 2 alpha M_f^2 |y_(q+1) - y*|^2",
        note="one client, no masks: g = y^2/2 - bxy, f = 0, samples f(z; zeta) = y or -y, equally likely; (7) gives b or -b",
        given={"tau": tau, "sigma_f2": 1, "alpha": "1/100", "N": 1, "C_x": 1, "M_f": 0, "zeta": [1, -1]},
        define=(
            ("b", "tau/(tau**2 - 1)"),
            ("l_g1", "tau**2/(tau**2 - 1)"),
            ("samples", "b*zeta"),
            ("direction2", "norm2(samples)/2"),
        ),
        assume=(
            Condition("A2: l_g1 is the norm of the Hessian of g", "l_g1**2 - l_g1 - b**2 == 0 and l_g1 > 1"),
            Condition("A3 for the gradient of f in (x, y)", "sum(zeta) == 0 and norm2(zeta)/2 == sigma_f2"),
            Condition("f = 0, so that M_f = 0 and every alpha is admitted", "M_f == 0 and alpha > 0"),
        ),
        claim=Condition(
            "the bound",
            f"alpha/2*direction2 <= {U_2.text(sigma_f2='sigma_f2', delta_f2='0', E_h='0', new_lower='0')}",
        ),
    )


def pruned_step_witness(hyper: str = "full") -> Witness:
    """The bound on U_1 with the printed E_h: x moves where (19) has w_2 = 0, as y_{q+1} is pruned all the same.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> [check(pruned_step_witness(hyper)).last.values for hyper in ("full", "submodel")]
    [('1/40000 (2.5e-05) <= 0',), ('1/160000 (6.25e-06) <= 0',)]
    """
    terms = dict.fromkeys(("sigma_f2", "delta_f2"), "0")
    return Witness(
        statement="rabo/u1",
        paper=PAPER,
        location="bound on U_1",
        claim_text="|x_(q+1) - x_q|^2 <= 4 alpha^2 N/C (sigma_f^2 + delta_f^2 + E_h + |grad f|^2), E_h of Lemma 2",
        note="two equal clients, Q = 1, T = 1: g = |y|^2/2 - x(y_1 + y_2), f = h(y_1 + y_2 - 1/2) with Huber's h; both hold x, client i holds y_i; from y_0 = 0",
        given={
            "G": [[0, -1, -1], [-1, 1, 0], [-1, 0, 1]], "mu_g": 1, "l_g1": 2, "l_g2": 0, "l_f0": 2, "l_f1": 2, "N": 2, "C_x": 2,
            "alpha": "1/100", "beta": "1/4", "x": 1, "y0": [0, 0], "held": [[1, 0], [0, 1]], "w1": 0, "w2": 0, "share": 2 if hyper == "full" else 1,
        },
        define=(
            *lemma1(),
            ("y1", "y0 - beta*(y0 - x*ones(2))"),
            ("inner", "held @ y1 - ones(2)/2"),
            ("grad_f", "2*(sum(y1) - 1/2)"),
            ("x_new", "x - alpha*share*(inner[0] + inner[1])/2"),
            ("E_h", "2*M_f**2*(w1**2*x**2 + w2**2*norm2(y1))"),
        ),
        assume=(
            Condition("A1, A2: G is the Hessian of g", "psd(l_g1*eye(3) - G) and psd(l_g1*eye(3) + G) and G[1, 1] >= mu_g and G[2, 2] >= mu_g"),
            ALPHA,
            Condition("beta <= 1/(2 l_g1)", "beta > 0 and 2*beta*l_g1 <= 1"),
            Condition("A5: (18), (19) at x_0, y_0, even if all of y_0 is taken off", "norm2(y0) <= w2**2*norm2(y0) and w1 == 0"),
            Condition("h' is the identity at all points", "abs(inner[0]) <= 1 and abs(inner[1]) <= 1 and abs(sum(y1) - 1/2) <= 1"),
        ),
        claim=Condition("U_1", "(x_new - x)**2 <= " + U_1.text(**terms, E_h="E_h", grad_f2="grad_f**2")),
    )  # fmt: skip


def witnesses() -> tuple[Witness, ...]:
    """The witnesses of this file."""
    return (
        small_witness(),
        small_witness(LEMMA_7),
        end_witness(),
        end_witness(5),
        sign_witness(),
        units_witness(),
        copy_witness(),
        telescope_witness(),
        plain_noise_witness(),
        pruned_step_witness(),
    )
