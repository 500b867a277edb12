"""Drawings kept on disk: a page of hundreds of findings takes longer to draw than to write."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from markupsafe import Markup

from spiritlevel.reports import svg
from spiritlevel.reports.kept import Store
from spiritlevel.theory import plots


class Drawings:
    """Figures as `spiritlevel.reports.svg.inline` draws them, drawn again only when something changed."""

    def __init__(self, folder: str | Path) -> None:
        self.store = Store(folder)
        sources = [
            files(__package__).joinpath(name).read_bytes() for name in ("svg.py", "compact.py", "figures.py")
        ]
        self.tools = repr([*sources, version("matplotlib")])

    def inline(self, figure: plots.Figure, name: str) -> Markup:
        """The drawing; for the parameters and errors see `spiritlevel.reports.svg.inline`."""
        about = json.dumps(plots.document(figure), sort_keys=True)
        digest = hashlib.sha256(f"{self.tools}\0{name}\0{about}".encode()).hexdigest()
        found = self.store.get(name, digest)
        if isinstance(found, str):
            return Markup(found)
        made = svg.inline(figure, name)
        self.store.put(name, digest, str(made))
        return made
