"""The one error a user can cause."""

import difflib
from collections.abc import Iterable

_SHOWN = 12  # names listed when none comes close


class InputError(ValueError):
    """Something the user gave cannot be used; the message is one clear sentence.

    The sentence names the argument, the value that was given and what would be right.
    The command line prints it and exits with code 2.

    Examples
    --------
    >>> raise InputError("steps is 0; give a positive whole number")
    Traceback (most recent call last):
    ...
    spiritlevel.core.errors.InputError: steps is 0; give a positive whole number
    """


def unknown(kind: str, given: str, known: Iterable[str]) -> InputError:
    """Say that a name is unknown, and which known names come close.

    Examples
    --------
    >>> print(unknown("algorithm", "interct", ["interact", "dsgd"]))
    unknown algorithm 'interct'; did you mean 'interact'?
    >>> print(unknown("algorithm", "adam", ["interact", "dsgd"]))
    unknown algorithm 'adam'; known: dsgd, interact
    """
    names = sorted(known)
    close = [name for name in names if given and name.endswith(f"/{given}")]
    close = close or difflib.get_close_matches(given, names, n=3, cutoff=0.5)
    if close:
        hint = "did you mean " + " or ".join(repr(name) for name in close) + "?"
    else:
        hint = (
            "known: "
            + ", ".join(names[:_SHOWN])
            + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
        )
    return InputError(f"unknown {kind} {given!r}; {hint}")
