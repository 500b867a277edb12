"""Statements of the paper that have a row in the ledger and no check yet."""

from __future__ import annotations

from spiritlevel.theory.dsbo import PAPER
from spiritlevel.theory.statement import Kind, Statement


def _row(id: str, location: str, kind: Kind, sentence: str) -> Statement:
    return Statement(id=f"dsbo/{id}", paper=PAPER, location=location, kind=kind, sentence=sentence)


UNCHECKED = (
    _row(
        "thmD.1",
        "Section 5.1, on Theorem D.1 of the supplement",
        "rate",
        "With a central server the mean of |grad F|^2 is O(1/sqrt(KT)).",
    ),
    _row(
        "mdp-slope",
        "Section 6, policy evaluation",
        "rate",
        "The log-log slope of |xbar_t - x*|^2 against t is close to -1.",
    ),
    _row(
        "mdp-flat",
        "Section 6, policy evaluation",
        "speedup",
        "The total number of samples that reaches a given accuracy does not depend on K.",
    ),
    _row(
        "mdp-vs-dsgd",
        "Section 6, policy evaluation",
        "qualitative",
        "DSBO needs fewer samples than DSGD.",
    ),
)
