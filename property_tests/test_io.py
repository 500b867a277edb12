"""Problem and network files: exact round trips, and every bad file refused by naming what is wrong in it."""

import json
import tempfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiritlevel.core.errors import InputError
from spiritlevel.core.numbers import Array, convert, fill
from spiritlevel.synthetic.bilevel import Bilevel
from spiritlevel.synthetic.io import read_matrix, read_problem, write_matrix, write_problem
from spiritlevel.synthetic.lower import QuadraticLower
from spiritlevel.synthetic.ridge import diabetes
from spiritlevel.synthetic.upper import BLOCKS, LinearUpper, QuadraticUpper

SUFFIXES = [".json", ".npz"]


@st.composite
def problems(draw: st.DrawFn, exact: bool) -> Bilevel:
    """Quadratic problems with any of the upper arrays and starts missing."""
    sizes = {letter: draw(st.integers(1, 3)) for letter in "npq"}
    entries: Any = st.floats(-(2.0**20), 2.0**20)
    if exact:
        entries = st.fractions(-100, 100, max_denominator=10**12)

    def array(letters: str) -> Array:
        shape = tuple(sizes[letter] for letter in letters)
        count = int(np.prod(shape))
        filled = fill(shape, draw(st.lists(entries, min_size=count, max_size=count)))
        return filled if exact else convert(filled, "float")

    def symmetric(letters: str) -> Array:
        half = array(letters)
        return half + half.swapaxes(-1, -2)

    H = symmetric("nqq")
    weight = 1 + abs(H).sum(axis=-1)  # strictly dominant diagonals make H definite
    H = H * (1 - np.eye(sizes["q"], dtype=int)) + weight[..., None] * np.eye(sizes["q"], dtype=int)
    lower = QuadraticLower(H, array("nqp"), array("nq"))
    chosen = draw(st.sets(st.sampled_from(sorted(BLOCKS))))
    blocks: dict[str, Any] = {
        name: symmetric(BLOCKS[name]) if name in "AQ" else array(BLOCKS[name]) for name in chosen
    }
    upper = QuadraticUpper(sizes["n"], sizes["p"], sizes["q"], **blocks)
    x0 = array(draw(st.sampled_from(["p", "np"]))) if draw(st.booleans()) else None
    y0 = array(draw(st.sampled_from(["q", "nq"]))) if draw(st.booleans()) else None
    return Bilevel(lower, upper, "drawn", shared=draw(st.booleans()), x0=x0, y0=y0)


def data(problem: Bilevel) -> dict[str, Array | None]:
    levels = {name: getattr(problem.lower, name) for name in ("H", "B", "c")}
    return (
        levels
        | {name: getattr(problem.upper, name) for name in BLOCKS}
        | {
            "x0": problem.x0,
            "y0": problem.y0,
        }
    )


def same(first: Bilevel, second: Bilevel) -> None:
    assert first.shared == second.shared
    assert first.field == second.field
    for (name, a), b in zip(data(first).items(), data(second).values(), strict=True):
        assert (a is None) == (b is None), name
        if a is not None and b is not None:
            assert a.shape == b.shape
            assert (a == b).all(), name
            assert [type(v) for v in a.reshape(-1)] == [type(v) for v in b.reshape(-1)]


@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(deadline=None)
@given(st.booleans().flatmap(lambda exact: st.tuples(st.just(exact), problems(exact))))
def test_problems_come_back_exactly(suffix: str, drawn: tuple[bool, Bilevel]) -> None:
    exact, problem = drawn
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"one{suffix}"
        write_problem(problem, path)
        back = read_problem(path, exact=exact)
        assert back.name == "one"
        same(back, problem)
        # the other number system rounds, or takes floats at their exact value
        same(read_problem(path, exact=not exact), problem.over("float" if exact else "fraction"))


@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(deadline=None)
@given(
    st.lists(st.lists(st.fractions() | st.integers(-9, 9), min_size=3, max_size=3), min_size=1, max_size=4)
)
def test_matrices_come_back_exactly(suffix: str, rows: list[list[Fraction]]) -> None:
    W = convert(np.array(rows, dtype=object), "fraction")
    rounded = convert(W, "float")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"W{suffix}"
        write_matrix(W, path)
        assert (read_matrix(path, exact=True) == W).all()
        write_matrix(rounded, path)
        assert (read_matrix(path) == rounded).all()


