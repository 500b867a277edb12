"""The pytest plugin: what becomes a test, how it fails, what is selected, and what is written."""

import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any

import jinja2  # noqa: F401 - these are loaded here because pytest inside pytest forgets what it imports
import latex2mathml.converter  # noqa: F401
import matplotlib.pyplot  # noqa: F401
import pytest

import spiritlevel.reports.page
from spiritlevel import pytest_plugin
from spiritlevel.theory.judge import false_alarm_share
from spiritlevel.theory.ledger import statements

pytest_plugins = ["pytester"]

LEDGER = statements()
ROOT = Path(__file__).parents[1]
PLUGIN = ("-p", "spiritlevel.pytest_plugin")  # test_examples.py finds it as an installed plugin
CLAIMS = """
from spiritlevel.theory.statement import Finding, Method, Statement, Verdict

def finds(verdict):
    return lambda ctx: Finding(
        verdict=verdict, method=Method.RATIONAL, summary="as measured", numbers={"alpha": ctx.alpha, "level": ctx.level}
    )

def claim(id, found, expected, kind="rate", **rest):
    check = finds(Verdict(found)) if isinstance(found, str) else found
    return Statement(
        id=id, paper="Our paper", location="Theorem 1", kind=kind, sentence="It converges.", formula="a^2",
        check=check, expected=Verdict(expected), **rest
    )

"""
THREE = (
    CLAIMS
    + """
test_right = claim("own/right", "proved", "proved")
test_more = (
    claim("own/false", "refuted", "refuted", because="It does not."),
    claim("other/wrong", "refuted", "supported", kind="bound"),
)
"""
)


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """An empty project that wants warnings to be errors and markers to be known, and has no other plugins."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    # that plugin collects this process's garbage over and over after every run
    pytester.makeini(
        "[pytest]\nfilterwarnings = error\naddopts = --strict-markers -p no:unraisableexception\n"
    )
    return pytester


def run(project: pytest.Pytester, *arguments: str, source: str = "") -> pytest.RunResult:
    """Pytest with the plugin, in this process."""
    if source:
        project.makepyfile(source)
    return project.runpytest_inprocess(*arguments, plugins=[pytest_plugin], no_reraise_ctrlc=True)


def rows(path: Path) -> dict[str, Any]:
    """The rows of a report by id, without the time they took."""
    document = json.loads(path.read_text())
    assert document["format"] == "spiritlevel/report@1"
    found = {row["statement"]["id"]: row for paper in document["papers"] for row in paper["rows"]}
    for row in found.values():
        del row["finding"]["seconds"]
    return found


def test_a_verdict_that_was_not_expected_fails_in_words(project: pytest.Pytester) -> None:
    done = run(project, source=THREE)
    done.assert_outcomes(passed=2, failed=1)
    assert done.ret == pytest.ExitCode.TESTS_FAILED
    done.stdout.fnmatch_lines(
        [
            "*_ other/wrong _*",
            "other/wrong is refuted, but expected to be supported",
            "claim:    It converges.",
            "where:    Our paper, Theorem 1",
            "verdict:  refuted by exact rationals",
            "evidence: as measured",
        ]
    )
    done.stdout.no_fnmatch_line("*pytest_plugin/items.py*")


def test_the_summary_lists_verdicts_by_paper_and_what_is_refuted(project: pytest.Pytester) -> None:
    done = run(project, source=THREE)
    done.stdout.fnmatch_lines(
        [
            "paper  proved  refuted",
            "other                1",
            "own         1        1",
            "refuted:",
            "other/wrong (expected to be supported): as measured",
            "own/false: It does not.",
        ],
        consecutive=True,
    )
    run(project, "-q").stdout.no_fnmatch_line("own/false: It does not.")


def test_only_names_of_tests_are_tests(project: pytest.Pytester) -> None:
    source = (
        CLAIMS
        + """
IMPORTED = claim("own/imported", "proved", "proved")
test_numbers = (1, 2)
test_nothing = ()
class TestGroup:
    test_inside = claim("own/inside", "proved", "proved")
