"""What is wrong with a page as a browser shows it: each function returns a list, empty if all is well."""

from __future__ import annotations

import base64
import csv
import io
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from spiritlevel.theory.verify import verify

LEAST = 12  # pixels of a letter
CONTRAST = 4.5

# Every visible text with its size on the screen; of a formula or a label in a drawing its main line counts.
_TEXTS = """
const texts = [], seen = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (seen.nextNode()) {
  const e = seen.currentNode.parentElement, words = seen.currentNode.data.trim();
  if (!words || e.closest("math, title, desc, style, script, .skip") || !e.checkVisibility()) continue;
  const drawn = e.closest("svg text"), style = getComputedStyle(e);
  let size = parseFloat(style.fontSize);
  if (drawn) {
    const lines = [drawn, ...drawn.querySelectorAll("tspan")].map(t => parseFloat(getComputedStyle(t).fontSize));
    const m = drawn.getScreenCTM();
    size = (drawn.querySelector("tspan") ? Math.max(...lines.slice(1)) : lines[0]) * Math.hypot(m.a, m.b);
  }
  texts.push([words.slice(0, 40), size, drawn ? style.fill : style.color, e]);
}
"""
_CONTRASTS = (
    _TEXTS
    + """
const numbers = c => c.match(/[\\d.]+/g).map(Number);
const light = c => numbers(c).slice(0, 3).map(v => v / 255)
  .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
  .reduce((sum, v, k) => sum + v * [0.2126, 0.7152, 0.0722][k], 0);
const behind = e => { for (; e; e = e.parentElement) {
  const c = getComputedStyle(e).backgroundColor; if (numbers(c)[3] !== 0) return c; } return "rgb(255, 255, 255)"; };
return texts.map(([words, , ink, e]) => {
  const [a, b] = [light(ink), light(behind(e))]; return [words, (Math.max(a, b) + .05) / (Math.min(a, b) + .05)]; });
"""
)


