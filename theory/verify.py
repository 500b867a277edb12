"""Re-check a witness with the Python standard library alone: ``python theory/verify.py WITNESS.json``.

A witness shows that a printed statement is false. It is a JSON file of exact rationals and short
expressions in the paper's letters (see `witness_language`): every assumption of the statement must
be *true*, and what the statement claims must be *false*. Nothing is shared with the programs that
found the witness, nothing is rounded, and nothing that is read is executed.

The file, in the order in which it is worked through (``iterate`` and ``note`` may be left out)::

    {"format": "spiritlevel/witness@1",
     "statement": "interact/thm1", "paper": "...", "location": "Theorem 1", "claim_text": "...",
     "note": "...",
     "given":   {"W": [["19/20", "1/20"], ["1/20", "19/20"]], "x0": ["1", "0"]},
     "define":  [["gap", "1 - (W[0, 0] - W[0, 1])"]],
     "assume":  [{"text": "the rows of W sum to 1", "that": "W @ ones(2) == ones(2)"}],
     "iterate": [{"text": "...", "times": 6, "start": [["x", "x0"], ["S", "0"]],
                  "step": [["x", "W @ x"]], "measure": [["S", "S + norm2(x)"]], "show": ["S"]}],
     "claim":   {"text": "the sum stays below 5", "that": "S <= 5"}}

``start`` runs once, ``measure`` at t = 0 and after every ``step``, t = 1..times; the name ``t`` is the
counter. What is given or defined is never assigned again, so that the iteration runs on the very
numbers that the assumptions were checked on.

Exit code 0: the witness stands; 1: it does not; 2: the file cannot be used.
"""

from __future__ import annotations

import json
import keyword
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

if __package__:
    from spiritlevel.theory.witness_language import (
        FUNCTIONS,
        MAX_SIZE,
        MAX_TEXT,
        Evaluator,
        Value,
        WitnessError,
        parse,
        show,
    )
else:  # run as a file, perhaps with -I: then the file's folder is not searched
    sys.path.append(str(Path(__file__).resolve().parent))
    from witness_language import (  # type: ignore[import-not-found,no-redef]
        FUNCTIONS,
        MAX_SIZE,
        MAX_TEXT,
        Evaluator,
        Value,
        WitnessError,
        parse,
        show,
    )

FORMAT = "spiritlevel/witness@1"
MAX_FILE = 1_000_000  # bytes
MAX_DIGITS = 4_000  # of a given number; Python itself stops at 4300
MAX_TIMES = 10_000  # iterations
MAX_SHOWN = 20  # names whose values an iteration shows

_TEXTS = ("statement", "paper", "location", "claim_text")


@dataclass(frozen=True)
class Line:
    """One condition that was checked.

    Parameters
    ----------
    part
        ``"assume"`` or ``"claim"``.
    text, expression
        The condition in words and as computed.
    values
        Its sides as exact rationals, and as decimals where they are not whole numbers.
    holds
        Whether it is true.
    """

    part: str
    text: str
    expression: str
    values: tuple[str, ...]
    holds: bool


@dataclass(frozen=True)
class Report:
    """What `verify` found.

    Parameters
    ----------
    ok
        Whether the witness stands: every assumption is true and the claim is false.
    reason
        Why, or the line that prevents it.
    lines
        Every condition that was checked, in order. The claim comes last; where an assumption is
        false it is not looked at.
    computed
        What was given, defined and shown on the way, one line of text each.
    """

    ok: bool
    reason: str
    lines: tuple[Line, ...]
    computed: tuple[str, ...]

    @property
    def last(self) -> Line:
        """The last line that was checked: the claim, unless an assumption is false."""
        return self.lines[-1]


def _text(value: object, where: str) -> str:
    # one printable line: no line breaks or terminal codes that could forge a part of the report
    if not isinstance(value, str) or not 0 < len(value) <= MAX_TEXT or not value.isprintable():
        raise WitnessError(f"{where} must be one printable line of 1 to {MAX_TEXT} characters")
    return value


def _fields(
    value: object, where: str, required: Sequence[str], optional: Sequence[str] = ()
) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise WitnessError(f"{where} must be an object with the keys {', '.join(required)}")
    for key in required:
        if key not in value:
            raise WitnessError(f"{where} has no key {key!r}")
    for key in value:
        if key not in (*required, *optional):
            raise WitnessError(f"{where} has an unknown key, {_short(key)}")
    return value