"""
    )
    done = run(project, "--collect-only", "-q", source=source)
    done.stdout.fnmatch_lines(["*::TestGroup::test_inside?own/inside?", "", "1 test collected*"])


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("test_all = {'a': A}", "test_all is a dict that holds statements; give a tuple of statements*"),
        ("test_all = (A, 1)", "test_all is a tuple that holds statements and other things; give a tuple*"),
        (
            "import unittest\nclass Case(unittest.TestCase):\n    test_a = A",
            "Case.test_a is a statement in a unittest.TestCase, where it is no test; move it*",
        ),
    ],
)
def test_statements_that_would_be_passed_over_are_an_error(
    project: pytest.Pytester, source: str, message: str
) -> None:
    done = run(project, source=f"{CLAIMS}A = claim('own/a', 'proved', 'proved')\n{source}\n")
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines([message])


def test_the_failed_ones_can_be_run_again(project: pytest.Pytester) -> None:
    arguments = ("--spiritlevel=interact/mix", "--spiritlevel=dsbo/assumptions-contradict")
    run(project, *arguments, source=THREE).assert_outcomes(passed=4, failed=1)
    done = run(project, "--last-failed", *arguments)
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(["run-last-failure: rerun previous 1 failure"])


def test_without_a_check_it_is_skipped_and_reported(project: pytest.Pytester) -> None:
    done = run(
        project,
        "--spiritlevel-report=a.json",
        source=CLAIMS + "test_open = claim('own/open', None, 'unchecked')",
    )
    done.assert_outcomes(skipped=1)
    assert rows(project.path / "a.json")["own/open"]["finding"]["verdict"] == "unchecked"


def test_a_check_that_breaks_shows_where(project: pytest.Pytester) -> None:
    source = CLAIMS + "test_broken = claim('own/broken', lambda ctx: 1 / 0, 'proved')"
    done = run(project, source=source)
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(
        [">*lambda ctx: 1 / 0*", "E*ZeroDivisionError*", "test_a_check_that_breaks_shows_where.py:*"]
    )
    done.stdout.no_fnmatch_line("*pluggy/*")


def test_a_check_that_cannot_be_called_is_told_in_words(project: pytest.Pytester) -> None:
    done = run(project, source=CLAIMS + "test_none = claim('own/none', lambda: 1, 'proved')")
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(
        ["evidence: the check failed: TypeError: * takes 0 positional arguments but 1 was given"]
    )
    done.stdout.no_fnmatch_line("*pytest_plugin/items.py*")


def test_a_statement_with_a_wrong_field_is_an_error_of_its_module(project: pytest.Pytester) -> None:
    source = (
        CLAIMS
        + "import dataclasses\ntest_a = dataclasses.replace(claim('own/a', 'proved', 'proved'), about='dsgd')"
    )
    done = run(project, source=source)
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines(["test_a, own/a: about is 'dsgd'; give a tuple of names"])


def test_a_mark_skips_statements(project: pytest.Pytester) -> None:
    source = (
        CLAIMS
        + """
import pytest
@pytest.mark.skip(reason="later")
class TestGroup:
    test_inside = claim("own/inside", "proved", "proved")
