"""The verifier of witnesses refuses hostile and damaged files with one sentence and exit code 2."""

import json
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from spiritlevel.theory.verify import main, verify
from spiritlevel.theory.witness import Condition, Iteration, Witness
from spiritlevel.theory.witness_language import WitnessError


def small() -> dict[str, Any]:
    """A small witness that stands, to be spoiled by the tests."""
    return Witness(
        statement="demo",
        paper="none",
        location="none",
        claim_text="the sum stays below 1",
        given={"M": [["1/2", "1/2"], ["1/2", "1/2"]], "a": "1/3"},
        define=(("b", "a + 1"),),
        assume=(Condition("a is positive", "a > 0"),),
        iterate=(
            Iteration(
                "sums", 3, start=(("x", "a"),), step=(("x", "x + a"),), measure=(("y", "x"),), show=("x",)
            ),
        ),
        claim=Condition("x < 1", "x < 1"),
    ).document()


HOSTILE_EXPRESSIONS = {
    "__import__(M)": "no function '__import__'",
    "exec(M)": "no function 'exec'",
    "M.real": "character '.' is not allowed",
    "().__class__": "character '.' is not allowed",
    "lambda x: x": "character ':' is not allowed",
    "(b:=1)": "character ':' is not allowed",
    "'text'": "is not allowed",
    "f'{a}'": "is not allowed",
    "0.5": "character '.' is not allowed",
    "1e5": "Constant is not part",
    "1if a else 2": "IfExp is not part",
    "[a]": "List is not part",
    "[a for a in M]": "ListComp is not part",
    "M[a]": "an index must be",
    "M[-1]": "an index must be",
    "M[5]": "has no entry 5",
    "M[0, 0, 0]": "has no entry 0",
    "True": "Constant is not part",
    "1j": "Constant is not part",
    "a // 2": "BinOp is not part",
    "M + a": "add does not combine",
    "M @ ones(3)": "@ does not combine",
    "ones(1000)": "ones takes sizes of 1 to 64",
    "ones(1, 2, 3)": "ones takes sizes",
    "sum()": "sum takes a vector or matrix, not nothing",
    "psd(M[0])": "psd takes a symmetric matrix",
    "inv(M)": "singular",
    "sum(a=1)": "Call is not part",
    "sum(*M)": "Starred is not part",
    "a/0": "division by zero",
    "0**-1": "division by zero",
    "2**1000": "the exponent of ** must be whole and at most 64",
    "2**a": "the exponent of ** must be whole",
    "((((2**64)**64)**64)**64)": "more than 100000 bits",
    "a is M": "cannot be compared",
    "a in M": "cannot be compared",
    "M < M": "cannot be compared by '<'",
    "M == a": "cannot be compared by '=='",
    "(a == a) + 1": "a truth value stands where a number is needed",
    "unknown + 1": "the name 'unknown' is not known",
    "x + 1": "the name 'x' is not known at this point",
    "-" * 100 + "a": "nested deeper than 50 levels",
    "-" * 1500 + "a": "",  # Python's parser or our limit, by version
    "(" * 900 + "a": "not an expression",
    "+".join(["a"] * 200): "nested deeper than 50 levels",
    "a" * 3000: "1 to 2000 characters",
    "": "1 to 2000 characters",
    "a b": "not an expression",
    "a\nb": "is not allowed",
    "\u0430": "is not allowed",
}


