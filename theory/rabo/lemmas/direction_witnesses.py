"""Witnesses about the bounds on U_1 and U_2 in the proofs of Lemmas 5 and 7."""

from __future__ import annotations

from spiritlevel.theory.rabo import PAPER
from spiritlevel.theory.rabo.lemmas.descent_witnesses import ALPHA
from spiritlevel.theory.rabo.lemmas.lines import U_1, U_2
from spiritlevel.theory.rabo.lemmas.lipschitz_witnesses import lemma1
from spiritlevel.theory.witness import Condition, Witness


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
    return (telescope_witness(), plain_noise_witness(), pruned_step_witness())