"""
    )
    run(project, source=source).assert_outcomes(skipped=1)


def test_data_need_no_library_of_the_page(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spiritlevel.reports.page", None)
    run(project, "--spiritlevel-report=a.json", source=THREE).assert_outcomes(passed=2, failed=1)
    assert rows(project.path / "a.json").keys() == {"own/right", "own/false", "other/wrong"}


def test_two_statements_with_one_id_are_an_error(project: pytest.Pytester) -> None:
    twins = "test_a = claim('own/a', 'proved', 'proved')\ntest_b = claim('own/a', 'refuted', 'refuted')\n"
    done = run(project, source=CLAIMS + twins)
    done.assert_outcomes(passed=1, failed=1)
    done.stdout.fnmatch_lines(["*::test_a?own/a? is another statement with the id 'own/a'"])


@pytest.mark.parametrize(
    ("chosen", "names"),
    [
        ("spiritlevel", {"own/right", "own/false", "other/wrong"}),
        ("spiritlevel(paper='own')", {"own/right", "own/false"}),
        ("spiritlevel(kind='bound')", {"other/wrong"}),
        ("spiritlevel(expected='refuted') or spiritlevel(id='own/right')", {"own/right", "own/false"}),
        ("spiritlevel(paper='own', level='full')", {"own/right@full", "own/false@full"}),
        ("not spiritlevel", set()),
    ],
)
def test_the_marker_selects(project: pytest.Pytester, chosen: str, names: set[str]) -> None:
    done = run(project, "--collect-only", "-q", "-m", chosen, source=THREE)
    assert {line.split("[")[1].rstrip("]") for line in done.outlines if "::" in line} == names


def test_full_level_is_an_option_and_what_a_selection_by_level_asks_for(project: pytest.Pytester) -> None:
    source = CLAIMS + "test_right = claim('own/right', 'proved', 'proved')"
    for k, arguments in enumerate((["--spiritlevel-level=full"], ["-m", "spiritlevel(level='full')"])):
        run(project, *arguments, f"--spiritlevel-report={k}.json", source=source).assert_outcomes(
            passed=1, deselected=k
        )
        assert rows(project.path / f"{k}.json")["own/right"]["finding"]["numbers"]["level"] == "full"
        assert json.loads((project.path / f"{k}.json").read_text())["level"] == "full"
    both = "spiritlevel(level='full') or spiritlevel(level='quick')"
    run(project, "-m", both, "--spiritlevel-report=both.json").assert_outcomes(passed=2)
    assert rows(project.path / "both.json")["own/right"]["finding"]["numbers"]["level"] == "full"


def test_statements_of_the_ledger_stand_beside_ones_own(project: pytest.Pytester) -> None:
    done = run(
        project,
        "-v",
        "--spiritlevel",
        "interact/mix*",
        "--spiritlevel",
        "dsbo/assumptions-contradict",
        source=THREE,
    )
    done.assert_outcomes(passed=5, failed=1)
    done.stdout.fnmatch_lines(["*collected 6 items", "spiritlevel::interact/mix-repaired PASSED*"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--spiritlevel-report=a.txt"], "*'a.txt'; give the name of a file that ends in .html or .json"),
        (["--spiritlevel-report=no/a.html"], "*'no/a.html' but there is no folder '*no'; make it first"),
        (["--spiritlevel-report=folder.json"], "*'folder.json', which is a folder; give the name of a file"),
        (["--spiritlevel=interact/mixx"], "*unknown statement 'interact/mixx'; did you mean*"),
        (
            ["-m", "spiritlevel(kinds='rate')"],
            "*-m: the marker spiritlevel has no 'kinds'; it has id, paper, kind, *",
        ),
        (["--spiritlevel-level=hard"], "*invalid choice: 'hard'*"),
    ],
)
def test_options_that_cannot_be_served_stop_the_run(
    project: pytest.Pytester, arguments: list[str], message: str
) -> None:
    project.mkdir("folder.json")
    done = run(project, *arguments, source="def test_ran(): print('ran')")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines([message])
    done.stdout.no_fnmatch_line("*passed*")


def test_a_page_needs_its_libraries_before_the_run(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    done = run(project, "--spiritlevel-report=a.html", source=THREE)
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines(["*jinja2 is not installed; install spiritlevel with the extra 'report'"])
    run(project, "--spiritlevel-report=a.json").assert_outcomes(passed=2, failed=1)


def test_a_report_that_cannot_be_written_in_the_end_is_said(project: pytest.Pytester) -> None:
    project.mkdir("out")
    source = THREE + "\ndef test_last(): import shutil; shutil.rmtree('out')\n"
    done = run(project, "--spiritlevel-report=out/a.json", source=source)
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stdout.fnmatch_lines(["cannot write '*a.json': there is no folder*"])


def test_one_report_that_fails_costs_neither_the_others_nor_the_summary(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: object) -> str:
        raise KeyError("colour")

    monkeypatch.setattr(spiritlevel.reports.page, "html", fails)
    done = run(project, "--spiritlevel-report=a.html", "--spiritlevel-report=a.json", source=THREE)
    assert done.ret == pytest.ExitCode.INTERNAL_ERROR
    done.stdout.fnmatch_lines(
        ["paper  proved  refuted", "cannot write a.html: KeyError: 'colour'", "written to a.json"]
    )
    assert rows(project.path / "a.json").keys() == {"own/right", "own/false", "other/wrong"}


def test_warnings_as_errors_cost_no_page(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    def warns(_: object) -> str:
        warnings.warn("no positive values", UserWarning, stacklevel=1)
        return "the page"

    monkeypatch.setattr(spiritlevel.reports.page, "html", warns)
    done = run(project, "--spiritlevel-report=a.html", source=THREE)
    done.stdout.fnmatch_lines(["*UserWarning: no positive values", "written to a.html"])
    assert (project.path / "a.html").read_text() == "the page"


def test_after_an_interruption_the_report_says_what_is_missing(project: pytest.Pytester) -> None:
    source = (
        THREE
        + """
