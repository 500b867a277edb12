"""Figures as inline SVG that follows the page's colours and can be told by a screen reader."""

from __future__ import annotations

import csv
import io
import re
import tempfile
from pathlib import Path
from urllib.parse import quote

from markupsafe import Markup

from spiritlevel.reports.figures import draw
from spiritlevel.theory.plots import Bars, Plot


def inline(figure: Plot | Bars, name: str) -> Markup:
    """The figure as an ``<svg>`` element.

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
        draw(figure, path)
        text = path.read_text(encoding="utf-8")
    body = text[text.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r'\bid="', f'id="{name}-', body)
    body = re.sub(r'(xlink:href|href)="#', rf'\1="#{name}-', body).replace("url(#", f"url(#{name}-")
    # Lines and words in matplotlib's black take the page's ink, so that they are seen on a dark page too.
    body = re.sub(r"(stroke|fill): #000000", r"\1: currentColor", body)
    body = body.replace("fill: #ffffff", "fill: none")
    head = body[: body.index(">")]
    clean = re.sub(r' (width|height)="[^"]*"', "", head)
    label = Markup.escape(figure.title)
    return Markup(f'{clean} role="img" aria-label="{label}"{body[len(head) :]}')


def table(figure: Plot | Bars) -> str:
    """The figure's data as CSV.

    Examples
    --------
    >>> from spiritlevel.theory.plots import Curve
    >>> table(Plot(title="t", x_label="T", y_label="e", curves=(Curve("a", [1], [2]),))).splitlines()
    ['series,T,e,low,high', 'a,1.0,2.0,,']
    """
    lines = io.StringIO()
    csv.writer(lines, lineterminator="\n").writerows(figure.rows())
    return lines.getvalue()


def link(text: str, kind: str) -> str:
    """Text as an address that a browser saves, without any server.

    Examples
    --------
    >>> link("a,b", "text/csv")
    'data:text/csv;charset=utf-8,a%2Cb'
    """
    return f"data:{kind};charset=utf-8,{quote(text)}"
