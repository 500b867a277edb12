"""``spiritlevel verify``: hands over to the standard-library verifier."""

from __future__ import annotations

from typing import Annotated

import typer


def verify(
    witness: Annotated[
        str, typer.Argument(metavar="WITNESS.json", help="A file that `show` or `check` wrote.")
    ],
) -> None:
    """Re-check a witness in exact arithmetic, with the Python standard library alone.

    Exit code 0: it stands; 1: it does not; 2: the file cannot be used.

    Example: spiritlevel verify mix.json (from: spiritlevel show interact/mix --witness mix.json)
    """
    from spiritlevel.theory.verify import main

    raise typer.Exit(main([witness]))
