"""matplotlib's SVG with a tenth of its bytes: the same lines and words, without what repeats.

Groups are dissolved, lines and markers of one style become one path, coordinates are relative and in tenths of a
point (a seventh of a pixel on the page). `Styles` lets all drawings of a page share their styles as classes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree as Xml

from markupsafe import Markup, escape

from spiritlevel.reports.figures import COLOURS

Point = tuple[int, int]
Step = tuple[str, tuple[Point, ...]]
"""A command of a path and its points, absolute and in tenths."""

_SVG = "{http://www.w3.org/2000/svg}"
_HREF = "{http://www.w3.org/1999/xlink}href"
_NUMBER = r"-?[\d.]+(?:e[-+]?\d+)?"
_USUAL = {"stroke-dashoffset": "0", "stroke-width": "1", "font-size": "10px", "text-anchor": "start"}
"""What need not be said; the page's style sheet agrees."""


@dataclass
class Pen:
    """Writes a path with relative commands.

    Examples
    --------
    >>> pen = Pen()
    >>> pen.draw([("M", ((0, 5),)), ("L", ((12, 5),)), ("L", ((12, -5),)), ("z", ())])
    >>> pen.text
    'M0 .5h1.2v-1z'
    """

    text: str = ""
    at: Point = (0, 0)

    def draw(self, steps: list[Step]) -> None:
        """Go on with some steps; points in the middle of a straight line are left out."""
        start = self.at
        for k, (command, points) in enumerate(steps):
            if command == "z":
                self.text += "z"
                self.at = start
            elif command == "M":
                [start] = points
                moved = points[0] if not self.text else _minus(points[0], self.at)
                self.text += ("M" if not self.text else "m") + _numbers(*moved)
                self.at = start
            elif command == "L":
                after = steps[k + 1] if k + 1 < len(steps) else ("", ())
                if not (after[0] == "L" and _straight(self.at, points[0], after[1][0])):
                    self._line(_minus(points[0], self.at))
                    self.at = points[0]
            else:
                offsets = [c for p in points for c in _minus(p, self.at)]
                self.text += command.lower() + _numbers(*offsets)
                self.at = points[-1]

    def circle(self, middle: Point, radius: int) -> None:
        """A whole circle as two arcs."""
        self.draw([("M", ((middle[0] - radius, middle[1]),))])
        r = _number(radius)
        self.text += f"a{r} {r} 0 1 0 {_number(2 * radius)} 0 {r} {r} 0 1 0-{_number(2 * radius)} 0z"

    def _line(self, by: Point) -> None:
        if by[1] == 0:
            self.text += f"h{_number(by[0])}"
        elif by[0] == 0:
            self.text += f"v{_number(by[1])}"
        else:
            self.text += f"l{_numbers(*by)}"


def _minus(a: Point, b: Point) -> Point:
    return a[0] - b[0], a[1] - b[1]


def _straight(a: Point, b: Point, c: Point) -> bool:
    """Whether b lies on the way from a straight to c."""
    (ux, uy), (vx, vy) = _minus(b, a), _minus(c, b)
    return ux * vy == uy * vx and ux * vx + uy * vy >= 0


def _number(tenths: int) -> str:
    text = f"{tenths / 10:g}"
    return text.replace("0.", ".", 1) if text.lstrip("-").startswith("0.") else text


def _numbers(*tenths: int) -> str:
    texts = map(_number, tenths)
    return "".join(text if k == 0 or text[0] == "-" else f" {text}" for k, text in enumerate(texts))


def _tenths(text: str) -> int:
    return round(10 * float(text))


def _steps(d: str, dx: int = 0, dy: int = 0) -> list[Step]:
    """A path as matplotlib writes it, all absolute, moved."""
    steps: list[Step] = []
    for command, numbers in re.findall(r"([MLCQz])([^MLCQz]*)", d):
        at = [_tenths(n) for n in re.findall(_NUMBER, numbers)]
        steps.append((command, tuple((x + dx, y + dy) for x, y in zip(at[::2], at[1::2], strict=True))))
    return steps


def _style(element: Xml.Element) -> dict[str, str]:
    """What an element looks like: black is the page's ink, curves have its colours, white is nothing."""
    parts = (part.partition(":") for part in element.get("style", "").split(";") if part.strip())
    style = {name.strip(): value.strip() for name, _, value in parts}
    style.pop("font-family", None)
    named = {c.lower(): f"var(--c{k})" for k, c in enumerate(COLOURS[:-1])} | {"#000000": "currentColor"}
    for name in ("fill", "stroke"):
        if name in style:
            style[name] = named.get(style[name], style[name])
    if style.get("fill") == "#ffffff":
        style["fill"] = "none"
    return {name: value for name, value in style.items() if _USUAL.get(name) != value}


def _attributes(given: Mapping[str, object]) -> str:
    return "".join(f' {name}="{value}"' for name, value in given.items() if value not in ("", None))


@dataclass(frozen=True)
class _Around:
    """What holds for everything in a group."""

    clip: str = ""
    transform: str = ""


