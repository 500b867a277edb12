"""Figures as inline SVG that follows the page's colours and can be told by a screen reader."""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from markupsafe import Markup

from spiritlevel.reports.figures import COLOURS, draw
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
    body = text[text.index("<svg") :]
    # A style sheet inside would count for the whole page, which has one.
    body = re.sub(r"<(metadata|style)\b.*?</\1>", "", body, flags=re.DOTALL)
    body = re.sub(r"\s+xmlns(:xlink)?=\"[^\"]*\"", "", body).replace("xlink:href", "href")
    body = re.sub(r"<!--.*?-->", "", body, flags=re.DOTALL)
    # Hundredths of a point are enough, and a third of the size; words keep their digits.
    body = re.sub(r"<[^>]*>", lambda tag: re.sub(r"(\.\d\d)\d+", r"\1", tag[0]), body)
    body = re.sub(r">\s+<", "><", body)
    body = re.sub(r"\s*\n\s*", " ", body)
    body = re.sub(r"(font: [\d.]+px) [^;\"]*", r"\1 sans-serif", body)
    meant = set(re.findall(r"#([\w-]+)", body))
    body = re.sub(r'\sid="([^"]*)"', lambda id: id[0] if id[1] in meant else "", body)
    body = re.sub(r'\bid="', f'id="{name}-', body)
    body = body.replace('href="#', f'href="#{name}-').replace("url(#", f"url(#{name}-")
    # Lines and words in black take the page's ink, curves its colours: those of a dark page are lighter.
    body = re.sub(r"(stroke|fill): #000000", r"\1: currentColor", body)
    for k, colour in enumerate(COLOURS[:-1]):
        body = body.replace(colour.lower(), f"var(--c{k})")
    body = body.replace("fill: #ffffff", "fill: none")
    head, rest = body.split(">", 1)
    clean = re.sub(r'\s(width|height|version)="[^"]*"', "", head)
    told = Markup('<title id="{0}-title">{1}</title><desc id="{0}-desc">{2}</desc>').format(
        name, figure.title, describe(figure)
    )
    return Markup(
        f'{clean} role="img" aria-labelledby="{name}-title" aria-describedby="{name}-desc">{told}{rest}'
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
    """The figure's data as CSV.

    Examples
    --------
    >>> table(Plot(title="t", x_label="T", y_label="e", curves=(Curve("a", [1], [2]),))).splitlines()
    ['series,T,e,low,high', 'a,1.0,2.0,,']
    """
    rows: Sequence[Sequence[object]] = figure.rows()
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
