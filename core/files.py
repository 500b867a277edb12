"""Reading files that may be damaged or hostile, and writing files that are whole or not there at all.

Nothing that is read is ever executed or unpickled, and sizes are checked before memory is taken.
"""

from __future__ import annotations

import io
import json
import math
import os
import secrets
import stat
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np

from spiritlevel.core.errors import InputError
from spiritlevel.core.numbers import Array

StrPath = str | os.PathLike[str]

JSON_LIMIT = 64 * 2**20
ARRAYS_LIMIT = 2**30


def _because(error: OSError | ValueError) -> str:
    """The operating system's words, without the number and the path (which the sentence has already)."""
    return getattr(error, "strerror", None) or str(error)


@contextmanager
def _opened(path: StrPath, limit: int) -> Iterator[tuple[IO[bytes], int]]:
    """An open regular file and its size; a pipe or a device could block for ever or never end."""
    try:
        about = os.stat(path)
        if stat.S_ISDIR(about.st_mode):
            raise InputError(f"{path} is a folder; give a file")
        if not stat.S_ISREG(about.st_mode):
            raise InputError(f"{path} is a pipe or a device; give an ordinary file")
        stream = open(path, "rb")  # noqa: SIM115 - closed below; only opening it may raise OSError here
    except InputError:
        raise
    except (OSError, ValueError) as error:  # ValueError: a path with a null character
        raise InputError(f"cannot read {str(path)!r}: {_because(error)}") from error
    with stream:
        size = os.fstat(stream.fileno()).st_size
        if size > limit:
            raise InputError(f"{path} has {size} bytes; files of this kind may have at most {limit}")
        yield stream, size


def load_json(path: StrPath, *, limit: int = JSON_LIMIT) -> Any:
    """Read a JSON file of finite numbers.

    Parameters
    ----------
    path
        An ordinary file.
    limit
        Largest size in bytes.

    Raises
    ------
    InputError
        If the file is missing, unreadable, too large, not UTF-8, not JSON (a truncated file is not),
        nested too deeply, or has a number that is not finite (``NaN``, ``Infinity``, ``1e999``).

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_json(folder + "/a.json", {"H": [1, "1/3"]})
    ...     load_json(folder + "/a.json")
    {'H': [1, '1/3']}
    """

    def refuse(text: str) -> Any:
        raise InputError(f"{path} has the number {text[:30]}; JSON numbers must be finite")

    def finite(text: str) -> float:
        value = float(text)
        return value if math.isfinite(value) else refuse(text)

    with _opened(path, limit) as (stream, _):
        try:
            return json.loads(stream.read().decode("utf-8-sig"), parse_constant=refuse, parse_float=finite)
        except InputError:
            raise
        except UnicodeDecodeError as error:
            raise InputError(f"{path} is not a text file in UTF-8; give a JSON file") from error
        except json.JSONDecodeError as error:
            where = f"line {error.lineno}, column {error.colno}"
            raise InputError(
                f"{path} is not JSON ({error.msg} at {where}); give a whole JSON file"
            ) from error
        except RecursionError as error:
            raise InputError(f"{path} is nested too deeply; give lists of numbers") from error
        except ValueError as error:  # integers beyond Python's limit of digits
            raise InputError(f"{path} has a number with too many digits; write it as a float") from error
        except OSError as error:
            raise InputError(f"cannot read {str(path)!r}: {_because(error)}") from error


def _read_array(stream: IO[bytes], size: int) -> Array:
    """One array in NPY format of ``size`` bytes; the header is believed only if the size bears it out."""
    version = np.lib.format.read_magic(stream)
    if version == (1, 0):
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream)
    elif version == (2, 0):
        shape, fortran, dtype = np.lib.format.read_array_header_2_0(stream)
    else:
        raise InputError(f"its NPY version is {version}, which only arrays of records need")
    if dtype.hasobject:
        raise InputError("it holds pickled objects, which could execute code and are never read")
    if dtype.kind not in "biufcU" or dtype.char in "gG":
        raise InputError(f"it has entries of type {dtype}, not numbers or texts")
    if math.prod(shape) * dtype.itemsize != size - stream.tell():
        raise InputError(f"its shape {shape} and its number of bytes disagree")
    data = np.frombuffer(stream.read(), dtype=dtype).reshape(shape, order="F" if fortran else "C")
    array = np.array(data, dtype=dtype.newbyteorder("="), order="C")  # own memory, writable, native
    if dtype.kind == "U":
        array.tolist()  # raises ValueError on what is no Unicode character
    return array


def _read_archive(stream: IO[bytes], limit: int) -> dict[str, Array]:
    arrays: dict[str, Array] = {}
    with zipfile.ZipFile(stream) as archive:
        members = archive.infolist()
        # zipfile never returns more bytes of a member than declared, so this bounds a zip bomb
        total = sum(member.file_size for member in members)
        if total > limit:
            raise InputError(f"it unpacks to {total} bytes, more than the {limit} allowed")
        for member in members:
            name, dot, suffix = member.filename.rpartition(".")
            if not dot or suffix != "npy":
                raise InputError(f"its member {member.filename!r} is not an array in NPY format")
            if name in arrays:
                raise InputError(f"its member {member.filename!r} is there twice")
            with archive.open(member) as part:
                arrays[name] = _read_array(part, member.file_size)
    return arrays


