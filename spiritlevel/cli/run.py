"""``spiritlevel run``: run an algorithm and keep its trace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from spiritlevel.cli.output import JsonOption, deliver, progress, ready
from spiritlevel.core.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console

    from spiritlevel.core.trace import Trace

FORMAT = "spiritlevel/run@1"
ProblemOption = Annotated[
    str,
    typer.Option(
        metavar="FILE|NAME", help="A file, or a name: quadratic:p=3,q=2,seed=1, curved, bounded, diabetes, .."
    ),
]
NetworkOption = Annotated[
    str,
    typer.Option(
        metavar="FILE|NAME",
        help="A file with W, or a name: ring:8, grid:3:4, erdos-renyi:10:0.5:1, karate, .. (in run also "
        "redrawn:10:0.5:1, a new graph in every iteration)",
    ),
]
WeightsOption = Annotated[
    str | None, typer.Option(help="Weight rule: metropolis (the default), laplacian or third.")
]


def run(
    algorithm: Annotated[str, typer.Argument(metavar="ALGORITHM", help="interact, dsgd, ...")],
    problem: ProblemOption,
    network: NetworkOption,
    steps: Annotated[int, typer.Option(metavar="T", help="Iterations.")],
    weights: WeightsOption = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A hyper-parameter; repeatable.")
    ] = None,
    record: Annotated[
        str, typer.Option(metavar="all|log|N", help="Keep all iterations, about 100, or every N-th.")
    ] = "log",
    noise: Annotated[
        float | None,
        typer.Option(metavar="SIGMA", help="Gaussian noise per gradient coordinate; none if not given."),
    ] = None,
    active: Annotated[
        str | None,
        typer.Option(
            metavar="P|NAME",
            help="An agent's chance to take part in an iteration, 1 if not given; or a wall clock: stragglers:8:2:10 goes on with "
            "the first 8, 2 random ones being 10 times slower.",
        ),
    ] = None,
    replicas: Annotated[int, typer.Option(metavar="R", help="Independent repetitions.")] = 1,
    seed: Annotated[int, typer.Option(metavar="S", help="Seed of the noise.")] = 0,
    jobs: Annotated[
        int, typer.Option(metavar="N", help="Worker processes; the result does not depend on it.")
    ] = 1,
    out: Annotated[
        str | None, typer.Option(metavar="FILE.npz", help="Write t, x, y, metrics and counts here.")
    ] = None,
    json: JsonOption = None,
) -> None:
    """Run an algorithm on a problem over a network, without noise unless asked for.

    Exit code 0: ran to the end; 1: it diverged; 2: wrong usage; 130: interrupted. What was recorded is kept.

    The file holds t, x (recorded, agents, p) and y, with a replicas axis in front if there are several.

    \b
    Example:
      spiritlevel run interact --problem quadratic:seed=1 --network ring:8 \\
          --set alpha=0.02 --set beta=0.1 --steps 1000 --out trace.npz
    """
    import spiritlevel
    from spiritlevel.cli.inputs import settings
    from spiritlevel.cli.workers import start
    from spiritlevel.core.algorithms import algorithm as named

    ready(out, "--out", suffix=".npz")
    ready(json, "--json")
    if jobs > 1 and replicas > 1:
        start(jobs)
    chosen = named(algorithm).parse(settings(set_ or [], "--set"))
    with progress(f"running {algorithm}", steps) as tick:
        trace = spiritlevel.run(
            chosen,
            problem,
            network,
            steps=steps,
            weights=weights,
            record=_record(record),
            noise=noise,
            activity=active,
            replicas=replicas,
            seed=seed,
            jobs=jobs,
            keep_on_interrupt=True,
            progress=lambda done, total: tick(done, ""),
        )
    if out is not None:
        trace.save(out)
    deliver(_document(trace, steps), json, lambda console: _view(console, trace, steps, out))
    if trace.stopped is not None:
        raise typer.Exit(130 if trace.stopped.startswith("interrupted") else 1)


def _record(text: str) -> Any:
    if text in ("all", "log"):
        return text
    if not text.isdecimal():
        raise InputError(f"--record is {text!r}; give all, log or a whole number N >= 1")
    return int(text)


def _document(trace: Trace, steps: int) -> dict[str, Any]:
    from spiritlevel.reports.documents import plain

    last = {name: values[:, -1].mean() for name, values in trace.metrics.items()}
    document: dict[str, Any] = plain(
        {
            "format": FORMAT,
            "algorithm": trace.algorithm,
            "problem": trace.problem,
            "network": trace.network,
            "seed": trace.seed,
            "replicas": trace.x.shape[0],
            "steps": steps,
            "last": trace.t[-1],
            "recorded": len(trace.t),
            "metrics": last,
            "counts": {name: values[-1] for name, values in trace.counts.items()},
            "time": None if trace.time is None else trace.time[:, -1].mean(),
            "stopped": trace.stopped,
        }
    )
    return document


def _view(out: Console, trace: Trace, steps: int, saved: str | None) -> None:
    from spiritlevel.reports import tables

    replicas = trace.x.shape[0]
    head = {"algorithm": trace.algorithm, "problem": trace.problem, "network": trace.network}
    head["iterations"] = f"{trace.t[-1]} of {steps}, {len(trace.t)} recorded"
    if replicas > 1:
        head["replicas"] = f"{replicas} from seed {trace.seed}"
    if trace.time is not None and trace.time.size:
        head["wall clock"] = f"{trace.time[:, -1].mean():.6g} of the clock's units" + ", mean" * (
            replicas > 1
        )
    out.print(tables.pairs(head.items()))
    out.print()
    out.print(tables.metrics(trace))
    out.print()
    out.print(tables.pairs((name, int(values[-1])) for name, values in trace.counts.items()))
    out.print()
    if trace.stopped is not None:
        out.print(trace.stopped, style="bold yellow")
    out.print(f"written to {saved}" if saved else "nothing written; --out FILE.npz keeps the trace")