def stop(ctx):
    raise KeyboardInterrupt
test_stop = claim("own/stop", stop, "proved")
test_never = claim("own/never", "proved", "proved")
"""
    )
    done = run(project, "--spiritlevel-report=a.json", "--spiritlevel-report=a.html", source=source)
    assert done.ret == pytest.ExitCode.INTERRUPTED
    assert rows(project.path / "a.json").keys() == {"own/right", "own/false", "other/wrong"}
    assert json.loads((project.path / "a.json").read_text())["missing"] == 2
    page = (project.path / "a.html").read_text()
    assert "2 not judged" in page
    assert 'id="own/right"' in page
    done.stdout.fnmatch_lines(["2 of 5 not judged", "written to a.json", "written to a.html"])


def test_nothing_judged_overwrites_no_report(project: pytest.Pytester) -> None:
    (project.path / "a.json").write_text("kept")
    done = run(project, "--spiritlevel-report=a.json", source="def test_plain(): pass")
    done.stdout.fnmatch_lines(["no statement was judged, so a.json is not written"])
    assert (project.path / "a.json").read_text() == "kept"


def test_xdist_finds_the_same(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT), prepend=os.pathsep)
    run(project, "--spiritlevel-report=one.json", "--spiritlevel=interact/mix", source=THREE)
    arguments = ("-p", "xdist", "-n2", "--spiritlevel-report=two.json", "--spiritlevel=interact/mix")
    done = project.runpytest_subprocess(*PLUGIN, *arguments)
    done.assert_outcomes(passed=3, failed=1)
    done.stdout.fnmatch_lines(["interact*1", "other*1", "own*1*1", "refuted:", "interact/mix: *"])
    assert str(done.stdout).count("refuted:") == 1
    assert rows(project.path / "two.json") == rows(project.path / "one.json")


def test_a_project_without_statements_pays_nothing(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT), prepend=os.pathsep)
    project.makepyfile(
        """
        import atexit, sys
        def heavy():
            print("heavy:", sorted({"numpy", "sympy", "rich", "spiritlevel.theory", "spiritlevel.core"} & {*sys.modules}))
        def test_plain():
            atexit.register(heavy)
        """
    )
    done = project.runpytest_subprocess(*PLUGIN)
    done.assert_outcomes(passed=1)
    done.stdout.fnmatch_lines(["heavy: []"])
    done.stdout.no_fnmatch_line("*spiritlevel*")


def test_statements_that_sample_share_a_budget(project: pytest.Pytester) -> None:
    source = CLAIMS + "\n".join(
        f"test_{k} = claim('own/{k}', 'proved', 'proved', samples={k < 4})" for k in range(5)
    )
    run(project, "-k", "own/1", "--spiritlevel-report=a.json", source=source).assert_outcomes(
        passed=1, deselected=4
    )
    assert rows(project.path / "a.json")["own/1"]["finding"]["numbers"]["alpha"] == pytest.approx(1e-3 / 4)


def test_statements_of_the_ledger_keep_their_share(project: pytest.Pytester) -> None:
    project.makepyfile(
        CLAIMS
        + """
test_own = claim("own/a", "proved", "proved", samples=True)
def test_shares(request):
    from spiritlevel.theory.ledger import statements
    collected = request.config.pluginmanager.get_plugin("spiritlevel-docket").collected
    print("shares:", collected.alpha(test_own), collected.alpha(statements()["interact/mix"]))
"""
    )
    assert "interact/mix" in LEDGER
    done = run(project, "-s", "--spiritlevel=interact/mix")
    done.stdout.fnmatch_lines([f"*shares: 0.001 {false_alarm_share()}"])
