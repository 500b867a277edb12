"""Checks what papers on distributed bilevel optimisation claim, as printed and as repaired.

The command line's commands, in Python; nothing heavy is imported before one of them is called.

>>> import spiritlevel
>>> [j.finding.verdict.value for j in spiritlevel.check("interact/tracking")]
['proved']
>>> trace = spiritlevel.run("interact", "quadratic:seed=1", "ring:4", steps=50, alpha=0.05)
>>> trace.x.shape[2:]
(4, 3)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Mapping

    from spiritlevel.core.activity import Activity
    from spiritlevel.core.algorithm import Algorithm
    from spiritlevel.core.block import Progress
    from spiritlevel.core.metrics import Metric
    from spiritlevel.core.networks import Network
    from spiritlevel.core.noise import Model
    from spiritlevel.core.problem import SolvedProblem
    from spiritlevel.core.schedules import Schedule
    from spiritlevel.core.trace import Trace
    from spiritlevel.theory.judge import Judgement
    from spiritlevel.theory.statement import Level, Statement
    from spiritlevel.theory.step_lists.admission import Admission

__all__ = ["__version__", "check", "run", "statements", "steps"]

__version__: str

if not TYPE_CHECKING:

    def __getattr__(name: str) -> str:
        if name != "__version__":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib.metadata import PackageNotFoundError, version

        try:
            return version(__name__)
        except PackageNotFoundError:
            return "0+uninstalled"


def statements() -> dict[str, Statement]:
    """Every statement of the ledger by id, checked or not.

    Examples
    --------
    >>> statements()["interact/mix"].expected.value
    'refuted'
    """
    from spiritlevel.theory import ledger

    return ledger.statements()


def check(*patterns: str, level: Level = "quick", jobs: int = 1, dask: str | None = None) -> list[Judgement]:
    """Judge statements; the result is sorted by id.

    Parameters
    ----------
    patterns
        Ids or patterns such as ``interact/*``; all statements if none.
    level
        ``quick`` or ``full``.
    jobs
        Worker processes; the verdicts do not depend on it.
    dask
        Address of a dask.distributed scheduler such as ``127.0.0.1:8786``, whose workers judge instead.

    Raises
    ------
    InputError
        If a pattern matches nothing, an argument is out of range, or the cluster cannot be used.
    spiritlevel.theory.spread.Lost
        If the workers are gone before the last finding.

    Examples
    --------
    >>> judgement, *_ = check("interact/mix*")
    >>> judgement.statement.id, judgement.finding.verdict.value, judgement.as_recorded
    ('interact/mix', 'refuted', True)
    """
    from spiritlevel.core.errors import InputError
    from spiritlevel.theory.judge import judge_all
    from spiritlevel.theory.ledger import select

    for pattern in patterns:
        if not isinstance(pattern, str):
            raise InputError(f"pattern is {pattern!r}; give texts such as 'interact/*', one argument each")
    if level not in ("quick", "full"):
        raise InputError(f"level is {level!r}; give 'quick' or 'full'")
    if jobs < 1:
        raise InputError(f"jobs is {jobs}; give a whole number >= 1")
    if dask is not None and jobs != 1:
        raise InputError(
            f"jobs is {jobs} beside dask, whose cluster has its own workers; leave out one of them"
        )
    return sorted(judge_all(select(patterns), level, jobs=jobs, dask=dask), key=lambda j: j.statement.id)


def run(
    algorithm: str | Algorithm,
    problem: str | os.PathLike[str] | SolvedProblem,
    network: str | os.PathLike[str] | Schedule,
    *,
    steps: int,
    weights: str | None = None,
    noise: float | Model | None = None,
    activity: float | str | Activity | None = None,
    replicas: int = 1,
    seed: int = 0,
    record: Any = "log",
    x0: Any = None,
    y0: Any = None,
    metrics: Iterable[str] | Mapping[str, Metric] | None = None,
    progress: Progress | None = None,
    jobs: int = 1,
    limit: float = 1e12,
    keep_on_interrupt: bool = False,
    **hyper: Any,
) -> Trace:
    """Run an algorithm; see `spiritlevel.core.driver.run` for the arguments that are not explained here.

    Parameters
    ----------
    algorithm
        A name, or the algorithm with its hyper-parameters.
    problem, network
        A name (``quadratic:p=3,seed=1``, ``ring:8``), a file, or the object. A network may change from one
        iteration to the next: ``redrawn:10:0.5:1``, or a `spiritlevel.core.schedules.Schedule`.
    weights
        Weight rule of a named network: ``metropolis`` (the default), ``laplacian`` or ``third``.
    noise
        Standard deviation of Gaussian noise on every gradient coordinate, or a noise model.
    activity
        Every agent's chance to take part in an iteration, a name (``stragglers:8:2:10``), or a model. With an algorithm that
        does not speak of sleep, as Argus does, an agent that sleeps keeps all it has.
    hyper
        Hyper-parameters by the paper's letters, for an algorithm given by name.

    Raises
    ------
    InputError
        If an argument cannot be used.

    Examples
    --------
    >>> run("interact", "quadratic:seed=1", "ring:4", steps=20, alpha="1/20", beta=0.1).t[-1]
    np.int64(20)
    """
    from spiritlevel.cli import inputs
    from spiritlevel.core import algorithms, driver
    from spiritlevel.core.activity import activity as spelled
    from spiritlevel.core.errors import InputError
    from spiritlevel.core.metrics import METRICS
    from spiritlevel.core.noise import Additive

    if isinstance(algorithm, str):
        made = algorithms.algorithm(algorithm).parse({name: str(value) for name, value in hyper.items()})
    elif hyper:
        raise InputError(f"{', '.join(hyper)} given beside an algorithm that has its own; leave it out")
    else:
        made = algorithm
    over = inputs.schedule(network, weights)
    return driver.run(
        made,
        inputs.problem(problem, over.n),
        over,
        steps=steps,
        x0=x0,
        y0=y0,
        noise=Additive(float(noise)) if isinstance(noise, int | float) else noise,
        activity=activity if activity is None or hasattr(activity, "source") else spelled(str(activity)),
        seed=seed,
        replicas=replicas,
        record=record,
        metrics=tuple(METRICS) if metrics is None else metrics,
        progress=progress,
        jobs=jobs,
        limit=limit,
        keep_on_interrupt=keep_on_interrupt,
    )


def steps(
    statement: str,
    *,
    problem: str | os.PathLike[str] | SolvedProblem | None = None,
    network: str | os.PathLike[str] | Network | None = None,
    weights: str | None = None,
    constants: Mapping[str, Any] | None = None,
    at: Mapping[str, Any] | None = None,
    progress: Callable[[str], object] | None = None,
) -> Admission:
    """What a theorem's step-size list admits, which terms never bind or have wrong units, and which steps to take.

    With a quadratic problem also the exact stability limits. The suggestion is admitted by the repaired theorem, exactly.

    Parameters
    ----------
    statement
        Id of a statement that has a list of step sizes.
    problem, network, weights
        As in `run`.
    constants
        In place of a problem: constants by name (``inf`` where there is no bound), ``lam`` and ``m`` among them unless a
        network is given. Beside a problem: what else the list needs, such as a horizon ``T``.
    at
        Steps to check; texts such as ``"1/10"`` and ``"0.1"`` are exact.
    progress
        Told, in words, what is being computed: a stability limit of a large state takes minutes.

    Raises
    ------
    InputError
        If an argument cannot be used.

    Examples
    --------
    >>> found = steps("interact/thm1", problem="quadratic:seed=1", network="ring:4", at={"alpha": 1})
    >>> found.admissible, found.limit.conservatism > 1
    (False, True)
    >>> found.suggestion.statement, found.suggestion.radius < 1
    ('interact/thm1-repaired', True)
    """
    import collections.abc
    import dataclasses

    from spiritlevel.cli import inputs
    from spiritlevel.core.errors import InputError
    from spiritlevel.core.numbers import parse_number
    from spiritlevel.theory.step_lists import admission

    for name, given in (("at", at), ("constants", constants)):
        if given is not None and not isinstance(given, collections.abc.Mapping):
            raise InputError(f"{name} is {given!r}; give numbers by name, as in {{'alpha': '1/10'}}")
    rule = admission.rule_of(statement)
    asked = {name: parse_number(value, name) for name, value in (at or {}).items()}
    values = inputs.constants(constants or {})
    if problem is None and not values:
        needed = ", ".join(("mu", "L", "lam", "m", *rule.needs))
        raise InputError(
            f"give either a problem (with its network) or constants: {needed}, and others that are not 0"
        )
    beside = sorted(values.keys() - set(rule.needs)) if problem is not None else []
    if beside:
        known_here = f"only {', '.join(rule.needs)}" if rule.needs else "nothing"
        raise InputError(
            f"{', '.join(beside)} given beside a problem, which has constants of its own; give either a problem or constants "
            f"(beside a problem {rule.statement} needs {known_here})"
        )
    if network is None and (problem is not None or weights is not None):
        raise InputError("network is missing; a problem and a weight rule need one")
    over = None if network is None else inputs.network(network, weights)
    if problem is None or over is None:
        known = admission.setting(rule, values, over)
        return admission.examine(rule, *known, asked)
    solved = inputs.problem(problem, over.n)
    known = admission.setting(rule, dataclasses.asdict(solved.constants) | values, over)
    return admission.examine(rule, *known, asked, solved, over, progress)
