"""What ``spiritlevel steps`` shows: a list's terms as a table, and remarks on them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

from rich.table import Table
from rich.text import Text

from spiritlevel.core.constants import Real
from spiritlevel.reports.advice_data import list_rows
from spiritlevel.reports.tables import WIDE, show_number, table, verdict
from spiritlevel.theory.ledger import statements
from spiritlevel.theory.step_lists.admission import Admission
from spiritlevel.theory.step_lists.advice import Suggestion
from spiritlevel.theory.step_lists.limits import Limit, stability
from spiritlevel.theory.step_lists.stepsize import Row
from spiritlevel.theory.step_lists.units import in_words


def short(value: Real) -> str:
    """A number as written if that is short, else in six digits.

    Examples
    --------
    >>> short(Fraction(1, 3)), short(Fraction(29, 100000)), short(Fraction(33, 10**10))
    ('1/3', '29/100000', '3.3e-09')
    """
    exact = str(value)
    return exact if len(exact) <= 9 else f"{float(value):.6g}"


def decimal(value: Fraction) -> str:
    """A fraction that is a short decimal as one, otherwise as it is.

    Examples
    --------
    >>> decimal(Fraction(29, 100000)), decimal(Fraction(1, 4)), decimal(Fraction(1, 3))
    ('0.00029', '0.25', '1/3')
    """
    text = f"{float(value):.15g}"
    return text if Fraction(text) == value else str(value)


def terms(found: Admission, width: int) -> Table:
    """Every term, sorted, with its value, whether it binds, its units, and whether the given steps satisfy it."""
    wide, judged = width >= WIDE, found.admissible is not None
    heads = [
        "step",
        "bound",
        "",
        "term",
        "units",
        *(["serves"] if wide else []),
        *(["holds"] if judged else []),
    ]
    made = table(*heads)
    made.columns[3].overflow = "fold"
    for column in (0, 1, 2):
        made.columns[column].no_wrap = True
    words = {True: Text("yes", "green"), False: Text("no", "bold red"), None: Text("-", "dim")}
    for row in found.rows:
        measured = found.units[row.term]
        unit = "mixed" if measured.mixed else in_words(measured.found)
        cells = [
            Text(row.term.step),
            Text("no bound" if math.isinf(row.limit) else f"{_sign(row)} {row.limit:.6g}"),
            _reach(found, row),
            Text(_name(row)),
            Text(unit, "dim") if measured.consistent else Text(f"{unit} !", "yellow"),
        ]
        if wide:
            cells.append(Text(row.term.serves, "dim"))
        made.add_row(*cells, *([words[row.allows]] if judged else []))
    return made


def _sign(row: Row) -> str:
    return ">=" if row.term.lower else "<="


def _reach(found: Admission, row: Row) -> Text:
    if row.binds:
        return Text("binds", "bold cyan")
    return Text("never" if found.reach[row.term].implied else "", "dim")


def remarks(found: Admission) -> Iterator[Text]:
    """What the table does not hold: proofs, units, emptiness, limits, and what to take; a line each."""
    yield from _about_terms(found)
    yield from _about_room(found)
    yield from _about_limits(found)
    for line in found.violated:
        yield Text(f"assumption {line}", "bold yellow")
    if found.suggestion is not None:
        yield suggested(found, found.suggestion)
    if found.admissible is not None:
        asked = ", ".join(f"{name} = {short(value)}" for name, value in found.at.items())
        word, style = ("admissible", "bold green") if found.admissible else ("NOT admissible", "bold red")
        yield Text.assemble(f"{asked}: ", (word, style))
        if found.radius is not None:
            yield Text(f"{asked}: {_stable(found.radius)}")


def _about_terms(found: Admission) -> Iterator[Text]:
    proved = {term: reach.implied for term, reach in found.reach.items() if reach.implied}
    if proved:
        seen = f"; see also {found.rule.never}" if found.rule.never else ""
        yield Text(
            f"never: proved never to bind alone, for all positive constants and admitted earlier steps{seen}",
            "dim",
        )
        for term, implied in proved.items():
            way, least = ("above", "larger") if term.lower else ("below", "smaller")
            other = implied[0] if len(implied) == 1 else f"the {least} of {' and '.join(implied)}"
            yield Text(f"  {term.name} is never {way} {other}", "dim")
    if not all(measured.consistent for measured in found.units.values()):
        wanted = {row.term.step: in_words(found.units[row.term].demanded) for row in found.rows}
        told = ", ".join(f"{step}: {unit}" for step, unit in wanted.items())
        mixed = any(measured.mixed for measured in found.units.values())
        more = "; mixed: unlike units are added or compared" if mixed else ""
        yield Text(
            f"!: not the units of the step, so that it depends on how f, g and length are measured ({told}){more}",
            "yellow",
        )


def _about_room(found: Admission) -> Iterator[Text]:
    for step, value in found.largest.items():
        known = "inf" if math.isinf(value) else f"{value:.6g}"
        yield Text(f"largest admissible {step}: {known}" if value > 0 else f"no {step} is admissible")
    if found.empty is not None:
        yield Text(f"the list is EMPTY: no {found.empty} satisfies it here", "bold red")
        both = found.contradiction
        if both is not None:
            yield Text(f"  {', but '.join(map(_exactly, both))}", "red")
    if found.room:
        told = ", ".join(f"{name} = {decimal(value)}" for name, value in found.room.items())
        yield Text(f"  with other earlier steps there is room: {told}")
    if found.always_empty is not None:
        low, high = found.always_empty
        yield Text(f"  for all positive constants, by proof: {low.name} exceeds {high.name}", "red")
    if found.rule.room and (found.empty is not None or found.always_empty is not None):
        yield Text(f"  when it is empty: spiritlevel show {found.rule.room}")


def _about_limits(found: Admission) -> Iterator[Text]:
    for limit in found.limits:
        fixed = ", ".join(f"{name} = {short(v)}" for name, v in limit.others.items())
        which = f"{limit.algorithm}, {fixed}" if fixed else limit.algorithm
        yield Text(f"exact stability limit of {limit.step}: {_limit(limit)} ({which})")
        times = limit.conservatism
        if times is not None and 0 < limit.value < math.inf:
            what = "least" if limit.inverse else "largest"
            yield Text(
                f"  conservatism: the {what} admissible {limit.step} is {times:.4g} times {'the limit' if limit.inverse else 'smaller than the limit'}"
                if times >= 1
                else f"  the list goes BEYOND stability: the {what} admissible {limit.step} is {1 / times:.4g} times too {'small' if limit.inverse else 'large'}",
                "" if times >= 1 else "bold red",
            )
    if found.no_limit:
        yield Text(f"no exact stability limit: {found.no_limit}")


def _exactly(row: Row) -> str:
    squared = "^2" if row.term.power == 2 else ""
    return f"{row.term.step}{squared} {_sign(row)} {show_number(row.bound)} by {_name(row)}"


def _name(row: Row) -> str:
    """A rule that sets a step is a bound from both sides; its name is that of either."""
    return row.term.name.removeprefix("at least ")


def _limit(limit: Limit) -> str:
    if limit.inverse:
        return "none is stable" if math.isinf(limit.value) else f"{limit.value:.9g}, stable above"
    if limit.value == 0:
        return "none is stable"
    return "stable up to 10000 at least" if math.isinf(limit.value) else f"{limit.value:.9g}"


def suggested(found: Admission, made: Suggestion) -> Text:
    """The line that says what to take."""
    if not made.steps:
        return Text(f"no suggestion: of the list of {made.statement}, {made.reason}", "yellow")
    steps = ", ".join(f"{name} = {decimal(value)}" for name, value in made.steps.items())
    radius = "" if made.radius is None else f"; {_stable(made.radius)}"
    unstable = made.radius is not None and stability(made.radius) is False
    if not made.statement:
        return Text.assemble(
            ("suggestion: ", "bold"),
            (steps, "yellow"),
            f", from the stability limit on this problem; by no theorem ({made.reason}){radius}",
        )
    verdict = statements()[made.statement].expected.value
    return Text.assemble(
        ("suggestion: ", "bold"),
        (steps, "bold red" if unstable else "bold green"),
        f", admitted by {made.statement} ({verdict}), checked exactly{radius}",
    )


def _stable(radius: float) -> str:
    words = {True: "stable here", False: "NOT stable here", None: "too slow to tell whether it is stable"}
    return f"{words[stability(radius)]}, spectral radius {radius:.9g}"


def lists() -> Table:
    """Every list, its steps in order, what its statement came to, and which to take instead."""
    made = table("list", "verdict", "steps")
    made.columns[0].no_wrap = made.columns[1].no_wrap = True
    for row in list_rows():
        cell = Text(", ".join(row["steps"]))
        if row["needs"]:
            cell.append(f"\nneeds {', '.join(row['needs'])}", "dim")
        if row["instead"] not in (None, row["statement"]):
            cell.append(f"\ntake {row['instead']}", "cyan")
        made.add_row(Text(row["statement"]), verdict(row["verdict"]), cell)
    return made