def _list(value: object, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise WitnessError(f"{where} must be a list")
    return value


def _number(value: object, where: str) -> Fraction:
    digits = rf"[0-9]{{1,{MAX_DIGITS}}}"
    if type(value) is int and abs(value) < 10**MAX_DIGITS:
        return Fraction(value)
    if not isinstance(value, str) or not re.fullmatch(rf"-?{digits}(/{digits})?", value, re.ASCII):
        raise WitnessError(
            f"{where} has {_short(value)}, not a whole number or an exact text such as '19/20'"
        )
    try:
        return Fraction(value)
    except ZeroDivisionError:
        raise WitnessError(f"{where} has {_short(value)}, which divides by zero") from None


def _short(value: object) -> str:
    """A value for an error message, if it is short."""
    small = isinstance(value, str | float) or (isinstance(value, int) and abs(value) < 10**50)
    text = ascii(value) if small else "something else"
    return text if len(text) < 80 else "a text that is too long"


def _given(value: object, where: str) -> Value:
    """A number, a vector or a matrix; rows of equal length."""
    if not isinstance(value, list):
        return _number(value, where)
    rows = [row if isinstance(row, list) else [row] for row in value]
    flat = not any(isinstance(row, list) for row in value)
    sizes = {len(row) for row in rows}
    if len(sizes) != 1 or not 1 <= len(rows) <= MAX_SIZE or not 1 <= max(sizes) <= MAX_SIZE:
        raise WitnessError(f"{where} must be a vector or rows of equal length, at most {MAX_SIZE} long")
    if not flat and not all(isinstance(row, list) for row in value):
        raise WitnessError(f"{where} mixes numbers and rows")
    numbers = [tuple(_number(entry, where) for entry in row) for row in rows]
    return tuple(row[0] for row in numbers) if flat else tuple(numbers)


class _Run:
    """One pass over a witness, from top to bottom."""

    def __init__(self) -> None:
        self.evaluator = Evaluator()
        self.lines: list[Line] = []
        self.computed: list[str] = []

    @property
    def sound(self) -> bool:
        """Whether all conditions so far are true."""
        return all(line.holds for line in self.lines)

    def name(self, name: object, where: str, changeable: set[str]) -> str:
        if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,39}", name):
            raise WitnessError(f"{where}: {_short(name)} is not a name")
        if name == "t" or name in FUNCTIONS or keyword.iskeyword(name):
            raise WitnessError(f"{where}: the name {name!r} is taken by the language")
        if name in self.evaluator.names and name not in changeable:
            raise WitnessError(f"{where}: {name!r} has a value already and may not change")
        return name

    def assign(self, pairs: object, where: str, changeable: set[str]) -> None:
        """Run assignments ``[name, expression]`` in order; ``changeable`` collects their names."""
        for pair in _list(pairs, where):
            if not (isinstance(pair, list) and len(pair) == 2):
                raise WitnessError(f"{where} must hold pairs [name, expression]")
            name = self.name(pair[0], where, changeable)
            try:
                self.evaluator.names[name] = self.evaluator.value(parse(pair[1]))
            except WitnessError as error:
                raise WitnessError(f"{where}, {name}: {error}") from None
            changeable.add(name)

    def define(self, pairs: object) -> None:
        for k, pair in enumerate(_list(pairs, "define")):
            self.assign([pair], f"define, entry {k + 1}", set())
            self.computed.append(f"{pair[0]} = {pair[1]} = {show(self.evaluator.names[pair[0]])}")

    def iterate(self, block: object, where: str) -> None:
        keys = ("text", "times", "start", "step", "measure", "show")
        part = _fields(block, where, keys)
        times = part["times"]
        if type(times) is not int or not 1 <= times <= MAX_TIMES:
            raise WitnessError(f"{where}: times must be a whole number from 1 to {MAX_TIMES}")
        names = self.evaluator.names
        changing: set[str] = set()
        values: list[str] = []
        shown = _list(part["show"], f"{where}, show")
        if len(shown) > MAX_SHOWN:
            raise WitnessError(f"{where}: show may hold at most {MAX_SHOWN} names")
        for t in range(times + 1):
            names["t"] = Fraction(t)
            self.evaluator.do.spend(0)
            self.assign(part["step" if t else "start"], f"{where}, t = {t}", changing)
            self.assign(part["measure"], f"{where}, measure at t = {t}", changing)
            for name in shown:
                if not isinstance(name, str) or name not in names:
                    raise WitnessError(f"{where}: show has {_short(name)}, which is no name with a value")
                if t < 3 or t > times - 7:  # the first and the last; a long run would fill the page
                    values.append(f"  t = {t}: {name} = {show(names[name])}")
        del names["t"]
        self.computed.append(f"{_text(part['text'], where)} (t = 0..{times})")
        for phase in ("start", "step", "measure"):
            self.computed += [f"  {phase}: {name} = {expression}" for name, expression in part[phase]]
        self.computed += values

    def check(self, part: str, condition: object, where: str) -> Line:
        entry = _fields(condition, where, ("text", "that"))
        text = _text(entry["text"], where)
        try:
            holds, values = self.evaluator.judge(parse(entry["that"]))
        except WitnessError as error:
            if self.sound:
                raise WitnessError(f"{where} ({text}): {error}") from None
            holds, values = False, [f"cannot be computed: {error}"]  # what an earlier line would exclude
        self.lines.append(Line(part, text, entry["that"], tuple(values), holds))
        return self.lines[-1]