def test_linear_upper_levels_and_other_number_systems_are_written(tmp_path: Path) -> None:
    lower = QuadraticLower([[[2.0]]] * 2, [[[1.0]]] * 2, [[0.5]] * 2)  # type: ignore[arg-type]
    problem = Bilevel(lower, LinearUpper(np.array([[1.0], [-1.0]]), 1), "linear")
    for field in ("float", "fmpq", "symbol"):
        write_problem(problem.over(field), tmp_path / "a.json")
        back = read_problem(tmp_path / "a.json")
        assert (back.hypergradient(np.ones((1, 1))) == problem.hypergradient(np.ones((1, 1)))).all()


def test_matrices_in_every_form(tmp_path: Path) -> None:
    W = np.array([[0.25, 0.75], [0.75, 0.25]])
    np.save(tmp_path / "a.npy", W)
    np.savez(tmp_path / "b.npz", W)
    np.savez(tmp_path / "c.npz", W=W)
    np.savez(tmp_path / "d.npz", W=np.array([["1/4", "3/4"], ["0.75", "0.25"]]))
    (tmp_path / "e.json").write_text('[["1/4", 0.75], ["3/4", 25e-2]]')
    (tmp_path / "f.json").write_text('{"format": "spiritlevel/network@1", "W": [[0.25, 0.75], [0.75, 0.25]]}')
    for path in sorted(tmp_path.iterdir()):
        assert (read_matrix(path) == W).all(), path
        assert (read_matrix(path, exact=True) == convert(W, "fraction")).all(), path


GOOD: dict[str, Any] = {
    "format": "spiritlevel/quadratic@1",
    "H": [[[2, 0], [0, 3]]] * 3,
    "B": [[["1/3"], [1]]] * 3,
    "c": [[0, 0.5]] * 3,
}
NESTED: Any = 1
for _ in range(500):
    NESTED = [NESTED]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"format": None}, ["format", "None", "spiritlevel/quadratic@1"]),
        ({"format": "spiritlevel/quadratic@2"}, ["quadratic@2", "spiritlevel/quadratic@1"]),
        ({"h": 1}, ["unknown array 'h'", "known: A, B, E, H"]),
        ({"lowr": "shared"}, ["'lowr'", "did you mean 'lower'"]),
        ({"lower": "common"}, ["lower is 'common'", "'private' or 'shared'"]),
        ({"lower": ["shared"]}, ["lower is ['shared']"]),
        ({"H": GOOD["H"][:2]}, ["H has shape (2, 2, 2)", "(3, 2, 2)"]),
        ({"H": [[1, 2], [3, 4]]}, ["H has shape (2, 2)", "(n, q, q)"]),
        ({"H": [[[2, 0], [0, -3]]] * 3}, ["H of agent 0", "positive definite"]),
        ({"H": [[[2, 1], [0, 3]]] * 3}, ["H of agent 0", "not symmetric"]),
        ({"c": [[0, 1], [0], [0, 1]]}, ["c has rows of unequal lengths"]),
        ({"c": [[0, 1], 0, [0, 1]]}, ["c has rows of unequal lengths"]),
        ({"c": [[0, 1], [0, [1]], [0, 1]]}, ["c[1, 1] is [1]", "finite number"]),
        ({"c": []}, ["c has shape (0,)"]),
        ({"c": {}}, ["c[] is {}"]),
        ({"c": [[0, "x"]] * 3}, ["c[0, 1] is 'x'"]),
        ({"c": [[0, True]] * 3}, ["c[0, 1] is True"]),
        ({"c": [[0, None]] * 3}, ["c[0, 1] is None"]),
        ({"c": [[0, "1/0"]] * 3}, ["c[0, 1] is '1/0'"]),
        ({"c": [[0, "nan"]] * 3}, ["c[0, 1] is 'nan'"]),
        ({"c": [[0, "1e999999999"]] * 3}, ["c[0, 1] is '1e999999999'"]),  # must not be computed
        ({"c": [[0, 10**400]] * 3}, ["c[0, 1] is 1000", "finite"]),
        ({"c": [[0, "9" * 5000]] * 3}, ["c[0, 1] is '999", "..."]),
        ({"c": NESTED}, ["c has more than 3 axes"]),
        ({"A": [[[1]]]}, ["A has shape (1, 1, 1)", "(3, 1, 1)"]),
        ({"Q": [[[0, 1], [0, 0]]] * 3}, ["Q of agent 0", "not symmetric"]),
        ({"E": [[[1], [1]]] * 3}, ["E has shape (3, 2, 1)", "(3, 1, 2)"]),
        ({"k": [[1, 2, 3]]}, ["k has shape (1, 3)", "(n,)"]),
        ({"x0": [1, 2]}, ["x0 has shape (2,)", "(1,) or (3, 1)"]),
        ({"y0": [[1, 2]]}, ["y0 has shape (1, 2)", "(2,) or (3, 2)"]),
    ],
)
def test_bad_problems_are_refused_by_name(tmp_path: Path, changes: dict[str, Any], words: list[str]) -> None:
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(GOOD))
    assert read_problem(path).n == 3
    path.write_text(json.dumps(GOOD | changes))
    with pytest.raises(InputError) as caught:
        read_problem(path)
    message = str(caught.value)
    assert "\n" not in message
    for word in ["bad.json", *words]:
        assert word in message


