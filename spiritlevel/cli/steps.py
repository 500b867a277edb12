"""``spiritlevel steps``: check step sizes against a theorem's list."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spiritlevel.cli.output import JsonOption, console, deliver, ready
from spiritlevel.cli.run import WeightsOption

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from spiritlevel.core.constants import Real
    from spiritlevel.theory.admission import Admission

FORMAT = "spiritlevel/steps@1"


def steps(
    statement: Annotated[
        str, typer.Argument(metavar="STATEMENT", help="A statement with step sizes, such as interact/thm1.")
    ],
    problem: Annotated[
        str | None, typer.Option(metavar="FILE|NAME", help="Take the constants of this problem, exactly.")
    ] = None,
    network: Annotated[
        str | None, typer.Option(metavar="FILE|NAME", help="Take lam and m of this network.")
    ] = None,
    weights: WeightsOption = None,
    constants: Annotated[
        list[str] | None,
        typer.Option(metavar="mu=1,L=10,..", help="Constants instead of a problem; lam and m too."),
    ] = None,
    at: Annotated[
        list[str] | None,
        typer.Option(metavar="alpha=..,beta=..", help="Step sizes to check, exactly as written."),
    ] = None,
    json: JsonOption = None,
) -> None:
    """Print a theorem's step-size terms, which one binds, and whether given steps are admitted.

    With a quadratic problem also the exact stability limit, and how far the theorem is from it.
    Exit code 0: admitted, or nothing to check; 1: not admitted, or nothing can be; 2: wrong usage.

    \b
    Examples:
      spiritlevel steps interact/thm1 --problem quadratic:seed=1 \\
          --network ring:8 --at alpha=0.01,beta=0.1
      spiritlevel steps interact/thm1 --constants mu=1,L=10,C_gxy=1,L_fx=1,lam=1/2,m=8
    """
    import spiritlevel
    from spiritlevel.cli.inputs import numbers

    ready(json, "--json")
    given = numbers(constants, "--constants") if constants else None
    with console(stderr=True).status("evaluating the list"):
        found = spiritlevel.steps(
            statement,
            problem=problem,
            network=network,
            weights=weights,
            constants=given,
            at=numbers(at or [], "--at"),
        )
    deliver(_document(found), json, lambda out: _view(out, found, given))
    raise typer.Exit(1 if found.admissible is False or found.empty is not None else 0)


def _document(found: Admission) -> dict[str, Any]:
    from spiritlevel.reports.documents import plain, step_rows

    limit = found.limit
    document: dict[str, Any] = plain(
        {
            "format": FORMAT,
            "statement": found.statement.id,
            "constants": dataclasses.asdict(found.constants),
            "lam": found.lam,
            "m": found.m,
            "at": found.at,
            "admissible": found.admissible,
            "rows": step_rows(found.rows),
            "largest": found.largest,
            "empty": found.empty,
            "violated_assumptions": found.violated,
            "stability": None
            if limit is None
            else dataclasses.asdict(limit) | {"conservatism": limit.conservatism},
            "no_stability_because": found.no_limit or None,
        }
    )
    return document


def _view(out: Console, found: Admission, given: Mapping[str, Real] | None) -> None:
    from rich.text import Text

    from spiritlevel.reports import tables

    s = found.statement
    out.print(Text.assemble((s.id, "bold"), f"  {s.paper}, {s.location}"))
    values = {f.name: getattr(found.constants, f.name) for f in dataclasses.fields(found.constants)}
    known = {**values, "lam": found.lam, "m": found.m}
    out.print(Text(", ".join(f"{name}={tables.show_number(v)}" for name, v in known.items()), style="dim"))
    zero = [name for name, value in values.items() if given is not None and name not in given and value == 0]
    if zero:
        out.print(f"not given, taken as 0: {', '.join(zero)}", style="yellow")
    out.print()
    out.print(tables.step_terms(found.rows, judged=found.admissible is not None))
    out.print()
    for step, value in found.largest.items():
        out.print(f"largest admissible {step}: {value:.6g}" if value > 0 else f"no {step} is admissible")
    if found.empty is not None:
        out.print(f"the list is EMPTY: no {found.empty} satisfies it here", style="bold red")
    limit = found.limit
    if limit is not None:
        fixed = ", ".join(f"{name} = {_short(v)}" for name, v in limit.others.items())
        out.print(f"exact stability limit of {limit.step}: {limit.value:.9g} ({limit.algorithm}, {fixed})")
        out.print(
            f"conservatism: the limit is {limit.conservatism:.4g} times the largest admissible {limit.step}"
        )
    elif found.no_limit and found.empty is None:
        out.print(f"no exact stability limit: {found.no_limit}")
    for line in found.violated:
        out.print(f"assumption {line}", style="bold yellow")
    if found.admissible is not None:
        asked = ", ".join(f"{name} = {_short(value)}" for name, value in found.at.items())
        word, style = ("admissible", "bold green") if found.admissible else ("NOT admissible", "bold red")
        out.print(Text.assemble(f"{asked}: ", (word, style)))


def _short(value: Real) -> str:
    exact = str(value)
    return exact if len(exact) <= 8 else f"{float(value):.6g}"