@dataclass
class _Drawing:
    """Collects what is drawn, in order; what may be one path is one."""

    name: str
    shapes: dict[str, str] = field(default_factory=dict)
    clips: dict[str, str] = field(default_factory=dict)
    pens: dict[str, Pen] = field(default_factory=dict)
    made: list[str | tuple[str, Pen]] = field(default_factory=list)

    def add(self, element: Xml.Element, around: _Around) -> None:
        tag = element.tag.removeprefix(_SVG)
        moved = f"{around.transform} {element.get('transform', '')}".strip()
        around = _Around(element.get("clip-path", around.clip), moved)
        if tag in ("svg", "g", "defs"):
            for child in element:
                self.add(child, around)
        elif tag == "clipPath":
            box = {side: _number(_tenths(element[0].attrib[side])) for side in ("x", "y", "width", "height")}
            inner = f"<rect{_attributes(box)}/>"
            self.made.append(f'<clipPath id="{self._clip(element.attrib["id"])}">{inner}</clipPath>')
        elif tag == "path" and "id" in element.attrib:
            self.shapes[element.attrib["id"]] = element.attrib["d"]
        elif tag == "path":
            self._draw(_steps(element.attrib["d"]), _style(element), around)
        elif tag == "use":
            self._use(element, around)
        elif tag == "text":
            self.made.append(_words(element, around))

    def _use(self, element: Xml.Element, around: _Around) -> None:
        shape = self.shapes[element.attrib[_HREF].removeprefix("#")]
        x, y = (_tenths(element.attrib[name]) for name in "xy")
        steps, style = _steps(shape, x, y), _style(element)
        if any(command == "C" for command, _ in steps):  # of our markers only the dot is round
            radius = max(px - x for _, points in steps for px, _ in points)
            self._pen(style, around).circle((x, y), radius)
        else:
            self._draw(steps, style, around)

    def _draw(self, steps: list[Step], style: dict[str, str], around: _Around) -> None:
        if len(steps) == 2:
            style = {"fill": "none"} | style
        if style.get("fill") != "none" or "stroke" in style:
            self._pen(style, around).draw(steps)

    def _pen(self, style: dict[str, str], around: _Around) -> Pen:
        """The pen of that style, which goes on with its path; one that shines through draws every shape anew."""
        look = ";".join(f"{name}:{value}" for name, value in style.items())
        clip = self._clip(around.clip[5:-1]) if around.clip else ""
        key = _attributes({"clip-path": clip and f"url(#{clip})", "style": look})
        if key not in self.pens or "fill-opacity" in style:
            self.pens[key] = Pen()
            self.made.append((key, self.pens[key]))
        return self.pens[key]

    def _clip(self, id: str) -> str:
        return self.clips.setdefault(id, f"{self.name}-p{len(self.clips) or ''}")

    def __str__(self) -> str:
        parts = (m if isinstance(m, str) else f'<path{m[0]} d="{m[1].text}"/>' for m in self.made)
        return "".join(parts)


def _words(element: Xml.Element, around: _Around) -> str:
    """A text; letters of one line and one size stay together, each where it was."""
    look = ";".join(f"{name}:{value}" for name, value in _style(element).items())
    at = {name: _number(_tenths(element.attrib[name])) for name in "xy" if name in element.attrib}
    moved = re.sub(r"rotate\(-?0 [^)]*\)", "", around.transform)
    turned = re.sub(_NUMBER, lambda number: _number(_tenths(number[0])), moved)
    inner = str(escape((element.text or "").strip())) + "".join(_runs(element))
    return f"<text{_attributes({**at, 'transform': turned, 'style': look})}>{inner}</text>"


def _runs(element: Xml.Element) -> Iterator[str]:
    runs: list[tuple[str, str, list[str], str]] = []
    for span in element:
        look = ";".join(f"{name}:{value}" for name, value in _style(span).items())
        x, y = (" ".join(_number(_tenths(n)) for n in span.attrib[name].split()) for name in "xy")
        if runs and runs[-1][:2] == (look, y):
            runs[-1][2].append(x)
            runs[-1] = (look, y, runs[-1][2], runs[-1][3] + (span.text or ""))
        else:
            runs.append((look, y, [x], span.text or ""))
    for look, y, xs, text in runs:
        yield f"<tspan{_attributes({'x': ' '.join(xs), 'y': y, 'style': look})}>{escape(text)}</tspan>"


def compact(text: str, name: str) -> tuple[str, str]:
    """The box and the content of a drawing that matplotlib wrote as SVG.

    Parameters
    ----------
    text
        The file.
    name
        What ids within the drawing begin with.

    Returns
    -------
    The value of ``viewBox``, and elements for an ``<svg>`` of a page; each ``style`` may become a class.
    """
    root = Xml.fromstring(text)
    drawing = _Drawing(name)
    drawing.add(root, _Around())
    return root.attrib["viewBox"], str(drawing)


@dataclass
class Styles:
    """Styles of elements as classes that a page's drawings share.

    Examples
    --------
    >>> styles = Styles()
    >>> str(styles.shared(Markup('<path style="fill:none" d="M0 0"/>')))
    '<path class="s0" d="M0 0"/>'
    >>> styles.sheet()
    '.s0{fill:none}'
    """

    names: dict[str, str] = field(default_factory=dict)

    def shared(self, drawing: Markup) -> Markup:
        """The drawing with classes in place of styles."""

        def named(found: re.Match[str]) -> str:
            return f'class="{self.names.setdefault(found[1], f"s{len(self.names)}")}"'

        return Markup(re.sub(r'(?<= )style="([^"<>]*)"', named, drawing))

    def sheet(self) -> str:
        """The rules that these classes mean."""
        return "".join(f".{name}{{{style}}}" for style, name in self.names.items())