def verify(document: Mapping[str, Any]) -> Report:
    """Check a witness in exact arithmetic.

    Parameters
    ----------
    document
        The witness, as `json.load` would return it.

    Raises
    ------
    WitnessError
        If the document is not a usable witness; the message is one sentence.

    Examples
    --------
    >>> report = verify({
    ...     "format": FORMAT, "statement": "demo", "paper": "none", "location": "none",
    ...     "claim_text": "1/3 is at least 1/2", "given": {"a": "1/3"}, "define": [],
    ...     "assume": [{"text": "a is positive", "that": "a > 0"}],
    ...     "claim": {"text": "a is at least 1/2", "that": "a >= 1/2"},
    ... })
    >>> report.ok, report.last.values
    (True, ('1/3 (0.333333) >= 1/2 (0.5)',))
    """
    required = ("format", *_TEXTS, "given", "define", "assume", "claim")
    entries = _fields(document, "the witness", required, ("iterate", "note"))
    if entries["format"] != FORMAT:
        raise WitnessError(f"the format is {_short(entries['format'])}; this program reads {FORMAT!r}")
    for key in (*_TEXTS, *(["note"] if "note" in entries else [])):
        _text(entries[key], key)
    if not isinstance(entries["given"], dict):
        raise WitnessError("given must be an object of names and exact numbers")
    run = _Run()
    for name, value in entries["given"].items():
        run.evaluator.names[run.name(name, "given", set())] = given = _given(value, f"given {name!a}")
        run.computed.append(f"{name} = {show(given)}")
    run.define(entries["define"])
    for k, condition in enumerate(_list(entries["assume"], "assume")):
        run.check("assume", condition, f"assumption {k + 1}")
    if not run.lines:
        raise WitnessError("assume is empty; a witness must state what the paper assumes")
    if not run.sound:
        broken = [
            f"assumption {k + 1} is false: {line.text}" for k, line in enumerate(run.lines) if not line.holds
        ]
        return Report(False, "; ".join(broken), tuple(run.lines), tuple(run.computed))
    for k, block in enumerate(_list(entries.get("iterate", []), "iterate")):
        run.iterate(block, f"iterate, block {k + 1}")
    claim = run.check("claim", entries["claim"], "the claim")
    reason = f"all {len(run.lines) - 1} assumptions are true and the claim is false"
    if claim.holds:
        reason = f"the claim is true: {claim.text}"
    return Report(not claim.holds, reason, tuple(run.lines), tuple(run.computed))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise WitnessError("an object has the same key twice")
    return dict(pairs)


def load(path: str | Path) -> dict[str, Any]:
    """Read a witness file; `WitnessError` if it is missing, too large, or not JSON with unique keys."""
    try:
        with open(path, "rb") as stream:
            data = stream.read(MAX_FILE + 1)
    except (OSError, ValueError) as error:
        raise WitnessError(f"cannot read it ({getattr(error, 'strerror', None) or error})") from None
    if len(data) > MAX_FILE:
        raise WitnessError(f"it has more than {MAX_FILE} bytes")
    try:
        document = json.loads(data.decode("utf-8"), object_pairs_hook=_once)
    except WitnessError:
        raise
    except RecursionError:
        raise WitnessError("it is nested too deeply") from None
    except ValueError:  # not UTF-8, not JSON, or a number beyond Python's limit of digits
        raise WitnessError("it is not JSON") from None
    if not isinstance(document, dict):
        raise WitnessError("it is not a JSON object")
    return document


def transcript(document: Mapping[str, Any], report: Report) -> str:
    """All that was checked, in plain text; the last line says whether the witness stands."""
    out = [f"Statement {document['statement']}: {document['location']} of {document['paper']}"]
    out += [f"It says: {document['claim_text']}"]
    out += [f"Note: {document['note']}"] if "note" in document else []
    out += ["", "Computed in exact rational arithmetic"]
    out += [f"  {line}" for line in report.computed]
    out += ["", "Assumptions, which must all be true"]
    for k, line in enumerate(report.lines):
        if line.part == "claim":
            out += ["", "The claim, which must be false"]
        label = f"{k + 1}." if line.part == "assume" else "=>"
        out += [f"  {label} [{'true' if line.holds else 'FALSE'}] {line.text}", f"       {line.expression}"]
        out += [f"       {values}" for values in line.values]
    out += ["", "Names and sentences are the file's own words; compare the expressions with the paper."]
    out += [f"WITNESS {'STANDS' if report.ok else 'DOES NOT STAND'}: {report.reason}"]
    return "\n".join(out)


def main(argv: Sequence[str]) -> int:
    """Check one file and print the transcript; see the module for the exit codes."""
    if len(argv) != 1:
        print("usage: verify.py WITNESS.json", file=sys.stderr)
        return 2
    try:
        document = load(argv[0])
        report = verify(document)
    except WitnessError as error:
        print(f"{argv[0]!a} cannot be used as a witness: {error}", file=sys.stderr)
        return 2
    print(transcript(document, report))
    return 0 if report.ok else 1


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr] # any terminal
    raise SystemExit(main(sys.argv[1:]))
