"""Drawings kept on disk: a page of hundreds of findings takes longer to draw than to write."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from markupsafe import Markup

from spiritlevel.reports import svg
from spiritlevel.reports.kept import Store
from spiritlevel.theory import plots
from spiritlevel.theory.spread import spread

Wanted = tuple[plots.Figure, str]
"""A figure and the name of its drawing."""


class Drawings:
    """Figures as `spiritlevel.reports.svg.inline` draws them, drawn again only when something changed."""

    def __init__(self, folder: str | Path) -> None:
        self.store = Store(folder)
        tools = hashlib.sha256(version("matplotlib").encode())
        for name in ("svg.py", "compact.py", "figures.py"):
            tools.update(files(__package__).joinpath(name).read_bytes())
        self.tools = tools.hexdigest()

    def inline(self, figure: plots.Figure, name: str) -> Markup:
        """The drawing; for the parameters and errors see `spiritlevel.reports.svg.inline`."""
        found = self._kept(figure, name)
        if found is not None:
            return found
        made = svg.inline(figure, name)
        self.store.put(name, self._digest(figure, name), str(made))
        return made

    def missing(self, wanted: Iterable[Wanted]) -> list[Wanted]:
        """Those that would have to be drawn."""
        return [(figure, name) for figure, name in wanted if self._kept(figure, name) is None]

    def draw(self, wanted: Sequence[Wanted], *, jobs: int = 1) -> Iterator[str]:
        """Draw what is wanted, as `inline` does, on worker processes; yields the names as they are done.

        Raises
        ------
        InputError
            If matplotlib is not installed.
        spiritlevel.theory.spread.Lost
            If the workers are gone.
        """
        return spread(self._draw, wanted, lambda call, why: call[1], jobs=jobs)

    def _draw(self, wanted: Wanted) -> str:
        self.inline(*wanted)
        return wanted[1]

    def _kept(self, figure: plots.Figure, name: str) -> Markup | None:
        found = self.store.get(name, self._digest(figure, name))
        return Markup(found) if isinstance(found, str) else None

    def _digest(self, figure: plots.Figure, name: str) -> str:
        about = json.dumps(plots.document(figure), sort_keys=True)
        return hashlib.sha256(f"{self.tools}\0{name}\0{about}".encode()).hexdigest()
