"""Figures as inline SVG that follows the page's colours and can be told by a screen reader."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path
from urllib.parse import quote

from markupsafe import Markup

from spiritlevel.reports.compact import compact
from spiritlevel.reports.figures import draw
from spiritlevel.theory.plots import Bars, Curve, Plot


def inline(figure: Plot | Bars, name: str) -> Markup:
    """The figure as an ``<svg>`` element; its title is left to the page, and told to those who do not see it.

    Parameters
    ----------
    figure
        Its data.
    name
        Unique on the page: the drawing's own ids get it in front.

    Raises
    ------
    InputError
        If matplotlib is not installed.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "figure.svg"
        draw(figure, path, titled=False)
        text = path.read_text(encoding="utf-8")
    box, content = compact(text, name)
    told = Markup('<title id="{0}-title">{1}</title><desc id="{0}-desc">{2}</desc>').format(
        name, figure.title, describe(figure)
    )
    return Markup(
        f'<svg viewBox="{box}" role="img" aria-labelledby="{name}-title" aria-describedby="{name}-desc">'
        f"{told}{content}</svg>"
    )


def describe(figure: Plot | Bars) -> str:
    """What is to be seen, in words.

    Examples
    --------
    >>> describe(Plot(title="t", x_label="T", y_label="e", log="x", curves=(Curve("a", [1, 2], [3, 4]),)))
    'e against T, the axis of T logarithmic. a: from 3 at 1 to 4 at 2.'
    >>> describe(Bars(title="t", y_label="v", labels=("a", "b"), values=(1.0, 2.0), marked=("b",), limit=3.0))
    'v, on a logarithmic axis. a: 1; b: 2 (marked). limit: 3.'
    """
    if isinstance(figure, Bars):
        bars = (
            f"{label}: {value:.3g}{' (marked)' if label in figure.marked else ''}"
            for label, value in zip(figure.labels, figure.values, strict=True)
        )
        limit = f" {figure.limit_label or 'limit'}: {figure.limit:.3g}." if figure.limit is not None else ""
        return f"{figure.y_label}, on a logarithmic axis. {'; '.join(bars)}.{limit}"
    logarithmic = {
        "": "",
        "x": f", the axis of {figure.x_label} logarithmic",
        "y": f", the axis of {figure.y_label} logarithmic",
        "xy": ", both axes logarithmic",
    }[figure.log]
    parts = [f"{figure.y_label} against {figure.x_label}{logarithmic}.", *map(_course, figure.curves)]
    parts += [f"{area.label}: an area." for area in figure.areas]
    return " ".join(parts)


def _course(curve: Curve) -> str:
    if not curve.x:
        return f"{curve.label}: no points."
    ends = f"from {curve.y[0]:.3g} at {curve.x[0]:.3g} to {curve.y[-1]:.3g} at {curve.x[-1]:.3g}"
    return f"{curve.label}: {ends}{', with intervals' if curve.low else ''}."


def table(figure: Plot | Bars) -> str:
    """The figure's data as CSV, numbers in eight digits (the report's JSON has them all).

    Examples
    --------
    >>> table(Plot(title="t", x_label="T", y_label="e", curves=(Curve("a", [1], [2 / 3]),))).splitlines()
    ['series,T,e,low,high', 'a,1,0.66666667,,']
    """
    rows = [[f"{cell:.8g}" if isinstance(cell, float) else cell for cell in row] for row in figure.rows()]
    lines = io.StringIO()
    csv.writer(lines, lineterminator="\n").writerows(rows)
    return lines.getvalue()


def link(text: str, kind: str) -> str:
    """Text as an address that a browser saves, without any server.

    Examples
    --------
    >>> link("a,b c", "text/csv")
    'data:text/csv;charset=utf-8,a,b%20c'
    """
    return f"data:{kind};charset=utf-8,{quote(text, safe='!$()*+,;=:@/?')}"