class Viewer:
    """A browser without scripts of its own, looking at one page."""

    def __init__(self, driver: Any, folder: Path) -> None:
        self.driver = driver
        self.folder = folder
        self.url = ""
        self.shown = 0

    def open(self, text: str) -> None:
        """Show a page."""
        path = self.folder / "page.html"
        path.write_text(text, encoding="utf-8")
        self.shown += 1
        self.url = f"{path.as_uri()}?{self.shown}"
        for kind in ("browser", "performance"):
            self.driver.get_log(kind)
        self.driver.get(self.url)
        # The driver may come back before the page is there.
        deadline = time.monotonic() + 60
        while self.look("document.URL + document.readyState") != f"{self.url}complete":
            assert time.monotonic() < deadline, f"{self.url} does not load"
            time.sleep(0.02)

    def look(self, expression: str) -> Any:
        """The value of an expression, also where the page may run no scripts."""
        return self.do("Runtime.evaluate", expression=expression, returnByValue=True)["result"]["value"]

    def do(self, command: str, **values: Any) -> Any:
        """A command of the browser's own protocol."""
        return self.driver.execute_cdp_cmd(command, values)

    def js(self, script: str, *values: Any) -> Any:
        """What a script returns."""
        return self.driver.execute_script(script, *values)

    @contextmanager
    def screen(self, width: int = 1400, scheme: str = "light", media: str = "screen") -> Iterator[None]:
        """A screen of that width, in a light or dark surrounding, or paper."""
        self.do(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=900,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        self.do(
            "Emulation.setEmulatedMedia",
            media=media,
            features=[{"name": "prefers-color-scheme", "value": scheme}],
        )
        try:
            yield
        finally:
            self.do("Emulation.setEmulatedMedia", media="", features=[])
            self.do("Emulation.clearDeviceMetricsOverride")

    def pressed(self, *keys: str) -> Any:
        """The element that has the focus after some keys."""
        from selenium.webdriver.common.action_chains import ActionChains

        ActionChains(self.driver).send_keys(*keys).perform()
        return self.driver.switch_to.active_element


def complaints(v: Viewer) -> list[str]:
    """What the console says."""
    return [e["message"] for e in v.driver.get_log("browser") if e["level"] in ("WARNING", "SEVERE")]


def requests(v: Viewer) -> list[str]:
    """What was asked for besides the page itself."""
    events = [json.loads(e["message"])["message"] for e in v.driver.get_log("performance")]
    asked = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
    return [u for u in asked if not u.startswith("data:") and u != v.url]


def lost(v: Viewer) -> list[str]:
    """Links to places on the page that are not there or show nothing, and statements without a link."""
    return v.js(
        """
        const wrong = [], linked = new Set();
        for (const a of document.querySelectorAll('a[href^="#"]')) linked.add(decodeURIComponent(a.hash.slice(1)));
        let k = 0;
        for (const id of linked) {
          const e = document.getElementById(id);
          // A browser follows 200 links in ten seconds; further ones are only looked at.
          if (k++ < 100) location.hash = id; else e?.scrollIntoView();
          const box = e?.getBoundingClientRect();
          if (!e || !box.height || !box.width || (k <= 100 && document.querySelector(":target") !== e)) wrong.push(id);
          else if (box.top > innerHeight || box.bottom < 0) wrong.push(id + " is not on the screen");
        }
        const ledger = new Set([...document.querySelectorAll(".ledger a")].map(a => decodeURIComponent(a.hash.slice(1))));
        for (const e of document.querySelectorAll("article")) if (!ledger.has(e.id)) wrong.push(e.id);
        return wrong;"""
    )


def nameless(v: Viewer) -> list[str]:
    """What a screen reader misses: landmarks, one main heading, levels in order, names."""
    whole = v.do("Runtime.evaluate", expression="document")["result"]["objectId"]

    def nodes(role: str) -> list[dict[str, Any]]:
        found = v.do("Accessibility.queryAXTree", objectId=whole, role=role)["nodes"]
        return [n for n in found if not n["ignored"]]

    wrong = [role for role in ("main", "banner", "contentinfo") if len(nodes(role)) != 1]
    for role in ("image", "link", "navigation"):
        wrong += [f"{role} without a name" for n in nodes(role) if not n.get("name", {}).get("value")]
    levels = [p["value"]["value"] for n in nodes("heading") for p in n["properties"] if p["name"] == "level"]
    if levels.count(1) != 1 or levels[0] != 1:
        wrong.append("not one main heading, first")
    wrong += [f"a heading of level {b} after {a}" for a, b in pairwise(levels) if b > a + 1]
    return wrong


def too_wide(v: Viewer) -> list[str]:
    """Whether the page must be moved sideways, and what sticks out."""
    return v.js(
        """
        const width = document.documentElement.clientWidth;
        if (document.scrollingElement.scrollWidth <= width) return [];
        return ["page", ...[...document.querySelectorAll("body *")].filter(
            e => e.getBoundingClientRect().right > width + 1 && !e.closest(".wide, .formula, nav")).map(e => e.tagName)];"""
    )


def too_small(v: Viewer) -> list[str]:
    """Texts whose letters are hard to read."""
    return [
        words for words, size in v.js(_TEXTS + "return texts.map(t => t.slice(0, 2));") if size < LEAST - 0.01
    ]


def pale(v: Viewer) -> list[str]:
    """Texts that hardly differ from what is behind them."""
    return [words for words, ratio in v.js(_CONTRASTS) if ratio < CONTRAST]


def unset(v: Viewer) -> list[str]:
    """Formulas that are not typeset: a numerator must be above its denominator; variants of letters are not known."""
    return v.js(
        """
        for (const d of document.querySelectorAll("details")) d.open = true;
        return [...document.querySelectorAll("math")].filter(m => {
          const box = m.getBoundingClientRect(), part = m.querySelector("mfrac");
          return !box.width || !box.height || m.querySelector('[mathvariant]:not([mathvariant="normal"])') ||
            m.namespaceURI !== "http://www.w3.org/1998/Math/MathML" ||
            (part && part.firstElementChild.getBoundingClientRect().bottom >
             part.lastElementChild.getBoundingClientRect().top + 1);
        }).map(m => m.textContent);"""
    )


def unreadable(v: Viewer) -> list[str]:
    """Figures' data that are no tables of numbers, figures without, and witnesses that do not stand."""
    wrong = []
    links = v.js(
        'return [...document.querySelectorAll("a[download]")].map(a => [a.download, a.getAttribute("href")]);'
    )
    for name, address in links:
        kind, data = address.split(",", 1)
        text = base64.b64decode(data).decode() if kind.endswith("base64") else unquote(data)
        try:
            if name.endswith(".csv"):
                head, *rows = csv.reader(io.StringIO(text))
                numbers = [float(cell) for row in rows for cell in row[1:] if cell]
                good = len(numbers) >= len(rows) > 0 and all(len(row) == len(head) for row in rows)
            else:
                good = verify(json.loads(text)).ok
        except ValueError:
            good = False
        wrong += [] if good else [name]
    tables = sum(name.endswith(".csv") for name, _ in links)
    figures = v.js('return document.querySelectorAll("figure").length')
    return [*wrong, *([] if tables == figures else [f"{figures} figures, {tables} tables"])]


def hidden_on_paper(v: Viewer) -> list[str]:
    """What a reader of the printed page does not get, though it is in a part that opens on the screen."""
    with v.screen(800, media="print"):
        return v.js(
            """
            return [...document.querySelectorAll("article details > *")].filter(
                e => !e.getBoundingClientRect().height || !e.checkVisibility({contentVisibilityAuto: true}))
                .map(e => e.textContent.slice(0, 40));"""
        )


def not_filtered(v: Viewer, verdict: str) -> list[str]:
    """What is still there, or no longer, when only one verdict is asked for."""
    return v.js(
        """
        document.getElementById("only-" + arguments[0]).click();
        const wrong = [...document.querySelectorAll("[data-verdict]")].filter(
            e => e.checkVisibility() !== (e.dataset.verdict === arguments[0])).map(e => e.textContent.slice(0, 40));
        document.getElementById("only-all-verdict").click();
        return wrong;""",
        verdict,
    )
