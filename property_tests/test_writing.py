"""Writing files: a file is whole or as it was before, and what cannot be written is said in one sentence."""

import os
from pathlib import Path
from typing import IO

import pytest

from spiritlevel.core.errors import InputError
from spiritlevel.core.files import load_json, save_json, write_atomically


def refused(path: Path, word: str) -> None:
    with pytest.raises(InputError) as caught:
        save_json(path, 1)
    assert str(path) in str(caught.value)
    assert word in str(caught.value)


def broken(stream: IO[bytes]) -> None:
    stream.write(b"half")
    raise ZeroDivisionError


def full(stream: IO[bytes]) -> None:
    stream.write(b"half")
    raise OSError(28, "No space left on device")


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError):
        write_atomically(path, broken)
    with pytest.raises(InputError, match="No space left"):
        write_atomically(path, full)
    with pytest.raises(ValueError, match="not JSON compliant"):
        save_json(path, [float("nan")])
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
    save_json(path, "new")
    assert load_json(path) == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_places_that_cannot_be_written_are_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "missing" / "a.json", tmp_path / "file" / "a.json"):
        refused(path, "no folder")
    refused(tmp_path, "is a folder")
    refused(Path("/dev/null"), "device")
    refused(tmp_path / ("a" * 300), "too long")
    with pytest.raises(InputError, match="null character"):
        save_json("a\0.json", 1)
    assert os.listdir(tmp_path) == ["file"]


def test_a_read_only_folder_or_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "kept.json"
    kept.write_text("old")
    # a superuser may write anywhere, so the system's answers are imitated
    with monkeypatch.context() as patch:
        patch.setattr(os, "access", lambda path, mode: False)
        refused(kept, "read-only")

    def deny(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr("builtins.open", deny)
        refused(kept, "Permission denied")
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", deny)
        refused(kept, "Permission denied")
    assert kept.read_text() == "old"
    assert list(tmp_path.iterdir()) == [kept]


def test_a_link_is_followed_and_kept(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "link.json"
    link.symlink_to(tmp_path / "real" / "a.json")
    save_json(link, 1)
    assert link.is_symlink()
    assert load_json(tmp_path / "real" / "a.json") == 1


def test_new_files_have_the_usual_permissions(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    save_json(tmp_path / "a.json", 1)
    assert (tmp_path / "a.json").stat().st_mode == (tmp_path / "plain").stat().st_mode
