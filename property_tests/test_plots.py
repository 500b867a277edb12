"""Figures of findings: their data, their drawings, and what they refuse."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

from spiritlevel.core.errors import InputError
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
    assert REGION.rows()[1:3] == [("stable: inside", 0.0, 0.0, "", ""), ("stable: outside", 1.0, 0.0, "", "")]
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
