"""What a user's own code puts into a statement or a finding: fields of a wrong kind, named in a clause."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from numbers import Real
from typing import TYPE_CHECKING, Any, get_args

if TYPE_CHECKING:
    from spiritlevel.theory.statement import Statement

Field = tuple[str, Any, str]
"""A field's name, the type or types it may have, and what to give, in words."""


def misfit(found: object) -> str:
    """What keeps a check's result from being used as a finding; empty if nothing does.

    Examples
    --------
    >>> misfit("proved")
    "it returned 'proved'; return a Finding"
    """
    from spiritlevel.theory.plots import Figure
    from spiritlevel.theory.statement import Finding, Method, Verdict
    from spiritlevel.theory.witness import Witness

    if not isinstance(found, Finding):
        return f"it returned {found!r:.80}; return a Finding"
    fields: tuple[Field, ...] = (
        ("verdict", Verdict, "a Verdict, such as Verdict.SUPPORTED"),
        ("method", Method, "a Method, such as Method.RATIONAL"),
        ("summary", str, "a line of text"),
        ("numbers", Mapping, "values by name"),
        ("cases", int, "a whole number"),
        ("error_rates", Mapping, "numbers by name"),
        ("audit", (tuple, list), "a tuple of texts"),
        ("witness", (Witness, type(None)), "a Witness or None"),
        ("figures", (tuple, list), "a tuple of Plot and Bars"),
    )
    return _first(
        _of(found, fields),
        lambda: (
            *((f"error_rates[{n!r}]", v, Real, "a number") for n, v in found.error_rates.items()),
            *((f"figures[{k}]", v, Figure, "a Plot or Bars") for k, v in enumerate(found.figures)),
        ),
    )


def unfit(s: Statement) -> str:
    """What keeps a statement from being judged and shown; empty if nothing does.

    Examples
    --------
    >>> import dataclasses
    >>> from spiritlevel.theory.ledger import statements
    >>> unfit(dataclasses.replace(statements()["interact/mix"], expected="proved"))
    "expected is 'proved'; give a Verdict, such as Verdict.SUPPORTED"
    """
    from spiritlevel.theory.assumptions import Assumption
    from spiritlevel.theory.statement import Variant, Verdict

    texts = ("paper", "location", "sentence", "formula", "because")
    fields: tuple[Field, ...] = (
        *((name, str, "a text") for name in texts),
        ("repairs", (str, type(None)), "the id of a statement or None"),
        ("assumptions", (tuple, list), "a tuple of Assumption"),
        ("about", (tuple, list), "a tuple of names"),
        ("check", (Callable, type(None)), "a function of a Context that returns a Finding, or None"),
        ("expected", Verdict, "a Verdict, such as Verdict.SUPPORTED"),
        ("samples", bool, "True or False"),
    )
    wrong = _first(
        _of(s, fields),
        lambda: (
            *((f"assumptions[{k}]", v, Assumption, "an Assumption") for k, v in enumerate(s.assumptions)),
            *((f"about[{k}]", v, str, "the name of an algorithm") for k, v in enumerate(s.about)),
        ),
    )
    if wrong or s.variant in get_args(Variant):
        return wrong
    return f"variant is {s.variant!r}; give {', '.join(map(repr, get_args(Variant)))}"


Given = tuple[str, object, Any, str]


def _of(holder: object, fields: Iterable[Field]) -> list[Given]:
    return [(name, getattr(holder, name), kind, right) for name, kind, right in fields]


def _first(given: list[Given], inside: Callable[[], Iterable[Given]]) -> str:
    """The first that is wrong; what is ``inside`` is looked at if all of these are right."""
    if all(isinstance(value, kind) for _, value, kind, _ in given):
        given = list(inside())
    wrong = (entry for entry in given if not isinstance(entry[1], entry[2]))
    return next((f"{name} is {value!r:.80}; give {right}" for name, value, _, right in wrong), "")
