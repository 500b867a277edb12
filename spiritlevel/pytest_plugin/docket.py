"""What is to be judged in one session of pytest, and what was found."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Generator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pytest

from spiritlevel.pytest_plugin import output
from spiritlevel.pytest_plugin.collected import Collected
from spiritlevel.pytest_plugin.fields import unfit
from spiritlevel.pytest_plugin.items import MARKED, StatementItem

if TYPE_CHECKING:
    from spiritlevel.theory.statement import Level, Statement

CARRIED = "spiritlevel"  # the attribute of a test's report that takes its row from an xdist worker to the controller


class Catalogue(pytest.Collector):
    """The statements of the ledger that ``--spiritlevel`` asks for."""

    def __init__(self, *, docket: Docket, **rest: Any) -> None:
        super().__init__(**rest)
        self.docket = docket

    def collect(self) -> list[StatementItem]:
        """Their tests."""
        return self.docket.items(self, "", self.docket.asked)


class Docket:
    """The hooks of a session; its options are checked at once.

    Raises
    ------
    pytest.UsageError
        If a report could not be written, or a pattern matches no statement.
    """

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.folder = config.invocation_params.dir
        self.collected = Collected()
        self.selected = 0
        self.found: dict[str, tuple[Level, dict[str, Any]]] = {}
        self.remarks: list[tuple[str, bool]] = []
        worker = hasattr(config, "workerinput")  # of pytest-xdist: what it finds goes to the controller
        names = [] if worker else config.option.spiritlevel_report
        self.reports = [output.ready(name, self.folder) for name in names]
        _refuse_unknown_keywords(config.option.markexpr or "")
        self.asked: Sequence[Statement] = ()
        if patterns := config.option.spiritlevel:
            from spiritlevel.core.errors import InputError
            from spiritlevel.theory.ledger import select

            try:
                self.asked = select(patterns)
            except InputError as error:
                raise pytest.UsageError(f"--spiritlevel: {error}") from error

    @cached_property
    def levels(self) -> tuple[Level, ...]:
        """The option's; both if ``-m`` chooses by level; else quick."""
        if self.config.option.spiritlevel_level:
            return (self.config.option.spiritlevel_level,)
        chooses = re.search(r"\bspiritlevel\s*\([^)]*\blevel\s*=", self.config.option.markexpr or "")
        return ("quick", "full") if chooses else ("quick",)

    def items(
        self, parent: pytest.Collector, name: str, statements: Sequence[Statement]
    ) -> list[StatementItem]:
        """The tests of some statements: ``name[id]``, and at full level ``name[id@full]``."""
        made = []
        for s in statements:
            for level in self.levels:
                label = s.id if level == "quick" else f"{s.id}@{level}"
                full = f"{name}[{label}]" if name else label
                # Spelt out, so that pytest reads the brackets as those of a parameter: --lf looks for that.
                nodeid = f"{parent.nodeid}::{full}"
                item = StatementItem.from_parent(
                    parent, name=full, nodeid=nodeid, collected=self.collected, statement=s, level=level
                )
                self.collected.add(nodeid, s)
                made.append(item)
        return made

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Put the catalogue beside what the session collects."""
        report = yield
        if self.asked and isinstance(collector, pytest.Session) and report.passed:
            catalogue = Catalogue.from_parent(
                collector, name="spiritlevel", nodeid="spiritlevel", docket=self
            )
            report.result = [*report.result, catalogue]
        return report

    def pytest_pycollect_makeitem(
        self, collector: pytest.Module | pytest.Class, name: str, obj: object
    ) -> list[StatementItem] | None:
        """Make tests of the statements that have a test's name; an error if pytest would pass over some.

        Raises
        ------
        pytest.Collector.CollectError
            If they stand in a dictionary or a set, among other things, or in a ``unittest.TestCase``, or have a field of
            a wrong kind.
        """
        theory = sys.modules.get("spiritlevel.theory.statement")
        if theory is None:
            return None  # what was never imported is in no module
        unittest = sys.modules.get("unittest")
        if unittest and isinstance(obj, type) and issubclass(obj, unittest.TestCase):
            for inner, value in vars(obj).items():
                if collector.funcnamefilter(inner) and isinstance(value, theory.Statement):
                    raise collector.CollectError(
                        f"{name}.{inner} is a statement in a unittest.TestCase, where it is no test; "
                        "move it to the module or to a class without that base"
                    )
        if not collector.funcnamefilter(name):
            return None
        values: list[Any] = [obj]
        if isinstance(obj, Mapping):
            values = list(obj.values())
        elif isinstance(obj, tuple | list | set | frozenset):
            values = list(obj)
        found = [isinstance(value, theory.Statement) for value in values]
        if not any(found):
            return None
        if isinstance(obj, set | frozenset | Mapping) or not all(found):
            raise collector.CollectError(
                f"{name} is a {type(obj).__name__} that holds statements"
                f"{'' if all(found) else ' and other things'}; "
                "give a tuple of statements, or another name if they are no tests"
            )
        for s in values:
            if wrong := unfit(s):
                raise collector.CollectError(f"{name}, {s.id}: {wrong}")
        return self.items(collector, name, values)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Count what was selected."""
        self.selected = sum(isinstance(item, StatementItem) for item in session.items)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Give the row to pytest's own report of the test, which pytest-xdist takes to the controller."""
        report = yield
        if isinstance(item, StatementItem):
            row = item.row if call.when == "call" else None
            vars(report)[CARRIED] = {"of": self.selected, "level": item.level, "row": row}
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the row."""
        carried: Mapping[str, Any] = vars(report).get(CARRIED, {})
        if carried:
            self.selected = carried["of"]
            if carried["row"] is not None:
                self.found[report.nodeid] = (carried["level"], carried["row"])

    @cached_property
    def document(self) -> dict[str, Any]:
        """What the report says; of a statement judged at both levels, what the full one found."""
        from spiritlevel.reports.contents import contents

        done = sorted(self.found.values(), key=lambda pair: pair[0] == "full")
        return contents(
            {row["statement"]["id"]: row for _, row in done}.values(),
            level=" and ".join(dict.fromkeys(level for level, _ in done)),
            missing=self.selected - len(self.found),
            version=sys.modules["spiritlevel"].__version__,
        )

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the reports, also after an interruption."""
        for path in self.reports:
            shown = os.path.relpath(path, self.folder)
            if not self.found:
                self.remarks.append((f"no statement was judged, so {shown} is not written", False))
                continue
            from spiritlevel.core.errors import InputError

            try:
                output.write(self.document, path)
                self.remarks.append((f"written to {shown}", True))
            except InputError as error:
                self.remarks.append((str(error), False))
                session.exitstatus = pytest.ExitCode.USAGE_ERROR
            except Exception as error:  # noqa: BLE001 - one report that fails must not cost the others
                self.remarks.append((f"cannot write {shown}: {type(error).__name__}: {error}", False))
                session.exitstatus = pytest.ExitCode.INTERNAL_ERROR

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what was found and where it is written; nothing if no statement was judged or asked for."""
        if self.found or self.remarks:
            terminalreporter.write_sep("=", "spiritlevel")
        if self.found:
            output.summary(terminalreporter, self.document)
        for remark, good in self.remarks:
            terminalreporter.write_line(remark, red=not good)


def _refuse_unknown_keywords(expression: str) -> None:
    """Pytest would select nothing by them, without a word."""
    for inside in re.findall(r"\bspiritlevel\s*\(([^)]*)\)", expression):
        for keyword in re.findall(r"(\w+)\s*=", re.sub(r"'[^']*'|\"[^\"]*\"", "", inside)):
            if keyword not in MARKED:
                raise pytest.UsageError(
                    f"-m: the marker spiritlevel has no {keyword!r}; it has {', '.join(MARKED)}"
                )
