"""(140) where beta is as small as the printed conditions let it be: what (39b) and Lemma 5 have lost is needed."""

from __future__ import annotations

from spiritlevel.theory.evidence import broken
from spiritlevel.theory.slam import PAPER
from spiritlevel.theory.slam.assumptions import A1, A5
from spiritlevel.theory.slam.lemmas.dual_witnesses import EDGE, ITERATES, L2, witness
from spiritlevel.theory.statement import Context, Finding, Statement, Verdict
from spiritlevel.theory.witness import Condition, Witness


def small_beta_witness() -> Witness:
    """g = 50 y^2 - c_i y with beta = 5/2: y jumps and then stands still, and h has changed by more than C pays for.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(small_beta_witness()).ok
    True
    """
    potential = (
        "rho/2*dot({0}, L @ {0}) + (step*norm2({1}) - rho*gamma*dot({1}, L @ {1}))/2 + L_g1/(2*n)*norm2({1})"
    )
    return witness(
        "slam/eq140-small-beta",
        "(140)",
        "(140) with h in its 1/n normalisation, for r = 2, under (39), (137) and beta >= 2/(mu_g + L_g1)",
        note="alpha = beta = step, sigma_min = sigma_max = 2, f = 0, no noise, x^1 = 0 at rest: D_x = B_x = 0 with L_f0 = 0. T = 250^2. Q_v as in slam/lemma8",
        given={
            "L": L2, "n": 2, "mu_g": 100, "L_g1": 100, "step": "5/2", "gamma": 750, "rho": "1/1200", "rootT": 250, "theta": 1, "C": 20,
            "z1": [-29251, 29251], "c": ["-5996445/2", "5996445/2"],
        },
        define=(
            ("tau", "step/gamma"),
            ("b", "1 - 2*rho/tau"),
            ("C_x", "2*(1 + 1/theta)/(1 - (1 + theta)*b**2)"),
            ("h1", "(L_g1*z1 - c)/n"),
            *ITERATES,
            ("h2", "(L_g1*z2 - c)/n"),
            ("z3", "z2 - (h2 + dual2 + rho*gamma*(L @ z2))/step"),
            ("e", "z2 - z1"),
            ("d", "z3 - z2"),
            ("v", "d - e"),
            ("Dv", "step*v - rho*gamma*(L @ v)"),
            ("Q2", potential.format("z2", "e")),
            ("Q3", potential.format("z3", "d")),
            ("rise", "(rho/gamma)*dot(z3, L @ z3)"),
            ("lipschitz", "(3*C*L_g1/(2*n) + 3*L_g1**2/(n**2*rho*gamma*2))*norm2(d)"),
        ),
        assume=(
            EDGE,
            Condition("(39a), squared; (42)", "(step/rootT)**2 >= 4*rho**2*4*C_x and (1 + theta)*b**2 < 1"),
            Condition("(39b)", "step/rootT >= 1/mu_g and step/rootT >= tau"),
            Condition("(39c), (39d)", "tau*(1 - 1/rootT) >= 2*rho"),
            Condition("(137)", "tau/rho + rho*2**2/tau <= 2*C/8 and step >= 2*C/16"),
            Condition("Lemma 5, as printed", "step >= 2/(mu_g + L_g1)"),
        ),
        claim=Condition("(140)", "rise <= C*Q2 - C*Q3 - C/2*dot(v, Dv) + 3*norm2(Dv)/(rho*gamma*2) + lipschitz"),
    )  # fmt: skip


def witnesses() -> tuple[Witness, ...]:
    """The witness of this file."""
    return (small_beta_witness(),)


def _check(ctx: Context) -> Finding:
    return broken(
        small_beta_witness(),
        "edge, g = 50 y^2 - c_i y, alpha = beta = 5/2, gamma = 750, T = 250^2, where all printed conditions hold: y^3 = y^2, and the multiplier's rise exceeds (140)'s right side",
    )


SMALL_BETA = Statement(
    id="slam/eq140-small-beta",
    paper=PAPER,
    location="(140); (39), (137), Lemma 5",
    kind="bound",
    variant="added",
    sentence="(140) holds for every beta that (39), (137) and Lemma 5 admit as printed, h in its 1/n normalisation.",
    because="(39b) lost L_{g,1}^2 in 1/mu_g, and Lemma 5 has its condition upside down: both admit beta far below L_{g,1}/n, where h changes by more with y^r - y^{r-1} than the "
    "potential holds. Large T, or either slip put right, excludes it: slam/eq140, slam/eq140-provable.",
    assumptions=(*A1, A5),
    check=_check,
    expected=Verdict.REFUTED,
)
