"""``spiritlevel list`` and ``spiritlevel show``: what the ledger holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from spiritlevel.cli.output import JsonOption, console, deliver, ready
from spiritlevel.core.errors import InputError, unknown

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from spiritlevel.theory.judge import Judgement
    from spiritlevel.theory.statement import Statement

Patterns = Annotated[
    list[str] | None,
    typer.Argument(metavar="[PATTERN]...", help="Ids or patterns such as 'interact/*'; all if none."),
]


def list_(patterns: Patterns = None, json: JsonOption = None) -> None:
    """List the statements of the ledger, checked or not.

    Example: spiritlevel list 'interact/*' --json statements.json
    """
    from spiritlevel.reports import documents, tables
    from spiritlevel.theory.ledger import select

    ready(json, "--json")
    chosen = select(patterns or [])

    def view(out: Console) -> None:
        out.print(tables.ledger(chosen))
        out.print()
        out.print(tables.ledger_counts(chosen))

    deliver(documents.statements(chosen), json, view)


def show(
    id: Annotated[str, typer.Argument(metavar="ID", help="The id of a statement, as `list` prints it.")],
    check: Annotated[
        bool, typer.Option("--check/--no-check", help="Whether to run its (quick) check.")
    ] = True,
    witness: Annotated[
        str | None, typer.Option(metavar="FILE", help="Save the witness, for `spiritlevel verify`.")
    ] = None,
    json: JsonOption = None,
) -> None:
    """Show one statement: what it says and where, what it assumes, and the evidence.

    Example: spiritlevel show interact/mix --witness mix.json
    """
    from spiritlevel.reports import documents
    from spiritlevel.theory.judge import judge
    from spiritlevel.theory.ledger import statements

    ledger = statements()
    if id not in ledger:
        raise unknown("statement", id, ledger)
    statement = ledger[id]
    if witness is not None and not check:
        raise InputError("--witness needs the check; leave out --no-check")
    ready(json, "--json")
    ready(witness, "--witness")
    judgement = None
    if check and statement.check is not None:
        with console(stderr=True).status(f"checking {id}"):
            judgement = judge(statement)
    if witness is not None:
        if judgement is None or judgement.finding.witness is None:
            raise InputError(f"{id} has no witness; --witness is for statements that one refutes")
        judgement.finding.witness.save(witness)
    repaired_by = [s.id for s in ledger.values() if s.repairs == id]
    deliver(
        documents.shown(statement, judgement),
        json,
        lambda out: _view(out, statement, repaired_by, judgement, witness),
    )


def _view(
    out: Console, s: Statement, repaired_by: list[str], judgement: Judgement | None, saved: str | None
) -> None:
    from rich.padding import Padding
    from rich.text import Text

    from spiritlevel.reports import tables

    def block(title: str, *lines: RenderableType) -> None:
        out.print(Text(title, style="bold"))
        for line in lines:
            out.print(Padding(line if not isinstance(line, str) else Text(line), (0, 0, 0, 2), expand=False))

    out.print(Text.assemble((s.id, "bold"), f"  {s.variant} {s.kind}"))
    out.print(Text(f"{s.paper}, {s.location}", style="dim"))
    out.print()
    block("Claim", s.sentence)
    if s.formula:
        block("Formula (LaTeX)", s.formula)
    if s.assumptions:
        block("Assumes", tables.pairs([(a.id, a.text) for a in s.assumptions]))
    if s.repairs is not None:
        block("Repairs", s.repairs)
    if repaired_by:
        block("Repaired by", *repaired_by)
    if s.because:
        block("Repair" if s.variant == "repaired" else "What is wrong", s.because)
    recorded = tables.verdict(s.expected)
    block("Recorded verdict", recorded.append(": nobody has checked it yet") if s.check is None else recorded)
    if judgement is None:
        return
    finding = judgement.finding
    found = Text.assemble(tables.verdict(finding.verdict), f" by {finding.method.value}")
    if not judgement.as_recorded:
        found.append(f"  not as recorded ({s.expected})", style="bold reverse red")
    block(f"Evidence ({judgement.seconds:.1f} s)", found, finding.summary, tables.numbers(finding))
    if finding.audit:
        block("Assumptions that the instances violate", *finding.audit)
    if saved is not None:
        block("Witness", f"saved; re-check it with: spiritlevel verify {saved}")
    elif finding.witness is not None:
        block("Witness", f"save it with: spiritlevel show {s.id} --witness FILE.json")
