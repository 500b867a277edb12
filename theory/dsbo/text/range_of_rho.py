"""Which networks 0 < rho < 1 leaves out: W = J, and with it the regimes that the results are said to subsume."""

from __future__ import annotations

from typing import Any

from spiritlevel.core.graphs import named
from spiritlevel.core.networks import Network, averaging
from spiritlevel.core.spectra import squared_rho
from spiritlevel.theory.dsbo import PAPER
from spiritlevel.theory.dsbo.assumptions.rows import network_violation
from spiritlevel.theory.dsbo.witnesses import rho_witness
from spiritlevel.theory.statement import Context, Finding, Method, Statement, Verdict
from spiritlevel.theory.witness import Condition, Witness
from spiritlevel.theory.witness import check as recheck


def ring(K: int) -> Network:
    """The ring of Section 6."""
    return named(f"ring:{K}", "third")


def _check_rho(ctx: Context) -> Finding:
    out = {K: squared_rho(ring(K)) for K in range(3, 13) if network_violation(ring(K)) is not None}
    witness = rho_witness()
    stands = recheck(witness).ok
    if stands and list(out) == [3]:
        verdict = Verdict.REFUTED
        told = "for K = 3 the ring with weights 1/3 is J, rho = 0; so is a fully-connected network with weights 1/K (supplement)"
    elif stands or out:
        verdict = Verdict.INCONCLUSIVE
        told = f"outside are rings of {list(out)}, and the exact witness of 3 agents {'stands' if stands else 'falls'}"
    else:
        verdict, told = Verdict.SUPPORTED, "0 < rho < 1 on rings of 3 to 12"
    return Finding(
        verdict=verdict,
        method=Method.RATIONAL,
        summary=told,
        numbers={"K outside": list(out), "tolerance": 1e-18},
        cases=10,
        witness=witness if verdict is Verdict.REFUTED else None,
    )


RHO = Statement(
    id="dsbo/rho-range",
    paper=PAPER,
    location="Assumption 3.2 (ii) and Section 6",
    kind="network",
    variant="added",
    sentence="Every ring of K >= 3 agents with the weights 1/3 of Section 6 satisfies Assumption 3.2, with rho in (0, 1).",
    formula=r"\rho = \|W - \tfrac1K \mathbf 1\mathbf 1^\top\|_2^2 \in (0, 1)",
    because="The open interval leaves out W = J, the best network of all.",
    check=_check_rho,
    expected=Verdict.REFUTED,
)


def eigenvalue(cosine: Any) -> Any:
    """Of the ring with weights 1/3, where ``cosine = cos(2 pi j/K)``."""
    return (1 + 2 * cosine) / 3


def _check_rho_repaired(ctx: Context) -> Finding:
    import sympy as sp

    gap, sigma = sp.symbols("gap sigma", positive=True)
    value = eigenvalue(1 - gap)  # other than 1: 0 < gap <= 2
    up, down = sp.expand(1 - value), sp.expand(1 + value)
    factor = sp.expand((1 - sigma) * (1 + sigma) - (1 - sigma**2)) == 0
    decreasing = sp.diff(down, gap).is_negative
    lowest = down.subs(gap, 2)
    inside = bool(up.is_positive) and bool(decreasing) and lowest > 0
    outside = lowest <= 0
    return Finding(
        verdict=Verdict.REFUTED if outside else Verdict.PROVED if inside and factor else Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary=f"eigenvalues {value} with gap = 1 - cos in (0, 2] have 1 - value = {up} and 1 + value >= {lowest}, "
        f"{'both positive' if inside else 'not shown to be positive'}; rho is the square of the modulus sigma, and 1 - rho = (1 - sigma)(1 + sigma) "
        "is between 1 and 2 times the usual gap",
    )


RHO_REPAIRED = Statement(
    id="dsbo/rho-range-repaired",
    paper=PAPER,
    location="Assumption 3.2 (ii)",
    kind="network",
    variant="repaired",
    repairs="dsbo/rho-range",
    sentence="With rho in [0, 1) every ring of K >= 3 agents with weights 1/3 is admitted; and 1 - rho lies between the usual spectral gap "
    "and twice the gap.",
    because="The closed end; rho is a squared norm, so constants in (1 - rho)^2 differ by up to 4 from those in the usual gap.",
    check=_check_rho_repaired,
    expected=Verdict.PROVED,
)


def single_witness(W: list[list[str]]) -> Witness:
    """One agent, or a server's average: ``rho = 0``.

    Examples
    --------
    >>> recheck(single_witness([["1"]])).ok, recheck(single_witness([["3/4", "1/4"], ["1/4", "3/4"]])).ok
    (True, False)
    """
    K = len(W)
    return Witness(
        statement="dsbo/subsumes-regimes",
        paper=PAPER,
        location="Section 1.2 and Assumption 3.2 (ii)",
        claim_text="the results cover one agent, and agents that a server averages",
        given={"W": W},
        define=(("difference", f"W - ones({K}, {K})/{K}"),),
        assume=(Condition("3.2 (i): doubly stochastic", f"symmetric(W) and W @ ones({K}) == ones({K})"),),
        claim=Condition("3.2 (ii): rho > 0", "norm2(difference) > 0"),
    )


REGIMES = {"K = 1": averaging(1), "W = J, K = 5": averaging(5), "W = J, K = 20": averaging(20)}


def _check_subsumes(ctx: Context) -> Finding:
    out = {name: squared_rho(W) for name, W in REGIMES.items() if network_violation(W) is not None}
    witness = single_witness([["1"]])
    refuted = len(out) == len(REGIMES) and recheck(witness).ok
    return Finding(
        verdict=Verdict.REFUTED if refuted else Verdict.SUPPORTED if not out else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=f"outside 0 < rho < 1: {', '.join(out) or 'none'} of {', '.join(REGIMES)}; the largest of their rho is {max(out.values(), default=0):.0e}",
        numbers={"outside": list(out)},
        cases=len(REGIMES),
        witness=witness if refuted else None,
    )


SUBSUMES = Statement(
    id="dsbo/subsumes-regimes",
    paper=PAPER,
    location="Section 1.2, 'These results subsume'",
    kind="network",
    sentence="By the letter Theorems 5.1 and 5.3 cover non-federated problems, K = 1, and the central-server regime, W = J.",
    formula=r"\rho = \|W - \tfrac1K \mathbf 1\mathbf 1^\top\|_2^2 \in (0, 1)",
    because="Both have rho = 0, which Assumption 3.2(ii) excludes. What the text claims is about rates: with rho in [0, 1), which is surely meant, one agent is covered and "
    "dsbo/central-same-rate is on servers; even then a server is not Algorithm 1 over "
    "J, and the text refers to a variant, Theorem D.1.",
    check=_check_subsumes,
    expected=Verdict.REFUTED,
)
