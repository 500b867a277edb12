"""A drawing in a tenth of the bytes shows the same: every line, marker and word is where it was."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from markupsafe import Markup

from spiritlevel.reports import svg
from spiritlevel.reports.compact import Styles, compact
from spiritlevel.reports.figures import draw
from spiritlevel.theory.plots import Area, Bars, Curve, Plot

NAMESPACE = "{http://www.w3.org/2000/svg}"
STEPS = [10**k for k in range(1, 5)]
PLOT = Plot(
    title="Rate",
    x_label="iterations T",
    y_label="error",
    log="xy",
    curves=(
        Curve("measured", STEPS, [2.0, 0.7, 0.19, 0.061], "points", [1, 0.5, 0.1, 0.05], [3, 0.9, 0.3, 0.07]),
        Curve("course", [*range(10, 10000, 37)], [3 / t**0.5 for t in range(10, 10000, 37)]),
        Curve("claimed", STEPS, [3 / t**0.5 for t in STEPS], "dashed"),
    ),
)
REGION = Plot(
    title="Region",
    x_label="a",
    y_label="b",
    areas=(Area("stable", range(9), range(9), [[i + j < 9 for i in range(9)] for j in range(9)]),),
)
BARS = Bars(
    title="Terms", y_label="alpha", labels=("1/L & 2", "1"), values=(0.01, 1.0), limit=0.3, marked=("1",)
)
FIGURES: list[Plot | Bars] = [PLOT, REGION, BARS]
Point = tuple[float, float]


def written(figure: Plot | Bars, folder: Path) -> str:
    """What matplotlib writes."""
    draw(figure, folder / "figure.svg", titled=False)
    return (folder / "figure.svg").read_text(encoding="utf-8")


def ends(d: str) -> list[Point]:
    """The points that a path's commands end in, absolute; read by the rules of SVG, not as the pen writes."""
    points: list[Point] = []
    x = y = 0.0
    start = (x, y)
    for command, text in re.findall(r"([MmLlHhVvCcQqAaZz])([^A-Za-z]*)", d):
        numbers = [float(n) for n in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", text)]
        size = {"h": 1, "v": 1, "c": 6, "q": 4, "a": 7, "z": 0}.get(command.lower(), 2)
        for k in range(0, len(numbers), size or 1):
            last = numbers[k : k + size][-2:]
            dx, dy = (*last, 0.0) if command in "hH" else (0.0, *last) if command in "vV" else last
            x, y = (x + dx, y + dy) if command.islower() else (dx, dy)
            points.append((x, y))
            if command in "Mm":
                start = (x, y)
        if command in "Zz":
            x, y = start
    return points


def lines(text: str) -> list[list[Point]]:
    """The courses of clipped, unfilled paths, grid apart."""
    root = ET.fromstring(text)
    found = []
    for e in root.iter():
        style = e.get("style", "").replace(" ", "")
        inside = e.tag.endswith("path") and e.get("clip-path") and "fill:none" in style
        if inside and "#b0b0b0" not in style:
            found.append(ends(e.attrib["d"]))
    return found


def off_course(point: Point, course: list[Point]) -> float:
    """How far a point is from a polygon."""

    def from_piece(a: Point, b: Point) -> float:
        dx, dy = b[0] - a[0], b[1] - a[1]
        squared = dx * dx + dy * dy
        share = (
            0.0
            if not squared
            else min(1.0, max(0.0, ((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / squared))
        )
        return float(abs(complex(point[0] - a[0] - share * dx, point[1] - a[1] - share * dy)))

    return min(from_piece(a, b) for a, b in zip([course[0], *course], course, strict=False))


@pytest.mark.parametrize("figure", FIGURES)
def test_lines_are_where_they_were(figure: Plot | Bars, tmp_path: Path) -> None:
    raw = written(figure, tmp_path)
    _, content = compact(raw, "here")
    small = [p for line in lines(f"<svg>{content}</svg>") for p in line]
    large = [line for line in lines(raw) if line]
    if isinstance(figure, Plot) and figure.curves:
        assert len(large) >= len(figure.curves)
    else:
        return  # no lines but the grid
    assert all(min(off_course(p, line) for line in large) < 0.08 for p in small)
    # Errors of rounding; what lies between two points that were kept is on their straight line.
    drawn = lines(f"<svg>{content}</svg>")
    assert all(min(off_course(p, line) for line in drawn) < 0.08 for line in large for p in line)
    moved = [(x, y + 1) for x, y in small]
    assert any(min(off_course(p, line) for line in large) > 0.08 for p in moved)


@pytest.mark.parametrize("figure", FIGURES)
def test_words_are_where_they_were(figure: Plot | Bars, tmp_path: Path) -> None:
    def words(text: str) -> list[str]:
        found = ET.fromstring(re.sub(r' xmlns="[^"]*"', "", text)).iter("text")
        return ["".join("".join(e.itertext()).split()) for e in found]

    raw = written(figure, tmp_path)
    _, content = compact(raw, "here")
    assert words(f"<svg>{content}</svg>") == words(raw)
    assert words(raw)
    assert len(content) < len(raw) / 3


def test_every_marker_is_drawn(tmp_path: Path) -> None:
    marks = Plot(
        title="t",
        x_label="x",
        y_label="y",
        curves=tuple(Curve(str(k), range(7), [k + 0.1 * i for i in range(7)], "points") for k in range(5)),
    )
    _, content = compact(written(marks, tmp_path), "here")
    shapes = [
        e.attrib["d"]
        for e in ET.fromstring(f"<svg>{content}</svg>").iter("path")
        if e.get("clip-path") and "fill:var" in e.get("style", "")
    ]
    assert [d.count("z") for d in shapes] == [7] * 5
    assert shapes[0].count("a2.5 2.5") == 7, "the first curve's markers are dots"


def test_what_shines_through_is_not_one_path(tmp_path: Path) -> None:
    """Areas that overlap are darker where they do."""
    half = Area("half", range(3), range(3), [[True] * 3] * 3)
    both = Plot(title="t", x_label="x", y_label="y", areas=(half, half))
    _, content = compact(written(both, tmp_path), "here")
    assert len(re.findall(r'clip-path="[^"]*" style="fill:var\(--c\d\);fill-opacity:0.2"', content)) == 2


def test_a_page_shares_styles_as_classes() -> None:
    styles = Styles()
    shared = [styles.shared(svg.inline(figure, f"f{k}")) for k, figure in enumerate(FIGURES)]
    assert all(" style=" not in text for text in shared)
    used = {name for text in shared for name in re.findall(r'class="([^"]*)"', text)}
    rules = dict(re.findall(r"\.(s\d+)\{([^}]*)\}", styles.sheet()))
    assert used == set(rules)
    assert len(set(rules.values())) == len(rules)
    again = Styles()
    text = str(svg.inline(PLOT, "here"))
    rebuilt = str(again.shared(Markup(text)))
    for name, style in re.findall(r"\.(s\d+)\{([^}]*)\}", again.sheet()):
        rebuilt = rebuilt.replace(f'class="{name}"', f'style="{style}"')
    assert rebuilt == text