def load_arrays(path: StrPath, *, limit: int = ARRAYS_LIMIT) -> dict[str, Array]:
    """Read numpy arrays of numbers or texts from an NPZ or NPY file, by its suffix.

    Parameters
    ----------
    path
        A file called ``*.npz`` or ``*.npy``.
    limit
        Largest total size in bytes, packed and unpacked; checked before anything is unpacked.

    Returns
    -------
    Arrays by name; the array of an NPY file is called ``arr_0``, as `numpy.savez` would.

    Raises
    ------
    InputError
        If the file is missing, unreadable, too large, truncated or otherwise damaged, or holds
        anything but arrays of numbers and texts (pickled objects are refused, never loaded).

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_npz(folder + "/a.npz", {"H": np.eye(2)})
    ...     load_arrays(folder + "/a.npz")
    {'H': array([[1., 0.],
           [0., 1.]])}
    """
    suffix = Path(path).suffix.lower()
    if suffix not in (".npz", ".npy"):
        raise InputError(f"{path} does not end in .npz or .npy; give a file of numpy arrays")
    with _opened(path, limit) as (stream, size):
        try:
            return {"arr_0": _read_array(stream, size)} if suffix == ".npy" else _read_archive(stream, limit)
        except InputError as error:
            raise InputError(f"{path} cannot be used: {error}") from error
        except Exception as error:
            # zipfile, zlib, ast and numpy raise a dozen types on damaged bytes, and promise none
            kind = suffix[1:].upper()
            raise InputError(f"{path} is damaged or not in {kind} format; write it with numpy") from error


def write_atomically(path: StrPath, writer: Callable[[IO[bytes]], object]) -> None:
    """Let ``writer`` fill a new file, then put it in place of ``path`` in one step.

    If anything fails the old file is untouched and nothing is left behind. A symbolic link is
    followed: the file it points to is replaced, the link stays.

    Parameters
    ----------
    path
        The file to write; its folder must exist.
    writer
        Called once with a binary stream. Its exceptions pass through, but for `OSError`.

    Raises
    ------
    InputError
        If the folder is missing or read-only, ``path`` is a folder or a device, or the disk is full.

    Examples
    --------
    >>> write_atomically("no/such/folder/a.txt", lambda stream: stream.write(b"text"))
    Traceback (most recent call last):
    ...
    spiritlevel.core.errors.InputError: cannot write 'no/such/folder/a.txt': there is no folder 'no/such/folder'
    """
    shown = repr(str(path))
    if "\0" in str(path):
        raise InputError(f"cannot write {shown}: a path has no null character")
    try:
        target = Path(os.path.realpath(path))
        if not target.parent.is_dir():
            raise InputError(f"cannot write {shown}: there is no folder {str(Path(path).parent)!r}")
        if target.exists() and not target.is_file():
            raise InputError(f"cannot write {shown}: it is a folder or a device; give the name of a file")
        if target.exists() and not os.access(target, os.W_OK):
            raise InputError(f"cannot write {shown}: the file is there and read-only; give another name")
        # same folder: os.replace is atomic only within one file system; mode "x" follows no link
        temporary = target.parent / f".{secrets.token_hex(8)}.tmp"
        try:
            with open(temporary, "xb") as stream:
                writer(stream)
                stream.flush()
                os.fsync(stream.fileno())  # else a crash could leave an empty file under the new name
            os.replace(temporary, target)
        finally:
            temporary.unlink(missing_ok=True)  # gone already if it was put in place
    except OSError as error:
        raise InputError(f"cannot write {shown}: {_because(error)}") from error


def save_text(path: StrPath, text: str) -> None:
    """Write a text in UTF-8 with `write_atomically`, line ends as given."""
    write_atomically(path, lambda stream: stream.write(text.encode()))


def save_json(path: StrPath, value: Any) -> None:
    """Write JSON with `write_atomically`; `ValueError` if a number is not finite."""
    save_text(path, json.dumps(value, allow_nan=False, ensure_ascii=False, indent=1) + "\n")


def save_npz(path: StrPath, arrays: Mapping[str, Array]) -> None:
    """Write arrays as NPZ with `write_atomically`; equal arrays give equal bytes (no time is stored).

    Raises
    ------
    InputError
        If an array holds Python objects, which only pickling could store, or cannot write.
    """
    for name, array in arrays.items():
        if array.dtype.hasobject:
            raise InputError(f"array {name!r} holds Python objects; convert it to numbers or texts")

    def write(stream: IO[bytes]) -> None:
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, array in arrays.items():
                member = zipfile.ZipInfo(name + ".npy")  # dated 1980
                member.compress_type = zipfile.ZIP_DEFLATED
                part = io.BytesIO()
                np.lib.format.write_array(part, np.asarray(array, order="C"), allow_pickle=False)
                archive.writestr(member, part.getbuffer())

    write_atomically(path, write)
