"""Problems and mixing matrices in files: NPZ (no pickles) or JSON, read without executing anything.

A quadratic instance, in the notation of `QuadraticLower` and `QuadraticUpper`, has the arrays

=============== ================================= ==================
``H B c``       ``(n,q,q) (n,q,p) (n,q)``         always
``A a E Q e k`` ``(n,p,p) (n,p) (n,p,q) (n,q,q)   zero if missing
                (n,q) (n,)``
``x0 y0``       ``(p,) (q,)`` or one row per      zero if missing
                agent ``(n,p) (n,q)``
=============== ================================= ==================

and ``lower``: ``"private"`` (one lower-level solution per agent; so if missing) or ``"shared"``. Several
lower-level tasks are blocks on the diagonal of ``H``. JSON files are one object with
``"format": "spiritlevel/quadratic@1"`` and nested lists of numbers or of texts ``"-2"``, ``"1/3"``,
``"0.25"`` (each exactly that number, with no exponent); NPZ files may hold arrays of such texts too.

A mixing matrix is an NPY array, or ``W`` in an NPZ file or in a JSON object with
``"format": "spiritlevel/network@1"``, or a bare JSON list of rows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from spiritlevel.core.errors import InputError, unknown
from spiritlevel.core.files import StrPath, load_arrays, load_json, save_npz, save_text
from spiritlevel.core.numbers import Array, convert, field_of, fill, parse_number
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.lower import QuadraticLower
from spiritlevel.synthetic.upper import BLOCKS, LinearUpper, QuadraticUpper

PROBLEM_FORMAT = "spiritlevel/quadratic@1"
MATRIX_FORMAT = "spiritlevel/network@1"
_LOWER = ("H", "B", "c")
_STARTS = ("x0", "y0")
# Exponents are left out on purpose: "1e999999999" would be an integer of a gigabyte.
_EXACT = re.compile(r"[+-]?[0-9]+(/[0-9]+|\.[0-9]+)?", re.ASCII)


def read_problem(path: StrPath, *, exact: bool = False) -> Bilevel:
    """A quadratic problem from a file, NPZ or JSON by its suffix.

    Parameters
    ----------
    path
        The file; the problem is named after it.
    exact
        False: over floats, each number rounded to the nearest. True: over fractions, each text and
        integer exactly as written and each float exactly as stored (so JSON's ``0.1`` is a little off).

    Raises
    ------
    InputError
        If the file cannot be read, a name is unknown, ``H``, ``B`` or ``c`` is missing, an entry is not a
        finite number, a shape is wrong, ``A`` or ``Q`` is not symmetric or ``H`` not positive definite.

    Examples
    --------
    >>> import tempfile
    >>> lower = QuadraticLower(convert([[[2]]], "fraction"), [[[1]]], [[0]])
    >>> problem = Bilevel(lower, QuadraticUpper(1, 1, 1, A=[[[3]]]), "small")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_problem(problem, folder + "/a.json")
    ...     back = read_problem(folder + "/a.json", exact=True)
    >>> back.hypergradient(convert([[1]], "fraction"))
    array([[Fraction(3, 1)]], dtype=object)
    """
    try:
        given = _members(path, PROBLEM_FORMAT)
        known = {"format", "lower", *_LOWER, *BLOCKS, *_STARTS}
        for name in given:
            if name not in known:
                raise unknown("array", name, known - {"format"})
        for name in _LOWER:
            if name not in given:
                raise InputError(f"{name} is missing; give at least H, B and c")
        kind = given.get("lower", "private")
        if kind not in ("private", "shared"):
            raise InputError(f"lower is {_short(kind)}; give 'private' or 'shared'")
        arrays = {
            name: _array(name, v, exact) for name, v in given.items() if name not in ("format", "lower")
        }
        lower = QuadraticLower(H=arrays["H"], B=arrays["B"], c=arrays["c"])
        blocks: dict[str, Any] = {name: arrays.get(name) for name in BLOCKS}
        upper = QuadraticUpper(lower.n, lower.p, lower.q, **blocks)
        return Bilevel(
            lower,
            upper,
            Path(path).stem,
            shared=kind == "shared",
            x0=arrays.get("x0"),
            y0=arrays.get("y0"),
        )
    except InputError as error:
        raise _in_file(path, error) from error


def write_problem(problem: Bilevel, path: StrPath) -> None:
    """Write a quadratic problem, NPZ or JSON by the suffix; `read_problem` gives it back exactly.

    Exact problems are written as texts ``"p/q"``: read them with ``exact=True``.

    Raises
    ------
    InputError
        If the problem is not quadratic over real numbers, or the file cannot be written.
    """
    lower, upper = problem.lower, problem.upper
    if not isinstance(lower, QuadraticLower) or not isinstance(upper, QuadraticUpper | LinearUpper):
        raise InputError(
            f"problem {problem.name} is not quadratic; only quadratic problems have a file format"
        )
    if lower.B.ndim != 3:
        raise InputError(f"problem {problem.name} has data per replica; write the problem it came from")
    blocks = {"a": upper.b} if isinstance(upper, LinearUpper) else {n: getattr(upper, n) for n in BLOCKS}
    arrays = {"H": lower.H, "B": lower.B, "c": lower.c, **blocks, "x0": problem.x0, "y0": problem.y0}
    kind = "shared" if problem.shared else "private"
    _write(path, PROBLEM_FORMAT, {"lower": kind}, {n: a for n, a in arrays.items() if a is not None})


def read_matrix(path: StrPath, *, exact: bool = False) -> Array:
    """A matrix of finite numbers from an NPY, NPZ or JSON file, for `spiritlevel.core.networks.Network`.

    Parameters
    ----------
    path
        The file.
    exact
        Floats or fractions, as in `read_problem`.

    Raises
    ------
    InputError
        If the file cannot be read, does not hold ``W``, or ``W`` is not a matrix of finite numbers.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_matrix(np.eye(2), folder + "/W.json")
    ...     read_matrix(folder + "/W.json")
    array([[1., 0.],
           [0., 1.]])
    """
    try:
        given = _members(path, MATRIX_FORMAT, bare="W")
        for name in given:
            if name not in ("format", "W"):
                raise unknown("array", name, ["W"])
        if "W" not in given:
            raise InputError("W is missing; give the mixing matrix under this name")
        W = _array("W", given["W"], exact)
        if W.ndim != 2 or 0 in W.shape:
            raise InputError(f"W has shape {W.shape}; give (n, n)")
        return W
    except InputError as error:
        raise _in_file(path, error) from error


def write_matrix(W: Array, path: StrPath) -> None:
    """Write a mixing matrix, NPZ or JSON by the suffix; `read_matrix` gives it back exactly.

    Raises
    ------
    InputError
        If the entries are not real numbers, or the file cannot be written.
    """
    _write(path, MATRIX_FORMAT, {}, {"W": W})


def _in_file(path: StrPath, error: InputError) -> InputError:
    message = str(error)
    return error if str(path) in message else InputError(f"in {path}: {message}")


def _short(value: object) -> str:
    text = " ".join(repr(value).split())  # numpy breaks lines
    return text if len(text) <= 60 else text[:60] + "..."


def _members(path: StrPath, form: str, bare: str | None = None) -> dict[str, Any]:
    """What a file holds, by name; ``bare`` is the name for an array that has none."""
    suffix = Path(path).suffix.lower()
    given: dict[str, Any]
    if suffix == ".json":
        content = load_json(path)
        if bare and isinstance(content, list):
            return {bare: content}
        if not isinstance(content, dict):
            raise InputError(f"the file holds {_short(content)}; give an object with the format {form!r}")
        given = content
    elif suffix == ".npz" or (suffix == ".npy" and bare):
        loaded = load_arrays(path)
        texts = ("format", "lower")
        given = {k: v.item() if k in texts and v.shape == () else v for k, v in loaded.items()}
        if bare and list(given) == ["arr_0"]:  # numpy's name for an array without one
            return {bare: given["arr_0"]}
        given.setdefault("format", form)
    else:
        kinds = ".npz, .npy or .json" if bare else ".npz or .json"
        raise InputError(f"{path} does not end in {kinds}; give a file in one of these formats")
    if "format" not in given:
        raise InputError(f'"format" is missing; give "format": "{form}"')
    if not isinstance(given["format"], str) or given["format"] != form:
        raise InputError(f"format is {_short(given['format'])}; this version reads {form!r}")
    return given


def _array(name: str, given: Any, exact: bool) -> Array:
    """Numbers, or nested lists or arrays of numbers and exact texts, as floats or fractions."""
    if isinstance(given, np.ndarray) and given.dtype.kind != "U":
        if given.dtype.kind not in "iuf":
            raise InputError(f"{name} holds entries of type {given.dtype}; give real numbers")
        bad = np.argwhere(~np.isfinite(given))
        if len(bad):
            at = tuple(int(k) for k in bad[0])
            raise InputError(f"{name}{list(at)} is {given[at]}; give finite numbers")
        return convert(given, "fraction" if exact else "float")
    shape, entries = _unnested(name, given.tolist() if isinstance(given, np.ndarray) else given)
    out = np.empty(shape) if not exact else fill(shape, [None] * len(entries))
    flat = out.reshape(-1)
    for index, entry in enumerate(entries):
        try:
            number = _number(entry)
            flat[index] = number if exact else float(number)
        except (InputError, OverflowError) as error:
            where = [int(k) for k in np.unravel_index(index, shape)]
            wanted = "a finite number or a text such as '1/3'"
            raise InputError(f"{name}{where} is {_short(entry)}; give {wanted}") from error
    return convert(out, "fraction") if exact else out


def _number(entry: object) -> Any:
    if isinstance(entry, str) and not _EXACT.fullmatch(entry):
        raise InputError("not an exact number")
    return parse_number(entry)


def _unnested(name: str, given: Any) -> tuple[tuple[int, ...], list[Any]]:
    shape: list[int] = []
    entries = [given]
    while entries and isinstance(entries[0], list):
        size = len(entries[0])
        if any(not isinstance(part, list) or len(part) != size for part in entries):
            raise InputError(f"{name} has rows of unequal lengths; give a full array of numbers")
        shape.append(size)
        entries = [entry for part in entries for entry in part]
        if len(shape) > 3:
            raise InputError(f"{name} has more than 3 axes; see the file format for its shape")
    return tuple(shape), entries


def _write(path: StrPath, form: str, texts: Mapping[str, str], arrays: Mapping[str, Array]) -> None:
    suffix = Path(path).suffix.lower()
    if suffix not in (".npz", ".json"):
        raise InputError(f"{path} does not end in .npz or .json; give a file in one of these formats")
    plain = {name: _writable(name, array) for name, array in arrays.items()}
    head = {"format": form, **texts}
    if suffix == ".npz":
        save_npz(path, {name: np.array(text) for name, text in head.items()} | plain)
        return
    members = head | {name: array.tolist() for name, array in plain.items()}
    lines = [f"{json.dumps(name)}: {json.dumps(v, allow_nan=False)}" for name, v in members.items()]
    save_text(path, "{\n" + ",\n".join(lines) + "\n}\n")


def _writable(name: str, array: Array) -> Array:
    if np.iscomplexobj(array):
        raise InputError(f"{name} is complex; only real numbers can be written")
    if array.dtype != object or field_of(array) == "float":
        return convert(array, "float")
    return np.array([str(entry) for entry in convert(array, "fraction").reshape(-1)]).reshape(array.shape)
