"""``spiritlevel steps``: check step sizes against a theorem's list, and say which to take."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spiritlevel.cli.output import JsonOption, console, deliver, ready
from spiritlevel.cli.run import WeightsOption

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from spiritlevel.core.constants import Real
    from spiritlevel.theory.step_lists.admission import Admission


def steps(
    statement: Annotated[
        str | None,
        typer.Argument(metavar="STATEMENT", help="A statement with step sizes; without one all are listed."),
    ] = None,
    problem: Annotated[
        str | None, typer.Option(metavar="FILE|NAME", help="Take the constants of this problem, exactly.")
    ] = None,
    network: Annotated[
        str | None, typer.Option(metavar="FILE|NAME", help="Take lam and m of this network.")
    ] = None,
    weights: WeightsOption = None,
    constants: Annotated[
        list[str] | None,
        typer.Option(
            metavar="mu=1,L=10,..",
            help="Constants instead of a problem, lam and m too; with one, what else a list needs.",
        ),
    ] = None,
    at: Annotated[
        list[str] | None,
        typer.Option(metavar="alpha=..,beta=..", help="Step sizes to check, exactly as written."),
    ] = None,
    figure: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Draw the bounds on the last step: .svg, .pdf or .png."),
    ] = None,
    json: JsonOption = None,
) -> None:
    """Print a theorem's step-size terms, which one binds, whether given steps are admitted, and which to take.

    Terms that can never bind and terms with other units than the step are marked; with a quadratic problem there
    is the exact stability limit, what is certified below it, and how far the theorem is from it. The suggestion is admitted
    by the repaired theorem.
    Exit code 0: admitted, or nothing to check; 1: not admitted, or nothing can be; 2: wrong usage.

    \b
    Examples:
      spiritlevel steps
      spiritlevel steps interact/thm1 --problem quadratic:seed=1 \\
          --network ring:8 --at alpha=0.01,beta=0.1 --figure terms.svg
      spiritlevel steps interact/thm1 --constants mu=1,L=10,C_gxy=1,L_fx=1,lam=1/2,m=8
    """
    from spiritlevel.core.errors import InputError

    ready(json, "--json")
    if statement is None:
        if any(option is not None for option in (problem, network, weights, constants, at, figure)):
            raise InputError("STATEMENT is missing; `spiritlevel steps` alone lists those with step sizes")
        _all(json)
        return
    import spiritlevel
    from spiritlevel.cli import inputs
    from spiritlevel.reports import advice_data, figures

    if figure is not None:
        if Path(figure).suffix.removeprefix(".").lower() not in figures.FORMATS:
            endings = " or ".join(f".{known}" for known in figures.FORMATS)
            raise InputError(f"--figure is {figure!r}; give the name of a file that ends in {endings}")
        ready(figure, "--figure")
    given = inputs.constants(inputs.settings(constants, "--constants")) if constants else None
    with console(stderr=True).status("evaluating the list") as spinner:
        found = spiritlevel.steps(
            statement,
            problem=problem,
            network=network,
            weights=weights,
            constants=given,
            at=inputs.numbers(at or [], "--at"),
            progress=spinner.update,
        )
    if figure is not None:
        bars = advice_data.figure(found)
        if not bars.values:
            raise InputError(
                f"--figure has nothing to draw: no bound on {bars.y_label} is a positive number here"
            )
        figures.draw(bars, figure)
        if json != "-":
            print(f"written to {figure}")
    alone = given if problem is None else None
    deliver(advice_data.document(found), json, lambda out: _view(out, found, alone))
    raise typer.Exit(1 if found.admissible is False or (found.empty is not None and not found.room) else 0)


def _all(json: str | None) -> None:
    from spiritlevel.reports import advice, advice_data, documents

    document = {"format": advice_data.LISTS, "lists": documents.plain(advice_data.list_rows())}
    deliver(document, json, lambda out: out.print(advice.lists()))


def _view(out: Console, found: Admission, given: Mapping[str, Real] | None) -> None:
    from rich.text import Text

    from spiritlevel.reports import advice, tables

    s = found.statement
    out.print(Text.assemble((s.id, "bold"), f"  {s.paper}, {s.location}"))
    values = {f.name: getattr(found.constants, f.name) for f in dataclasses.fields(found.constants)}
    known = {**values, "lam": found.lam, "m": found.m, **found.more}
    out.print(Text(", ".join(f"{name}={tables.show_number(v)}" for name, v in known.items()), style="dim"))
    names = {"mu_g": "mu", "L_g": "L"}
    zero = [
        name
        for name, value in values.items()
        if given is not None and name not in given and names.get(name, name) not in given and value == 0
    ]
    if zero:
        out.print(f"not given, taken as 0: {', '.join(zero)}", style="yellow")
    out.print()
    out.print(advice.terms(found, out.width))
    out.print()
    for line in advice.remarks(found):
        out.print(line)
