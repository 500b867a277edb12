"""``spiritlevel verify``: hands over to the standard-library verifier; compares with the ledger if asked."""

from __future__ import annotations

from typing import Annotated

import typer

from spiritlevel.core.errors import InputError

_SAID = ("define", "assume", "iterate", "claim")
"""The parts of a witness that say what is broken; ``given`` are only numbers."""


def verify(
    witness: Annotated[
        str, typer.Argument(metavar="WITNESS.json", help="A file that `show` or `check` wrote.")
    ],
    ledger: Annotated[
        bool,
        typer.Option(
            "--ledger", help="Also compare its expressions with those of the ledger's witness, made anew."
        ),
    ] = False,
) -> None:
    """Re-check a witness in exact arithmetic, with the Python standard library alone.

    The arithmetic shows that the file's expressions break one another, not that they are the paper's: --ledger tells
    whether they are the ledger's.

    Exit code 0: it stands; 1: it does not, or differs from the ledger's; 2: the file cannot be used.

    Example: spiritlevel verify mix.json (from: spiritlevel show interact/mix --witness mix.json)
    """
    from spiritlevel.theory.verify import main

    code = main([witness])
    if ledger and code != 2:
        different = _different(witness)
        if different:
            print(
                f"NOT the ledger's: {', '.join(different)} of the file differ from the statement's own witness"
            )
        else:
            print("its expressions are those of the ledger's witness")
        code = 1 if different else code
    raise typer.Exit(code)


def _different(path: str) -> list[str]:
    """The parts in which a file is not the witness that its statement's check finds."""
    from spiritlevel.core.files import load_json
    from spiritlevel.theory.judge import judge
    from spiritlevel.theory.ledger import select

    given = load_json(path)
    (statement,) = select([given["statement"]])
    found = judge(statement).finding.witness
    if found is None:
        raise InputError(f"--ledger: the check of {statement.id} finds no witness to compare with")
    own = found.document()
    return [part for part in _SAID if given.get(part) != own.get(part)]
