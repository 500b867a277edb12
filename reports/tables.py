"""Tables for the terminal; readable at 80 columns, wider where there is room."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import get_args

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from spiritlevel.core.trace import Trace
from spiritlevel.theory.judge import Judgement
from spiritlevel.theory.statement import Finding, Statement, Variant, Verdict

STYLES: Mapping[Verdict, str] = {
    Verdict.PROVED: "bold green",
    Verdict.SUPPORTED: "green",
    Verdict.REFUTED: "bold red",
    Verdict.VACUOUS: "bold magenta",
    Verdict.INCONCLUSIVE: "bold yellow",
    Verdict.UNCHECKED: "dim",
}
WIDE = 100  # columns from which the method has a column of its own
LONG = 40  # characters from which an exact rational is shown as a decimal


def table(*columns: str, spaced: bool = False) -> Table:
    """An empty table in the style of all tables here; columns are given by their headings."""
    made = Table(
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        collapse_padding=True,
        header_style="bold",
        leading=int(spaced),
    )
    for column in columns:
        made.add_column(column)
    return made


def verdict(value: Verdict) -> Text:
    """A verdict in its colour."""
    return Text(value.value, style=STYLES[value])


def ledger(statements: Iterable[Statement]) -> Table:
    """One row per statement."""
    made = table("statement", "kind", "variant", "expected", "location")
    made.columns[0].no_wrap = True
    for s in statements:
        row = (Text(s.id), Text(s.kind), Text(s.variant), verdict(s.expected), Text(s.location))
        made.add_row(*row)
    return made


def ledger_counts(statements: Sequence[Statement]) -> str:
    """How many statements there are, and how many have a check."""
    checked = sum(s.check is not None for s in statements)
    return f"{_many(len(statements), 'statement')}: {checked} checked, {len(statements) - checked} unchecked"


def _many(count: int, thing: str) -> str:
    return f"{count} {thing}{'' if count == 1 else 's'}"


def _verdict(judgement: Judgement) -> Text:
    cell = verdict(judgement.finding.verdict)
    if not judgement.as_recorded:
        cell.append(f" (recorded: {judgement.statement.expected})", style="bold reverse red")
    return cell


def evidence(judgement: Judgement) -> Text:
    """The claim, the line of evidence, and for a refuted statement what breaks."""
    cell = Text.assemble(
        (judgement.statement.sentence, "italic"), ("\nEvidence: ", "dim"), judgement.finding.summary
    )
    if judgement.finding.verdict is Verdict.REFUTED and judgement.statement.because:
        cell.append("\nBreaks: ", style="bold red")
        cell.append(judgement.statement.because)
    return cell


def findings(judgements: Iterable[Judgement], width: int) -> RenderableType:
    """One row per judged statement, by id; a verdict that differs from the recorded one is marked.

    Where there is no room for a column of its own, the evidence stands below its statement.
    """
    rows = sorted(judgements, key=lambda j: j.statement.id)
    if width >= WIDE:
        made = table("statement", "verdict", "method", "claim and evidence", spaced=True)
        made.columns[0].no_wrap = True
        for j in rows:
            made.add_row(Text(j.statement.id), _verdict(j), Text(j.finding.method, "dim"), evidence(j))
        return made
    verdicts = [_verdict(j) for j in rows]
    room = max((len(j.statement.id) for j in rows), default=0)
    room_after = max((v.cell_len for v in verdicts), default=0)
    lines: list[RenderableType] = []
    for j, found in zip(rows, verdicts, strict=True):
        found.pad_right(room_after - found.cell_len)
        head = Text.assemble((f"{j.statement.id:{room}}  ", "bold"), found, (f"  {j.finding.method}", "dim"))
        lines += [head, Padding(evidence(j), (0, 0, 1, 4), expand=False)]
    return Group(*lines)


def verdict_counts(judgements: Sequence[Judgement], missing: int = 0) -> Text:
    """How many statements got which verdict, how many of these differ from the recorded one, and are missing."""
    counts = Counter(j.finding.verdict for j in judgements)
    line = Text(f"{_many(len(judgements), 'statement')}: ")
    line.append_text(Text(", ").join(Text(f"{counts[v]} {v}", STYLES[v]) for v in Verdict if counts[v]))
    different = [j.statement.id for j in judgements if not j.as_recorded]
    if different:
        line.append(f"; {len(different)} not as recorded: {', '.join(sorted(different))}", style="bold red")
    elif judgements and not missing:
        line.append("; all as recorded")
    if missing:
        line.append(f"; INTERRUPTED, {missing} not judged", style="bold red")
    return line


def by_variant(judgements: Sequence[Judgement]) -> Table:
    """How the verdicts fall on statements as printed, repaired and added (not in the paper's words)."""
    shown = [v for v in Verdict if any(j.finding.verdict is v for j in judgements)]
    made = table("", *(v.value for v in shown))
    for variant in get_args(Variant):
        chosen = [j.finding.verdict for j in judgements if j.statement.variant == variant]
        if chosen:
            made.add_row(Text(variant), *(Text(str(chosen.count(v)), STYLES[v]) for v in shown))
    return made


def numbers(finding: Finding) -> Table:
    """The named values behind a finding, its cases and error rates."""
    return pairs({**finding.numbers, "cases": finding.cases, **finding.error_rates}.items())


def show_number(value: object) -> str:
    """A float in six digits, a long exact rational with its decimals instead, anything else as it is.

    Examples
    --------
    >>> show_number(0.123456789), show_number("1/3"), show_number([1.5, 2])
    ('0.123457', '1/3', '1.5, 2')
    >>> show_number("1" * 40 + "/" + "2" * 40)
    'about 0.5 (exactly a rational of 81 characters)'
    """
    if isinstance(value, str) and len(value) > LONG and re.fullmatch(r"-?[0-9]+/[0-9]+", value):
        return f"about {float(Fraction(value)):.6g} (exactly a rational of {len(value)} characters)"
    if isinstance(value, Fraction):
        return show_number(str(value))
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list | tuple):
        return ", ".join(map(show_number, value))
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {show_number(entry)}" for name, entry in value.items())
    return str(value)


def metrics(trace: Trace) -> Table:
    """Each metric at the first and the last recorded iteration, as the mean over replicas."""
    replicas = "" if trace.x.shape[0] == 1 else ", mean over replicas"
    made = table(f"metric{replicas}", f"t = {trace.t[0]}", f"t = {trace.t[-1]}")
    for name, values in trace.metrics.items():
        first, last = values[:, 0].mean(), values[:, -1].mean()
        made.add_row(Text(name.replace("_", " ")), show_number(float(first)), show_number(float(last)))
    return made


def pairs(values: Iterable[tuple[str, object]]) -> Table:
    """Names and values in two columns."""
    made = Table.grid(padding=(0, 2))
    for name, value in values:
        made.add_row(Text(name.replace("_", " "), style="dim"), Text(show_number(value)))
    return made
