"""Build, save and check witnesses: exact counterexamples that anyone can re-check (see `verify`)."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from spiritlevel.core.errors import InputError
from spiritlevel.core.files import load_json, save_json
from spiritlevel.core.numbers import convert
from spiritlevel.theory.verify import FORMAT, MAX_FILE, Report, verify
from spiritlevel.theory.witness_language import WitnessError

Assignments = tuple[tuple[str, str], ...]
Exact = str | list[str] | list[list[str]]


def exact(value: Any) -> Exact:
    """A number, vector or matrix as texts ``"p/q"``.

    Parameters
    ----------
    value
        Integers, texts, `Fraction`, `flint.fmpq`, nested lists of them, or arrays of at most two axes.

    Raises
    ------
    InputError
        If an entry is a float (its decimals are not what it holds) or there are more than two axes.

    Examples
    --------
    >>> exact(Fraction(1, 3)), exact([[1, "1/2"]]), exact(np.eye(2, dtype=int))
    ('1/3', [['1', '1/2']], [['1', '0'], ['0', '1']])
    """
    array = np.asarray(value, dtype=object)
    if array.ndim > 2:
        raise InputError(f"the value has {array.ndim} axes; a witness holds numbers, vectors and matrices")
    for entry in array.reshape(-1):
        if isinstance(entry, float | np.floating | bool):
            raise InputError(f"the value has the entry {entry!r}; give exact rationals such as '1/10'")
    try:
        fractions = [Fraction(e) if isinstance(e, str) else e for e in array.reshape(-1)]
    except (ValueError, ZeroDivisionError) as error:
        raise InputError(
            f"the value cannot be read ({error}); give exact rationals such as '1/10'"
        ) from error
    texts = np.array([str(e) for e in convert(np.array([*fractions, 0], dtype=object), "fraction")[:-1]])
    nested: Exact = texts.reshape(array.shape).tolist()
    return nested


@dataclass(frozen=True)
class Condition:
    """A condition in words (``text``) and in the language of witnesses (``that``)."""

    text: str
    that: str


@dataclass(frozen=True)
class Iteration:
    """Assignments that are run again and again.

    Parameters
    ----------
    text
        What is iterated, in one line.
    times
        How often ``step`` runs.
    start, step, measure
        Pairs (name, expression): run once; at every t = 1..times; at t = 0 and after every step.
    show
        Names whose values the transcript prints.
    """

    text: str
    times: int
    start: Assignments
    step: Assignments
    measure: Assignments = ()
    show: tuple[str, ...] = ()


@dataclass(frozen=True)
class Witness:
    """A counterexample in exact rationals, with everything needed to re-check it.

    Parameters
    ----------
    statement
        Id of the refuted statement, such as ``interact/thm1``.
    paper, location, claim_text
        Where it is printed, and what it says.
    given
        Exact numbers, vectors and matrices by name (see `exact`).
    define
        Pairs (name, expression), in order.
    assume
        All that the statement assumes; every condition must be true.
    claim
        What the statement claims; it must be false.
    iterate
        Iterations, run in order after the assumptions were checked.
    note
        A remark, such as the reading that was chosen.

    Examples
    --------
    >>> witness = Witness(
    ...     statement="demo", paper="none", location="none", claim_text="squares exceed 1",
    ...     given={"a": Fraction(1, 2)}, define=(), assume=(Condition("a is positive", "a > 0"),),
    ...     claim=Condition("the square exceeds 1", "a**2 > 1"),
    ... )
    >>> check(witness).reason
    'all 1 assumptions are true and the claim is false'
    >>> Witness.from_json(witness.to_json()) == witness
    True
    """

    statement: str
    paper: str
    location: str
    claim_text: str
    given: Mapping[str, Any]
    define: Assignments
    assume: tuple[Condition, ...]
    claim: Condition
    iterate: tuple[Iteration, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "given", {name: exact(value) for name, value in self.given.items()})

    def document(self) -> dict[str, Any]:
        """The witness as the JSON object that `verify` reads."""
        return {
            "format": FORMAT,
            "statement": self.statement,
            "paper": self.paper,
            "location": self.location,
            "claim_text": self.claim_text,
            **({"note": self.note} if self.note else {}),
            "given": dict(self.given),
            "define": [list(pair) for pair in self.define],
            "assume": [vars(condition).copy() for condition in self.assume],
            "iterate": [
                {
                    "text": block.text,
                    "times": block.times,
                    "start": [list(pair) for pair in block.start],
                    "step": [list(pair) for pair in block.step],
                    "measure": [list(pair) for pair in block.measure],
                    "show": list(block.show),
                }
                for block in self.iterate
            ],
            "claim": vars(self.claim).copy(),
        }

    def to_json(self) -> str:
        """The witness as JSON text."""
        return json.dumps(self.document(), ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Witness:
        """The witness in a JSON text.

        Raises
        ------
        InputError
            If the text is not JSON or `verify` cannot use it.
        """
        try:
            document = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise InputError(f"the text is not a witness in JSON: {error}") from error
        return cls.from_document(document)

    @classmethod
    def from_document(cls, document: Any) -> Witness:
        """The witness in a JSON object; `InputError` if `verify` cannot use it."""
        run(document)  # complains about everything that could go wrong below
        return cls(
            statement=document["statement"],
            paper=document["paper"],
            location=document["location"],
            claim_text=document["claim_text"],
            given=document["given"],
            define=_pairs(document["define"]),
            assume=tuple(Condition(**condition) for condition in document["assume"]),
            claim=Condition(**document["claim"]),
            iterate=tuple(
                Iteration(
                    text=block["text"],
                    times=block["times"],
                    start=_pairs(block["start"]),
                    step=_pairs(block["step"]),
                    measure=_pairs(block["measure"]),
                    show=tuple(block["show"]),
                )
                for block in document.get("iterate", [])
            ),
            note=document.get("note", ""),
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the witness as a JSON file, whole or not at all; `InputError` if that fails."""
        save_json(path, self.document())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Witness:
        """Read a witness file; `InputError` if it is not one."""
        return cls.from_document(load_json(path, limit=MAX_FILE))


def _pairs(pairs: list[list[str]]) -> Assignments:
    return tuple((name, expression) for name, expression in pairs)


def run(document: Any) -> Report:
    """`verify` on a JSON object, with `InputError` in place of `WitnessError`."""
    try:
        return verify(document)
    except WitnessError as error:
        raise InputError(f"the witness cannot be used: {error}") from error


def check(witness: Witness) -> Report:
    """Re-check a witness in exact arithmetic, from its JSON form alone.

    Returns
    -------
    The report of `verify`; ``ok`` if every assumption is true and the claim is false.

    Raises
    ------
    InputError
        If an expression cannot be evaluated.
    """
    return run(json.loads(witness.to_json()))
