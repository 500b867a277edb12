"""The report's page in a real browser; each test also finds the fault in a page that was spoilt.

``SPIRITLEVEL_PAGE=FILE`` looks at that page instead of one of a few statements.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from property_tests import browsing
from property_tests.browsing import Viewer
from spiritlevel.cli.main import app
from spiritlevel.reports import svg
from spiritlevel.reports.contents import contents, row
from spiritlevel.reports.page import html, markdown
from spiritlevel.reports.prose import prose
from spiritlevel.theory import plots
from spiritlevel.theory.judge import judge
from spiritlevel.theory.ledger import select
from spiritlevel.theory.verify import verify

# Every kind of figure, of verdict, of form and of link; all quick.
CHOSEN = (
    "argus/comp-quadratic",
    "argus/cut-true-feasible*",
    "argus/stepsize",
    "interact/lem1*",
    "interact/mix*",
    "interact/thm1",
    "rabo/a5-vacuous",
    "rabo/capacity-sweep",
    "slam/exp-speedup",
    "slam/tau-condition*",
)
GIVEN = os.environ.get("SPIRITLEVEL_PAGE")
PLANTED = {"interact/mix": [{"algorithm": "interact", "name": "w", "sentence": "mixing is forgotten"}]}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """What is said of a few statements."""
    rows = [row(judge(s)) for s in select(CHOSEN)]
    rows[0]["finding"]["error_rates"] = {"false_alarm": 1e-4, "power": 0.9}
    return contents(rows, level="quick", kills=PLANTED)


@pytest.fixture(scope="module")
def page(request: pytest.FixtureRequest) -> str:
    """The page that SPIRITLEVEL_PAGE names, or one of a few statements."""
    if GIVEN is not None:
        return Path(GIVEN).read_text(encoding="utf-8")
    return html(request.getfixturevalue("document"))


@pytest.fixture(scope="module")
def viewer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Viewer]:
    webdriver = pytest.importorskip("selenium.webdriver", reason="needs selenium, of the extra 'test'")
    browser, driver = (
        next(filter(None, map(shutil.which, names)), None)
        for names in (("chromium", "chromium-browser", "google-chrome"), ("chromedriver",))
    )
    if browser is None or driver is None:
        pytest.skip("needs chromium and chromedriver: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for argument in ("headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage", "no-first-run"):
        options.add_argument(f"--{argument}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    chrome = webdriver.Chrome(options=options, service=webdriver.ChromeService(executable_path=driver))
    chrome.command_executor.client_config.timeout = 300  # printing the whole catalogue takes its time
    try:
        yield Viewer(chrome, tmp_path_factory.mktemp("page"))
    finally:
        chrome.quit()


def once(text: str, old: str, new: str) -> str:
    """A spoilt page; the place must be there."""
    assert old in text, f"the page has no {old!r} to spoil"
    return text.replace(old, new, 1)


@pytest.fixture
def finds(viewer: Viewer, page: str) -> Callable[..., None]:
    """Asserts that a function finds nothing on the page, and something on our own if it is spoilt."""

    def check(fault: Callable[[Viewer], list[str]], old: str, new: str) -> None:
        viewer.open(page)
        assert not fault(viewer)
        if GIVEN is None:  # a page of the whole catalogue takes seconds to load
            viewer.open(once(page, old, new))
            assert fault(viewer)

    return check


def test_page_and_markdown_say_the_same(document: dict[str, Any]) -> None:
    def unsaid(text: str, set_: Callable[[str], str] = str) -> list[str]:
        """What of the document is not in a text, marks apart; ``set_`` is what happens to sentences there."""
        said = re.sub(r"\[([^]]*)\]\(#[^)]*\)|</?a\b[^>]*>", r"\1", text)  # without links
        said = unescape(re.sub(r"\\(?=[_*`\[\]\\])", "", said))
        facts = []
        for r in (r for p in document["papers"] for r in p["rows"]):
            s, f = r["statement"], r["finding"]
            facts += [
                s["id"],
                s["location"],
                f["method"],
                *r["repaired_by"],
                *(a["id"] for a in s["assumptions"]),
                s["statement"],
                s["because"],
                f["summary"],
            ]
            facts += [s["repairs"] or "", *(k["sentence"] for k in r["kills"]), *f["violated_assumptions"]]
            facts += [*f["numbers"], *f["error_rates"]]
            facts += [g["title"] for g in f["figures"]]
            facts += [f["witness"]["claim_text"] if f["witness"] else ""]
        bare = said.replace("_", " ")  # as names of numbers are written
        return [f for f in facts if all(way.replace("_", " ") not in bare for way in (f, set_(f)))]

    told = markdown(document)
    assert not unsaid(told)
    assert not unsaid(html(document), lambda fact: unescape(str(prose(fact))))
    assert unsaid(told.replace("mixing is forgotten", ""))
    figures = [plots.read(g) for p in document["papers"] for r in p["rows"] for g in r["finding"]["figures"]]
    assert len(figures) > 5
    assert all(svg.table(figure) in told for figure in figures)
    witnesses = re.findall(r"```json\n(.*?)\n```", told, re.DOTALL)
    assert (
        len(witnesses)
        == sum(bool(r["finding"]["witness"]) for p in document["papers"] for r in p["rows"])
        > 3
    )
    assert all(verify(json.loads(witness)).ok for witness in witnesses)


def test_it_is_light(page: str) -> None:
    size, rows = len(page.encode()), page.count("<article ")
    assert size < 8e6
    assert size < 100_000 + 12_000 * rows


def test_it_loads_without_a_complaint(finds: Callable[..., None]) -> None:
    finds(browsing.complaints, "</main>", "<script>console.warn('here')</script></main>")


def test_it_asks_for_nothing(finds: Callable[..., None]) -> None:
    finds(browsing.requests, "</main>", '<img src="http://127.0.0.1:9/dot.png" alt="dot"></main>')


def test_every_statement_is_in_the_ledger_and_every_link_arrives(
    finds: Callable[..., None], page: str, viewer: Viewer
) -> None:
    viewer.open(page)
    count = viewer.js("return document.querySelectorAll('article').length")
    total = viewer.js(
        "return [...document.querySelectorAll('main table')[0].tBodies[0].querySelectorAll('td:last-child')]"
        ".reduce((sum, cell) => sum + Number(cell.textContent), 0)"
    )
    assert count == total > 10
    finds(browsing.lost, '<article id="', '<article hidden id="')
    finds(browsing.lost, '<article id="', '<article id="x')


def test_keys_reach_everything(viewer: Viewer, page: str) -> None:
    from selenium.webdriver.common.keys import Keys

    def skips() -> bool:
        """The first key leads to a visible skip link, and that to the content."""
        link = viewer.pressed(Keys.TAB)
        seen = viewer.js(
            "const e = arguments[0], box = e.getBoundingClientRect(), style = getComputedStyle(e);"
            "return box.left >= 0 && box.top >= 0 && style.outlineStyle !== 'none' && e.className === 'skip'",
            link,
        )
        inside = viewer.pressed(Keys.ENTER).get_attribute("id") == "main"
        return bool(
            seen and inside and viewer.js("return arguments[0].closest('main')", viewer.pressed(Keys.TAB))
        )

    viewer.open(page)
    assert skips()
    for spoilt in (
        once(page, 'class="skip"', 'class="skip" tabindex="-1"'),
        once(page, "outline: 3px solid", "outline: 0 none"),
        once(page, 'tabindex="-1"', ""),
    ):
        viewer.open(spoilt)
        assert not skips()
    viewer.open(page)
    viewer.js("document.querySelector('article summary').focus()")
    for expected in (True, False):
        viewer.pressed(Keys.ENTER)
        assert viewer.js("return document.activeElement.parentElement.open") is expected


def test_a_screen_reader_gets_landmarks_headings_and_names(finds: Callable[..., None]) -> None:
    finds(browsing.nameless, "</main>", '<svg role="img" width="9" height="9"></svg></main>')
    finds(browsing.nameless, ">Skip to the content<", "><")
    finds(browsing.nameless, '<main id="main" tabindex="-1">', '<main id="main"></main><main>')
    finds(browsing.nameless, "<h3", "<h4>too deep</h4><h3")


@pytest.mark.parametrize("width", [390, 1400])
def test_it_is_readable_on_a_telephone_and_on_a_desk(
    width: int, finds: Callable[..., None], viewer: Viewer
) -> None:
    with viewer.screen(width):
        finds(browsing.too_wide, "</main>", '<p style="width: 2000px">wide</p></main>')
        finds(browsing.too_small, "</main>", '<p style="font-size: 11px">small</p></main>')


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_stand_out(scheme: str, finds: Callable[..., None], page: str, viewer: Viewer) -> None:
    with viewer.screen(scheme=scheme):
        finds(browsing.pale, "</main>", '<p style="color: var(--line)">pale</p></main>')
        viewer.open(page)
        behind = viewer.js("return getComputedStyle(document.body).backgroundColor")
        assert behind == {"light": "rgb(255, 255, 255)", "dark": "rgb(22, 24, 26)"}[scheme]


def test_it_says_the_same_without_scripts(viewer: Viewer, page: str) -> None:
    def words(text: str) -> list[Any]:
        said = []
        for disabled in (False, True):
            viewer.do("Emulation.setScriptExecutionDisabled", value=disabled)
            viewer.open(text)
            said.append(viewer.look("document.body.innerHTML"))
        viewer.do("Emulation.setScriptExecutionDisabled", value=False)
        return said

    with_scripts, without = words(page)
    assert with_scripts == without
    with_scripts, without = words(
        once(page, "</main>", "<script>document.body.append('more')</script></main>")
    )
    assert with_scripts != without


def test_data_are_tables_of_numbers_and_witnesses_stand(finds: Callable[..., None]) -> None:
    finds(browsing.unreadable, "data:text/csv;charset=utf-8,series,", "data:text/csv;charset=utf-8,")
    finds(browsing.unreadable, "spiritlevel/witness@1", "spiritlevel/witness@0")


def test_a_witness_is_kept_and_verified(viewer: Viewer, page: str, tmp_path: Path) -> None:
    viewer.open(page)
    viewer.do("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    name = viewer.js(
        "const a = document.querySelector('a[download$=\".json\"]'); a.click(); return a.download"
    )
    kept = tmp_path / name
    deadline = time.monotonic() + 10
    while not kept.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    found = CliRunner().invoke(app, ["verify", str(kept)])
    assert found.exit_code == 0, found.output


def test_formulas_are_typeset(finds: Callable[..., None]) -> None:
    finds(browsing.unset, "<math", '<math style="display: none"')
    finds(browsing.unset, "<mi>", '<mi mathvariant="script">')
    finds(browsing.unset, "<mfrac>", '<mfrac style="display: flex">')


def test_it_prints_with_everything_open(finds: Callable[..., None], page: str, viewer: Viewer) -> None:
    finds(browsing.hidden_on_paper, "details::details-content", "details::none")
    viewer.open(page)
    paper = base64.b64decode(viewer.do("Page.printToPDF", pageRanges="1-2")["data"])
    assert paper.startswith(b"%PDF")
    assert len(paper) > 10_000  # an empty sheet has less than a thousand bytes
    with viewer.screen(media="print"):
        assert not viewer.js("return document.querySelector('.bar').checkVisibility()")


def test_one_verdict_can_be_shown_alone(finds: Callable[..., None], page: str, viewer: Viewer) -> None:
    finds(
        lambda v: browsing.not_filtered(v, "refuted"), ':not([data-verdict="refuted"]', ":not([data-verdict]"
    )
    viewer.open(page)
    shown = viewer.js(
        "document.getElementById('only-refuted').click();"
        "const e = document.querySelector('article[data-verdict=\"supported\"]'); location.hash = e.id;"
        "return e.checkVisibility()"
    )
    assert shown, "a link must lead to a statement that is not shown otherwise"
