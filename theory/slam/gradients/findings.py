"""What several checks of this room have in common: refutation by a witness, formal steps, numbers for reports."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from spiritlevel.theory.statement import Context, Finding, Method, Verdict
from spiritlevel.theory.witness import Witness
from spiritlevel.theory.witness import check as recheck


def refuted_by(witness: Witness, summary: str, **rest: Any) -> Finding:
    """A claim's refutation by a witness; inconclusive if the witness does not stand.

    Examples
    --------
    >>> from spiritlevel.theory.slam.gradients.witnesses import eq22_witness
    >>> refuted_by(eq22_witness(), "one line").verdict.value
    'refuted'
    """
    stands = recheck(witness).ok
    return Finding(
        verdict=Verdict.REFUTED if stands else Verdict.INCONCLUSIVE,
        method=Method.RATIONAL,
        summary=summary if stands else "the witness falls, and nothing else speaks for or against",
        witness=witness if stands else None,
        **rest,
    )


def by_proof(proof: bool, broken: bool = False) -> Verdict:
    """Refuted by a counterexample; else proved, if the proof stands; a proof that falls decides nothing.

    Examples
    --------
    >>> by_proof(True).value, by_proof(False).value, by_proof(True, broken=True).value
    ('proved', 'inconclusive', 'refuted')
    """
    if broken:
        return Verdict.REFUTED
    return Verdict.PROVED if proof else Verdict.INCONCLUSIVE


def plain(value: float) -> float | str:
    """A number that JSON can hold: what is not finite becomes a word.

    Examples
    --------
    >>> plain(0.5), plain(math.inf)
    (0.5, 'inf')
    """
    return value if math.isfinite(value) else str(value)


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
