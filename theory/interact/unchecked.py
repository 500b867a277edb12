"""Statements of the paper that have a row in the ledger and no check yet."""

from __future__ import annotations

from spiritlevel.theory.interact import PAPER
from spiritlevel.theory.interact.assumptions import A1, A2
from spiritlevel.theory.statement import Kind, Statement


def _row(id: str, location: str, kind: Kind, sentence: str, formula: str = "") -> Statement:
    return Statement(
        id=f"interact/{id}",
        paper=PAPER,
        location=location,
        kind=kind,
        sentence=sentence,
        formula=formula,
        assumptions=(*A1, *A2),
    )


UNCHECKED = (
    _row(
        "cor2",
        "Corollary 2",
        "complexity",
        "O(1/eps) communication rounds and O(n/eps) samples reach an eps-stationary point.",
    ),
    _row(
        "cor4",
        "Corollary 4, Table 1",
        "complexity",
        "O(1/eps) rounds and O(sqrt(n)/eps) samples with K = O(log 1/eps).",
    ),
    _row(
        "baselines",
        "Section 6, Figures 2 and 3",
        "qualitative",
        "INTERACT and SVR-INTERACT outperform GT-DSGD and D-SGD.",
    ),
    _row("fig5", "Section 6, Figure 5", "qualitative", "Larger step sizes converge faster."),
)