@pytest.mark.parametrize("name", ["format", "H", "B", "c"])
def test_what_is_missing_is_named(tmp_path: Path, name: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(json.dumps({key: value for key, value in GOOD.items() if key != name}))
    with pytest.raises(InputError, match=f"{name}.* is missing"):
        read_problem(path)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"c": np.full((3, 2), np.nan)}, ["c[0, 0] is nan"]),
        ({"c": np.zeros((3, 2), dtype=complex)}, ["c", "complex128"]),
        ({"c": np.zeros((3, 2), dtype=bool)}, ["c", "bool"]),
        ({"c": np.full((3, 2), "1e3")}, ["c[0, 0] is '1e3'"]),
        ({"lower": np.array([1.0])}, ["lower is array([1.])"]),
        ({"format": np.array("else")}, ["format is 'else'"]),
        ({"format": np.zeros((3, 2))}, ["format is array([[0., 0.], [0., 0.]"]),
        ({"G": np.zeros(3)}, ["unknown array 'G'"]),
    ],
)
@pytest.mark.parametrize("exact", [False, True])
def test_bad_archives_are_refused_by_name(
    tmp_path: Path, changes: dict[str, Any], words: list[str], exact: bool
) -> None:
    good = {"H": np.array(GOOD["H"]), "B": np.ones((3, 2, 1)), "c": np.zeros((3, 2))}
    np.savez(tmp_path / "good.npz", **good)  # type: ignore[arg-type]
    assert read_problem(tmp_path / "good.npz", exact=exact).field == ("fraction" if exact else "float")
    np.savez(tmp_path / "bad.npz", **(good | changes))
    with pytest.raises(InputError) as caught:
        read_problem(tmp_path / "bad.npz", exact=exact)
    assert "\n" not in str(caught.value)
    for word in ["bad.npz", *words]:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("3", "holds 3"),
        ("[]", "shape (0,)"),
        ("[1, 2]", "shape (2,)"),
        ("[[[1]]]", "shape (1, 1, 1)"),
        ("[[1], [2, 3]]", "unequal"),
        ('{"W": [[1]]}', '"format" is missing'),
        ('{"format": "spiritlevel/network@1"}', "W is missing"),
        ('{"format": "spiritlevel/quadratic@1", "W": [[1]]}', "quadratic@1"),
        ('{"format": "spiritlevel/network@1", "W": [[1]], "w": 1}', "unknown array 'w'"),
    ],
)
def test_bad_matrices_are_refused_by_name(tmp_path: Path, text: str, word: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_matrix(path)
    assert "bad.json" in str(caught.value)
    assert word in str(caught.value)


def test_other_suffixes_and_other_problems_are_refused(tmp_path: Path) -> None:
    for read in (read_problem, read_matrix):
        with pytest.raises(InputError, match=r"a\.txt does not end in"):
            read(tmp_path / "a.txt")
    with pytest.raises(InputError, match=r"a\.npy does not end in"):
        read_problem(tmp_path / "a.npy")
    with pytest.raises(InputError, match=r"a\.npy does not end in"):
        write_matrix(np.eye(2), tmp_path / "a.npy")
    with pytest.raises(InputError, match="not quadratic"):
        write_problem(diabetes(2), tmp_path / "a.json")
    with pytest.raises(InputError, match="W is complex"):
        write_matrix(np.eye(2) * 1j, tmp_path / "a.json")
    assert list(tmp_path.iterdir()) == []
