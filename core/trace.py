"""What a run leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from spiritlevel.core.files import save_npz
from spiritlevel.core.numbers import Array, convert


@dataclass(frozen=True, kw_only=True)
class Trace:
    """Recorded iterations of one run, with what is needed to replay it.

    ``K`` iterations were recorded, of ``R`` replicas.
    """

    algorithm: str
    problem: str
    network: str
    seed: int
    t: Array
    """Recorded iterations, shape ``(K,)``."""
    x: Array
    """Upper-level iterates, shape ``(R, K, n, p)``."""
    y: Array
    """Lower-level iterates, shape ``(R, K, n, q)``."""
    metrics: Mapping[str, Array]
    """Metric values by name, each ``(R, K)``."""
    counts: Mapping[str, Array]
    """Cumulative calls (per agent) and traffic (of the network) of one replica, each ``(K,)``; of an algorithm that does
    not speak of sleep as if nobody slept."""
    time: Array | None = None
    """Wall clock at the recorded iterations, ``(R, K)``, in the activity model's unit; None without a clock."""
    stopped: str | None = None
    """Why the run ended before its last step, or None."""

    def save(self, path: str | Path) -> None:
        """Write an NPZ file atomically: ``t``, ``x``, ``y``, metrics, counts and, with a clock, ``time``, as floats.

        A single replica is written without its axis: ``x`` is ``(K, n, p)``, or ``(R, K, n, p)`` for
        several.

        Raises
        ------
        InputError
            If the folder is missing or cannot be written.
        """

        def lead(a: Array) -> Array:
            return convert(a[0] if a.shape[0] == 1 else a, "float")

        arrays = {"t": self.t, "x": lead(self.x), "y": lead(self.y)}
        arrays |= {name: lead(values) for name, values in self.metrics.items()}
        arrays |= {name: values for name, values in self.counts.items()}
        if self.time is not None:
            arrays["time"] = lead(self.time)
        save_npz(path, arrays)
