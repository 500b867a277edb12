"""The command ``spiritlevel``: its subcommands, and how errors end."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from spiritlevel.cli.check import check
from spiritlevel.cli.planted import planted
from spiritlevel.cli.plot import plot
from spiritlevel.cli.report import report
from spiritlevel.cli.run import run
from spiritlevel.cli.statements import list_, show
from spiritlevel.cli.steps import steps
from spiritlevel.cli.verify import verify
from spiritlevel.core.errors import InputError


class Commands(TyperGroup):
    """A group whose commands end an `InputError` with its sentence and exit code 2."""

    def invoke(self, ctx: Any) -> Any:
        """Run the chosen command."""
        try:
            return super().invoke(ctx)
        except InputError as error:
            message = f"Error: {error}"
        except MemoryError as error:
            message = f"Error: there is not enough memory for this ({error or 'no details'}); ask for less"
        except KeyboardInterrupt:
            print("interrupted", file=sys.stderr)
            raise typer.Exit(130) from None
        print(message, file=sys.stderr)
        raise typer.Exit(2)


app = typer.Typer(
    cls=Commands,
    help="Checks what papers on distributed bilevel optimisation claim, as printed and as repaired.",
    epilog="Start with: spiritlevel check",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("check")(check)
app.command("list")(list_)
app.command("show")(show)
app.command("run")(run)
app.command("plot")(plot)
app.command("steps")(steps)
app.command("planted")(planted)
app.command("verify")(verify)
app.command("report")(report)


def _version(wanted: bool) -> None:
    if wanted:
        import spiritlevel

        print(f"spiritlevel {spiritlevel.__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Entry point: exits with 0, 1 (a verdict differs, a step is not admitted), 2 (usage) or 130 (Ctrl-C)."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # Greek letters on a terminal without them
    app(prog_name="spiritlevel")
