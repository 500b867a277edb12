"""What ``spiritlevel steps`` shows: a list's terms as a table, and remarks on them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Context, Decimal
from fractions import Fraction

from rich.table import Table
from rich.text import Text

from spiritlevel.core.constants import Real
from spiritlevel.reports.advice_data import list_rows
from spiritlevel.reports.tables import WIDE, show_number, table, verdict
from spiritlevel.theory.ledger import statements
from spiritlevel.theory.step_lists.admission import Admission
from spiritlevel.theory.step_lists.advice import Suggestion
from spiritlevel.theory.step_lists.crossing import LEAST, LESS, MOST, ROUNDING, SCANNED
from spiritlevel.theory.step_lists.limits import Limit, stability
from spiritlevel.theory.step_lists.stepsize import Row, ceiling, floor, taken
from spiritlevel.theory.step_lists.units import in_words


def short(value: Real) -> str:
    """A number as written if that is short, else in six digits.

    Examples
    --------
    >>> short(Fraction(1, 3)), short(Fraction(29, 100000)), short(Fraction(33, 10**10)), short(Fraction(10) ** 400)
    ('1/3', '29/100000', '3.3e-09', '1e+400')
    """
    exact = str(value)
    if len(exact) <= 9:
        return exact
    if isinstance(value, float) or 1e-300 < abs(value) < 1e300:
        return f"{float(value):.6g}"
    quotient = Context(prec=6).divide(Decimal(value.numerator), Decimal(value.denominator))
    return f"{quotient.normalize():.6g}"


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
    made.columns[3].overflow = made.columns[4].overflow = "fold"
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
        asked = _asked(found)
        others = _unasked(found)
        word, style = ("admissible", "bold green") if found.admissible else ("NOT admissible", "bold red")
        yield Text.assemble(f"{asked}{f', with {others}' if others else ''}: ", (word, style))
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
        if value <= 0 or floor(found.rows, step) > value:
            if step != found.empty:  # told below
                yield Text(f"no {step} is admissible")
        elif math.isinf(value):
            yield Text(f"no largest admissible {step}: nothing bounds it here")
        else:
            yield Text(f"largest admissible {step}: {value:.6g}")
    if found.empty is not None:
        yield _emptiness(found, found.empty)
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


def _emptiness(found: Admission, step: str) -> Text:
    if found.surely and not found.at:
        return Text(f"the list is EMPTY: no {step} satisfies it here", "bold red")
    held = ", ".join(told for told in (_asked(found, but=step), _unasked(found, before=step)) if told)
    if found.surely or found.room or found.at:
        return Text(f"no {step} satisfies the list here{f' with {held}' if held else ''}", "bold red")
    return Text(
        f"the list seems EMPTY: no {step} satisfies it with {held}, nor with any smaller step tried",
        "bold red",
    )


def _asked(found: Admission, but: str = "") -> str:
    return ", ".join(f"{name} = {short(value)}" for name, value in found.at.items() if name != but)


def _unasked(found: Admission, before: str = "") -> str:
    """The steps that were taken at their largest, for want of others: those before a step, or before the last one given."""
    order = found.rule.order
    end = order.index(before) if before else max(map(order.index, found.at), default=0)
    taken_at = {
        step: taken(floor(found.rows, step), ceiling(found.rows, step))
        for step in order[:end]
        if step not in found.at
    }
    return ", ".join(f"the largest {step} = {short(value)}" for step, value in taken_at.items())


def _about_limits(found: Admission) -> Iterator[Text]:
    for limit in found.limits:
        fixed = ", ".join(f"{name} = {short(v)}" for name, v in limit.others.items())
        which = f"{limit.algorithm}, {fixed}" if fixed else limit.algorithm
        yield Text(f"exact stability limit of {limit.step}: {_limit(limit)} ({which})")
        times = limit.conservatism
        if limit.value != (math.inf if limit.inverse else 0):
            yield Text(f"  {_sureness(limit)}", "dim")
        if limit.slow and limit.found:
            yield Text(f"  more cautious ones are too slow to tell: spectral radius within {ROUNDING:g} of 1")
        if limit.unbounded and limit.found:
            yield Text(f"  the list goes BEYOND stability: it does not bound {limit.step}", "bold red")
        if times is not None:
            what = "least" if limit.inverse else "largest"
            yield Text(
                f"  conservatism: the {what} admissible {limit.step} is {times:.4g} times {'the limit' if limit.inverse else 'smaller than the limit'}"
                if times >= 1
                else f"  the list goes BEYOND stability: the {what} admissible {limit.step} is {1 / times:.4g} times too {'small' if limit.inverse else 'large'}",
                "" if times >= 1 else "bold red",
            )
    if found.no_limit:
        yield Text(f"no exact stability limit: {found.no_limit}")


def _sureness(limit: Limit) -> str:
    """What is known of the steps on the stable side of a limit."""
    looked = f"{SCANNED} steps a decade were looked at"
    if limit.certified is None:
        return f"{looked}: a narrower window of unstable ones would be missed"
    low, high = limit.certified
    told = f"every {limit.step} from {low:.6g} to {high:.6g} is stable, certified by Lyapunov matrices ({limit.parts})"
    least, most = (1 / MOST, 1 / LEAST) if limit.inverse else (LEAST, MOST)
    least, most = (max(limit.value, least), most) if limit.inverse else (least, min(limit.value, most))
    whole = low <= least * (1 + 2 * LESS) and high >= most * (1 - 2 * LESS)
    return told if whole else f"{told}; elsewhere {looked}"


def _exactly(row: Row) -> str:
    squared = "^2" if row.term.power == 2 else ""
    return f"{row.term.step}{squared} {_sign(row)} {show_number(row.bound)} by {_name(row)}"


def _name(row: Row) -> str:
    """A rule that sets a step is a bound from both sides; its name is that of either."""
    return row.term.name.removeprefix("at least ")


def _limit(limit: Limit) -> str:
    least, most = (f"{v:g}" for v in ((1 / MOST, 1 / LEAST) if limit.inverse else (LEAST, MOST)))
    if limit.found:
        return f"{limit.value:.9g}{', stable above' if limit.inverse and not limit.slow else ''}"
    if limit.slow:
        return f"too slow to tell between {least} and {most}, spectral radius within {ROUNDING:g} of 1"
    if limit.inverse:
        unstable, rest = math.isinf(limit.value), "smaller ones were not looked at"
        return f"unstable at {most} already; {rest}" if unstable else f"stable from {least} at least"
    unstable, rest = limit.value == 0, "larger ones were not looked at"
    return f"unstable at {least} already; {rest}" if unstable else f"stable up to {most} at least"


def suggested(found: Admission, made: Suggestion) -> Text:
    """The line that says what to take."""
    if not made.steps:
        return Text(f"no suggestion: of the list of {made.statement}, {made.reason}", "yellow")
    steps = ", ".join(f"{name} = {decimal(value)}" for name, value in made.steps.items())
    radius = "" if made.radius is None else f"; {_stable(made.radius)}"
    if not made.statement:
        return Text.assemble(
            ("suggestion: ", "bold"),
            (steps, "yellow"),
            f", from the stability limit on this problem; by no theorem ({made.reason}){radius}",
        )
    verdict = statements()[made.statement].expected.value
    return Text.assemble(
        ("suggestion: ", "bold"),
        (steps, "bold green"),
        f", admitted by {made.statement} ({verdict}), checked exactly{radius}",
    )


def _stable(radius: float) -> str:
    stable = stability(radius)
    if stable is None:
        return f"too slow to tell whether it is stable, spectral radius within {ROUNDING:g} of 1"
    return f"{'stable' if stable else 'NOT stable'} here, spectral radius {_near_one(radius)}"


def _near_one(radius: float) -> str:
    """A radius in nine digits, or as its distance from 1 where these would say 1."""
    told = f"{radius:.9g}"
    return f"1 {'-' if radius < 1 else '+'} {abs(1 - radius):.2g}" if told == "1" else told


def lists() -> Table:
    """Every list, its steps in order, what its statement came to, and which to take instead."""
    made = table("list", "verdict", "steps")
    made.columns[0].no_wrap = made.columns[1].no_wrap = True
    made.columns[2].overflow = "fold"
    for row in list_rows():
        cell = Text(", ".join(row["steps"]))
        if row["needs"]:
            cell.append(f"\nneeds {', '.join(row['needs'])}", "dim")
        if row["instead"] not in (None, row["statement"]):
            cell.append(f"\ntake {row['instead']}", "cyan")
        made.add_row(Text(row["statement"]), verdict(row["verdict"]), cell)
    return made
