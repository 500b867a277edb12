"""What the benchmarks share: timing two sides alternately, and a table in the terminal."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest


@dataclass(frozen=True)
class Rounds:
    """One number per round; prints as its median and range."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def low(self) -> float:
        return min(self.values)

    @property
    def high(self) -> float:
        return max(self.values)

    def __truediv__(self, other: Rounds) -> Rounds:
        """Round by round: neighbours in time see the same load of the machine."""
        return Rounds(tuple(a / b for a, b in zip(self.values, other.values, strict=True)))

    def __str__(self) -> str:
        return f"{self.median:.3g} ({self.low:.3g} to {self.high:.3g})"


class Alternating:
    """Several things timed in turn, so that a busy machine slows all of them down alike."""

    def __init__(self, **sides: Callable[[], object]) -> None:
        self.sides = sides
        self.times: dict[str, list[float]] = {name: [] for name in sides}

    def run(self, benchmark: Any, rounds: int) -> None:
        """Let pytest-benchmark call all sides once per round, after one round to warm up."""
        benchmark.pedantic(self._once, rounds=rounds, warmup_rounds=1, iterations=1)

    def _once(self) -> None:
        for name, side in self.sides.items():
            start = time.perf_counter()
            side()
            self.times[name].append(time.perf_counter() - start)

    def seconds(self, side: str, per: float) -> Rounds:
        """The rounds' times divided by ``per``; the first round, which warms up, is left out."""
        times = self.times[side]
        return Rounds(tuple(t / per for t in (times[1:] if len(times) > 1 else times)))


class Table:
    """Lines for the terminal, shown after the last benchmark of a module."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, ...]] = []

    def add(self, *cells: str) -> None:
        self.rows.append(cells)

    @classmethod
    def fixture(cls, request: pytest.FixtureRequest, title: str) -> Iterator[Table]:
        """For ``yield from`` in a fixture of module scope."""
        table = cls()
        yield table
        if not table.rows:
            return
        widths = [max(map(len, column)) for column in zip(*table.rows, strict=True)]
        lines = ["   ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in table.rows]
        plugin: Callable[[str], Any] = request.config.pluginmanager.get_plugin
        with plugin("capturemanager").global_and_fixture_disabled():
            plugin("terminalreporter").write("\n".join(["", title, *lines, ""]))
