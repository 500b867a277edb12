"""What several checks of this room have in common: refutation by a witness, formal steps, numbers for reports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from spiritlevel.theory.statement import Context, Finding, Method, Verdict


def formal_step(ctx: Context, name: str) -> Any:
    """One formal step of the algorithm of that name over a graph; None if it asks or does what formal symbols cannot."""
    from spiritlevel.theory.instruments.formal_graphs import step_over_graph

    try:
        return step_over_graph(ctx.algorithm(name))
    except (AttributeError, TypeError):
        return None


def unproved(parts: Sequence[str]) -> Finding:
    """The finding where a formal step is not the one that a proof is about: the proof says nothing then."""
    return Finding(
        verdict=Verdict.INCONCLUSIVE,
        method=Method.SYMBOLIC,
        summary=f"the proof does not apply: one formal step differs in {', '.join(parts)}",
        numbers={"different": list(parts)},
    )
