"""Witnesses against Section V's numbers: operations and floats, in exact rationals."""

from __future__ import annotations

from spiritlevel.theory.rabo import PAPER
from spiritlevel.theory.witness import Condition, Witness

__all__ = [
    "communication_witness",
    "operations_witness",
    "segments_witness",
    "task_witness",
    "tuning_traffic_witness",
    "witnesses",
]


def operations_witness(statement: str = "rabo/cost") -> Witness:
    """d_1 = d_2 = 100 and full masks: Algorithm 2 costs more than five times the elimination.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(operations_witness()).ok
    True
    """
    return Witness(
        statement=statement,
        paper=PAPER,
        location="Section III-B, last sentence; Section V-A",
        claim_text="Algorithm 2 computes the hypergradient with fewer operations than (7) by elimination",
        note="dense quadratic, all coordinates of x; operations as counted in spiritlevel.theory.rabo.costs.counting",
        given={"n_1": 100, "n_2": 100},
        define=(
            ("gradient", "2*n_2*n_2 + 2*n_1*n_2"),
            ("dense", "(4*n_2**3 + 9*n_2**2 - 7*n_2)/6 + 2*n_1*n_2"),
            ("finite", "(n_1 + 1)*gradient + n_1*(4*n_2 + 1)"),
        ),
        assume=(
            Condition(
                "the outer model is no smaller than the inner one, as in the few-shot task", "n_1 >= n_2"
            ),
        ),
        claim=Condition("Algorithm 2 is cheaper", "finite < dense"),
    )


def communication_witness() -> Witness:
    """Five clients of Section V-A's capacities: even if only submodels travel, 38.75 % of the floats remain.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(communication_witness()).ok
    True
    """
    return Witness(
        statement="rabo/cost-communication-parameters",
        paper=PAPER,
        location="Section V-A, 'Performance Evaluation'",
        claim_text="at the capacities 1, 1/2, 1/4, 1/8, 1/16 of the full model the communication cost falls by 73.3 %",
        note="shares of the floats of full models; by the text full models come down, which only adds to it",
        given={"capacities": [1, "1/2", "1/4", "1/8", "1/16"], "printed": "733/1000"},
        define=(("remains", "mean(capacities)"),),
        assume=(
            Condition(
                "a submodel of capacity c has c of the parameters: five clients", "max(capacities) == 1"
            ),
        ),
        claim=Condition("it falls by as much, to the last printed digit", "1 - remains >= printed - 1/2000"),
    )


def tuning_traffic_witness() -> Witness:
    """Capacity 1/2: half of the inner model travels up, and 25 % cannot remain.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(tuning_traffic_witness()).ok
    True
    """
    return Witness(
        statement="rabo/cost-loss-tuning-parameters",
        paper=PAPER,
        location="Section V-B, 'Performance Evaluation'",
        claim_text="at the capacity 1/2 the communication cost is 25 % of the full model's",
        note="shares of the floats of full models; even if only submodels travel in both directions",
        given={"capacity": "1/2", "printed": "1/4"},
        define=(("remains", "capacity"),),
        assume=(Condition("a submodel of capacity 1/2 has half of the parameters", "2*capacity == 1"),),
        claim=Condition("at most 25.5 % remain", "remains <= printed + 1/200"),
    )


def segments_witness() -> Witness:
    """A fourth segment with a tenth of the noise: C* = 1 has the smaller sum of v_k / C_k.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(segments_witness()).ok
    True
    """
    return Witness(
        statement="rabo/coverage-decides",
        paper=PAPER,
        location="Section V-A, 'Impact of C_x*'",
        claim_text="of two ways to assign 10 clients to four segments, the larger C* has the smaller noise floor",
        note="v_k: what one client's noise in segment k contributes; the floor is the sum of v_k/C_k",
        given={
            "v": [1, 1, 1, "1/10"],
            "one": ["1/3", "1/3", "1/3", 1],
            "two": ["1/3", "1/3", "1/2", "1/2"],
        },
        define=(("floor_one", "dot(v, one)"), ("floor_two", "dot(v, two)")),
        assume=(
            Condition("coverages 3, 3, 3, 1: C* = 1", "1/max(one) == 1"),
            Condition("coverages 3, 3, 2, 2: C* = 2", "1/max(two) == 2"),
        ),
        claim=Condition("C* = 2 has the smaller floor", "floor_two < floor_one"),
    )


def task_witness() -> Witness:
    """The weights w of the validation loss scale it: half of the weights, half of the loss, down to 0.

    Examples
    --------
    >>> from spiritlevel.theory.witness import check
    >>> check(task_witness()).ok
    True
    """
    return Witness(
        statement="rabo/loss-tuning-task",
        paper=PAPER,
        location="Section V-B, the display of the optimisation target",
        claim_text="the objective has a positive minimum over the weights w, at the losses that a model has",
        note="losses: -log of the softmax, positive numbers of any kind; w scales the training loss too, so that y* does not "
        "change",
        given={"w": [1, 1], "losses": ["7/10", "3/10"]},
        define=(("start", "dot(w, losses)"), ("small", "(1/2**20)*w"), ("end", "dot(small, losses)")),
        assume=(
            Condition("weights and losses are positive", "min(w) > 0 and min(small) > 0 and min(losses) > 0"),
        ),
        claim=Condition("the value stays above a millionth of what it was", "end > start/1000000"),
    )


def witnesses() -> tuple[Witness, ...]:
    """All of them."""
    return (
        operations_witness(),
        communication_witness(),
        tuning_traffic_witness(),
        segments_witness(),
        task_witness(),
    )
