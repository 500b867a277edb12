"""Where rounds rest, as figures: against step sizes, and against how much clients differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from spiritlevel.theory.plots import Curve, Plot, power_law

SHOWN = 3
"""Problems in one figure."""


def _problems(x: Sequence[float], rows: Sequence[Sequence[float]], style: str = "points") -> list[Curve]:
    """A curve for each of the first problems."""
    return [Curve(f"problem {k}", x, row, style) for k, row in enumerate(rows[:SHOWN], 1)]  # type: ignore[arg-type]


def of_steps(alphas: Sequence[float], floors: Sequence[Sequence[float]], title: str, caption: str) -> Plot:
    """The squared gradient at rest against alpha, beside what is of order alpha."""
    curves = _problems(alphas, floors)
    return Plot(
        title=title,
        x_label="alpha = beta/5",
        y_label="|grad Phi|^2 at rest",
        curves=(*curves, power_law("of order alpha", alphas, 1.0, (alphas[0], curves[0].y[0]))),
        log="xy",
        caption=caption,
    )


def of_rounds(sizes: Sequence[float], rounds: Sequence[Sequence[int]]) -> Plot:
    """Rounds to one accuracy against the size of the differences, over those of equal clients.

    Examples
    --------
    >>> [c.y for c in of_rounds((0, 1), [[4, 8]]).curves]
    [(1.0, 2.0)]
    """
    return Plot(
        title="RABO, windows of 2 of 4: rounds until the average |grad Phi|^2 is below one level",
        x_label="size of the differences between clients",
        y_label="rounds, over those of equal clients",
        curves=tuple(_problems(sizes, [[v / row[0] for v in row] for row in rounds], "line")),
        caption="Remark 1 has every line rise. On some problems differences cancel a part of what masks do.",
    )


def of_rest(x: Sequence[float], floors: Sequence[float], radii: Sequence[float]) -> tuple[Curve, Curve]:
    """Squared gradient at rest and contraction per round, both over the first."""
    return (
        Curve("|grad Phi|^2 at rest", x, [v / floors[0] for v in floors], "points"),
        Curve("contraction per round", x, [r / radii[0] for r in radii], "points"),
    )


def of_unequal(sizes: Sequence[float], floors: Sequence[Sequence[float]]) -> Plot:
    """The squared gradient at rest against differences of the lower levels."""
    curves = _problems(sizes, floors)
    return Plot(
        title="RABO with full masks: where it rests if lower levels differ",
        x_label="differences h in H_i, B_i and b_i",
        y_label="|grad Phi|^2 at rest",
        curves=(*curves, power_law("h^4", sizes, 4.0, (sizes[0], curves[0].y[0]))),
        log="xy",
        caption="The gradient is off by a covariance, of order h^2, since (7) averages local responses; its square is of order h^4.",
    )


def of_drift(betas: Sequence[float], behind: Mapping[int, Sequence[float]]) -> Plot:
    """How far y rests from y*, by T, against beta."""
    curves = [Curve(f"T = {T}", betas, values, "points") for T, values in behind.items()]
    return Plot(
        title="Client drift: full masks, unequal lower levels, (7) from means",
        x_label="inner step beta",
        y_label="|y - y*| at rest",
        curves=(*curves, power_law("proportional to beta", betas, 1.0, (betas[-1], curves[0].y[-1]))),
        log="xy",
        caption="T local steps leave y off by an amount proportional to beta (T - 1); T = 1 leaves nothing.",
    )
