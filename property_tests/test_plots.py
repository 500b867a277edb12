"""Figures of findings: their data, their drawings, and what they refuse."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from spiritlevel.core.errors import InputError
from spiritlevel.reports import svg
from spiritlevel.reports.figures import draw
from spiritlevel.theory.plots import Area, Bars, Curve, Plot, fitted

PLOT = Plot(
    title="Rate",
    x_label="T",
    y_label="error",
    curves=(
        Curve("measured", [1, 10, 100], [1, 0.3, 0.1], "points", low=[0.9, 0.2, 0.05], high=[1.1, 0.4, 0.2]),
        Curve("claimed", [1, 100], fitted([1, 100], -0.5, (1.0, 1.0)), "dashed"),
    ),
    log="xy",
)
REGION = Plot(
    title="Stable",
    x_label="a",
    y_label="b",
    areas=(Area("stable", [0, 1, 2], [0, 1], (np.eye(2, 3) > 0).tolist()),),
)
BARS = Bars(
    title="Terms", y_label="bound", labels=("one", "two"), values=(1e-3, 1.0), marked=("one",), limit=2.0
)


@pytest.mark.parametrize("figure", [PLOT, REGION, BARS])
def test_figures_are_drawn_with_their_labels_as_text(figure: Plot | Bars, tmp_path: Path) -> None:
    out = tmp_path / "figure.svg"
    draw(figure, out)
    words = " ".join(ET.parse(out).getroot().itertext())
    assert figure.title in words
    wanted = [c.label for c in figure.curves] if isinstance(figure, Plot) else figure.labels
    assert all(label in words for label in wanted)


def test_drawing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.svg", "b.svg"):
        draw(PLOT, tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_data_come_as_a_table() -> None:
    assert PLOT.rows()[1] == ("measured", 1.0, 1.0, 0.9, 1.1)
    assert PLOT.rows()[-1][0] == "claimed"
    assert REGION.rows()[1:] == [("stable", 0.0, "", 0.0, 0.0), ("stable", 1.0, "", 1.0, 1.0)]
    assert BARS.rows() == [("name", "bound"), ("one", 1e-3), ("two", 1.0), ("limit", 2.0)]


def test_a_fitted_line_has_the_slope_and_the_point() -> None:
    line = fitted([1, 4, 16], -0.5, (4.0, 3.0))
    assert line[1] == pytest.approx(3.0)
    assert np.diff(np.log(line)) == pytest.approx([-0.5 * np.log(4)] * 2)


def test_lengths_that_differ_are_refused() -> None:
    with pytest.raises(ValueError, match="differ in length"):
        Curve("a", [1], [1, 2])
    with pytest.raises(ValueError, match="differ in length"):
        Curve("a", [1], [1], low=[1], high=[])
    with pytest.raises(ValueError, match="3 by 2"):
        Area("a", [1, 2], [1, 2, 3], [[True, True]])
    with pytest.raises(ValueError, match="1 labels for 2 values"):
        Bars(title="t", y_label="v", labels=("one",), values=(1, 2))


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="svg"):
        draw(PLOT, tmp_path / "figure.bmp")


def test_colours_of_texts_and_curves_differ_from_the_paper() -> None:
    style = files("spiritlevel.reports").joinpath("templates/style.css").read_text(encoding="utf-8")
    light, dark = (
        dict(re.findall(r"(--\w+): (#\w{6})", block))
        for block in re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    )
    assert set(light) == set(dark)
    for colours in (light, dark):
        for name in set(colours) - {"--paper", "--panel", "--line"}:
            for behind in ("--paper", "--panel"):
                least = 3 if re.fullmatch("--c[0-9]", name) else 4.5
                assert _contrast(colours[name], colours[behind]) >= least, name
    assert _contrast("#808080", "#ffffff") < 4.5 < _contrast("#767676", "#ffffff")


def _contrast(a: str, b: str) -> float:
    """The ratio of WCAG 2.2."""

    def light(colour: str) -> float:
        parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((light(a), light(b)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("figure", [PLOT, REGION, BARS])
def test_a_page_gives_a_drawing_its_words_and_colours(figure: Plot | Bars) -> None:
    text = svg.inline(figure, "here")
    root = ET.fromstring(text)
    assert root.get("role") == "img"
    told = {e.get("id"): e.text for e in root if e.tag in ("title", "desc")}
    assert told[root.get("aria-labelledby")] == figure.title
    assert told[root.get("aria-describedby")] == svg.describe(figure)
    assert not root.findall(".//style"), "its rules would count for the whole page"
    assert "var(--c" in text
    assert not re.search("#0072b2|#d55e00|#000000", text, re.IGNORECASE)


def test_an_area_is_told_by_its_stretches() -> None:
    ring = Area("ring", [0, 1, 2], [0, 1, 2], [[True] * 3, [True, False, True], [True] * 3])
    rows = Plot(title="t", x_label="a", y_label="b", areas=(ring,)).rows()[1:]
    assert rows == [
        ("ring", 0.0, "", 0.0, 2.0),
        ("ring", 1.0, "", 0.0, 0.0),
        ("ring", 1.0, "", 2.0, 2.0),
        ("ring", 2.0, "", 0.0, 2.0),
    ]


def test_few_decades_are_labelled_with_plain_numbers(tmp_path: Path) -> None:
    def words(last: float) -> set[str]:
        out = tmp_path / "figure.svg"
        draw(Plot(title="t", x_label="n", y_label="e", curves=(Curve("a", [2, last], [1, 1]),), log="x"), out)
        texts = ET.parse(out).getroot().iter("{http://www.w3.org/2000/svg}text")
        return {"".join("".join(e.itertext()).split()) for e in texts}

    assert {"2", "5", "10"} <= words(10)
    assert not {"2", "5", "10"} & words(1e6)