def refused(document: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """The one sentence with which the command refuses a file; asserts exit code 2 and no traceback."""
    path = tmp_path / "witness.json"
    path.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
    assert main([str(path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.isascii()
    assert "Traceback" not in err
    assert "cannot be used as a witness: " in err
    return err


def test_the_small_witness_stands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Else the tests below could be refused for another reason than theirs."""
    path = tmp_path / "witness.json"
    path.write_text(json.dumps(small()))
    assert main([str(path)]) == 0
    assert (
        capsys.readouterr().out.splitlines()[-1]
        == "WITNESS STANDS: all 1 assumptions are true and the claim is false"
    )


@pytest.mark.parametrize(
    ("expression", "message"), HOSTILE_EXPRESSIONS.items(), ids=lambda text: text[:20] or "-"
)
def test_hostile_expressions(
    expression: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = small()
    document["define"].append(["c", expression])
    assert message in refused(document, tmp_path, capsys)


@pytest.mark.parametrize(
    ("path", "new", "message"),
    [
        (["format"], "spiritlevel/witness@2", "this program reads 'spiritlevel/witness@1'"),
        (["format"], 1, "the format is 1"),
        (["statement"], "", "statement must be one printable line"),
        (["claim_text"], "fine\nWITNESS STANDS: really", "claim_text must be one printable line"),
        (["claim_text"], "\x1b[2K", "claim_text must be one printable line"),
        (["paper"], "p" * 3000, "paper must be one printable line"),
        (["extra"], 1, "the witness has an unknown key, 'extra'"),
        (["given"], [], "given must be an object"),
        (["given", "a"], 0.5, "given 'a' has 0.5, not a whole number or an exact text"),
        (["given", "a"], "0.5", "not a whole number or an exact text"),
        (["given", "a"], "1e9", "not a whole number or an exact text"),
        (["given", "a"], "1/0", "divides by zero"),
        (["given", "a"], " 1", "not a whole number"),
        (["given", "a"], "1_0", "not a whole number"),
        (["given", "a"], "\u0661", "not a whole number"),
        (["given", "a"], "9" * 4001, "a text that is too long"),
        (["given", "a"], True, "not a whole number"),
        (["given", "a"], None, "not a whole number"),
        (["given", "a"], [], "must be a vector or rows of equal length"),
        (["given", "a"], [["1"], ["1", "2"]], "must be a vector or rows of equal length"),
        (["given", "a"], [["1"], "1"], "mixes numbers and rows"),
        (["given", "a"], [[["1"]]], "has something else"),
        (["given", "a"], ["1"] * 65, "at most 64 long"),
        (["given", "__class__"], "1", "'__class__' is not a name"),
        (["given", "sum"], "1", "'sum' is taken by the language"),
        (["given", "lambda"], "1", "'lambda' is taken by the language"),
        (["given", "t"], "1", "'t' is taken by the language"),
        (["define"], {}, "define must be a list"),
        (["define"], [["a", "2"]], "'a' has a value already and may not change"),
        (["define"], [["c"]], "must hold pairs"),
        (["define"], [["c", 5]], "an expression must be a text"),
        (["assume"], [], "assume is empty"),
        (["assume", 0], "a > 0", "assumption 1 must be an object"),
        (["assume", 0, "that"], "a", "it must be a condition"),
        (["assume", 0, "note"], "x", "assumption 1 has an unknown key, 'note'"),
        (["claim", "that"], "y", "it must be a condition"),
        (["claim", "that"], "M < 1", "cannot be compared"),
        (["claim", "that"], "t == 3", "the name 't' is not known"),
        (["iterate"], {}, "iterate must be a list"),
        (["iterate", 0, "times"], 10**9, "times must be a whole number from 1 to 10000"),
        (["iterate", 0, "times"], 2.5, "times must be a whole number"),
        (["iterate", 0, "times"], True, "times must be a whole number"),
        (["iterate", 0, "start"], [["M", "2*M"]], "'M' has a value already and may not change"),
        (["iterate", 0, "step"], [["a", "2*a"]], "'a' has a value already and may not change"),
        (["iterate", 0, "step"], [["x", "z"]], "the name 'z' is not known"),
        (["iterate", 0, "show"], ["nothing"], "show has 'nothing'"),
        (["iterate", 0, "show"], ["x"] * 21, "at most 20 names"),
    ],
    ids=lambda part: str(part)[:30],
)
def test_hostile_documents(
    path: list[Any], new: Any, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = small()
    target: Any = document
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = new
    assert message in refused(document, tmp_path, capsys)


@pytest.mark.parametrize("key", [key for key in small() if key != "iterate"])
def test_missing_keys(key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = small()
    del document[key]
    assert f"the witness has no key '{key}'" in refused(document, tmp_path, capsys)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "it is not JSON"),
        (b"[]", "it is not a JSON object"),
        (b"\xff\xfe", "it is not JSON"),
        (b'{"a": 1', "it is not JSON"),
        (b'{"format": 1, "format": 2}', "an object has the same key twice"),
        (b"[" * 100_000, "it is nested too deeply"),
        (b'{"a": ' + b"9" * 5000 + b"}", "it is not JSON"),
        (b" " * 1_000_001, "it has more than 1000000 bytes"),
    ],
    ids=lambda part: str(part)[:20],
)
def test_damaged_files(data: bytes, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert message in refused(data, tmp_path, capsys)


junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["1/2", "x", "M @ M", "x0", "a > 0"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abxM"), inner, max_size=3),
    max_leaves=6,
)


@given(st.data(), junk)
@settings(max_examples=300, deadline=None)
def test_a_spoiled_part_is_refused_or_judged(data: st.DataObject, new: Any) -> None:
    """Whatever replaces any part of a witness, nothing but `WitnessError` is raised."""
    document = small()
    target: Any = document
    while True:
        key = data.draw(st.sampled_from(sorted(target) if isinstance(target, dict) else range(len(target))))
        if not (isinstance(target[key], dict | list) and target[key] and data.draw(st.booleans())):
            break
        target = target[key]
    target[key] = new
    try:
        report = verify(document)
    except WitnessError:
        return
    sound = all(line.holds for line in report.lines if line.part == "assume")
    assert sound == (report.last.part == "claim")
    assert report.ok == (sound and not report.last.holds)


def test_missing_files_and_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in (tmp_path / "none.json", tmp_path, "bad\0name"):
        assert main([str(path)]) == 2
        assert capsys.readouterr().err.count("\n") == 1
    assert main([]) == 2
    assert capsys.readouterr().err == "usage: verify.py WITNESS.json\n"


@pytest.mark.parametrize(
    ("start", "step", "message"),
    [
        ("a", "x*x + a", "more than 100000 bits"),
        ("a", "x**64", "more than 100000 bits"),
        ("ones(64, 64)", "x @ x/64", "more than 1000000 elementary operations"),
        ("0", "sum(ones(64, 64))[0]", "more than 1000000 elementary operations"),
        ("0", "+".join(["a"] * 40), "more than 1000000 elementary operations"),
    ],
)
def test_work_is_bounded(
    start: str, step: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Growing numbers, big products and long loops are stopped; each takes seconds at most."""
    document = small()
    document["iterate"][0].update(times=10_000, start=[["x", start]], step=[["x", step]], measure=[])
    document["iterate"][0]["step"] *= 10
    assert message in refused(document, tmp_path, capsys)
