"""The pytest plugin: statements are tests, and their verdicts become a report.

A `Statement` in a test module, or a tuple or list of them, is a test if its name is one (``test_*``, or what
``python_functions`` says); under another name, as most are imported, it is none. The test judges the statement and
fails unless the verdict is the expected one::

    test_stable = Statement(id="own/stable", ...)

A verdict counts as inconclusive if its evidence is not in order: a witness that does not hold, samples without error
rates, or no `Finding` at all.

``--spiritlevel 'interact/*'`` judges claims of the built-in ledger too, ``--spiritlevel-report=FILE.html`` (or
``.json``) writes what was found, ``-m "spiritlevel(kind='rate')"`` selects. Statements that sample share a
false-alarm budget: those of the ledger have theirs, all others that are collected (before ``-k`` and ``-m`` select)
share a second one of the same size.

Nothing else of this package is imported before a statement is collected or asked for.
"""

from __future__ import annotations

import pytest

from spiritlevel.pytest_plugin.docket import Docket
from spiritlevel.pytest_plugin.items import MARKED

MARKER = (
    f"spiritlevel({', '.join(MARKED)}): on every statement; select with "
    "-m \"spiritlevel(paper='interact', kind='rate')\", where paper is what stands before the id's slash"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Which statements, how hard to look, what to write."""
    group = parser.getgroup("spiritlevel", "spiritlevel: claims and verdicts")
    group.addoption(
        "--spiritlevel",
        action="append",
        default=[],
        metavar="PATTERN",
        help="judge statements of the built-in ledger too, such as 'interact/*'; repeatable",
    )
    group.addoption(
        "--spiritlevel-level",
        choices=("quick", "full"),
        help="how hard the checks look; quick, unless -m \"spiritlevel(level='full')\" says otherwise",
    )
    group.addoption(
        "--spiritlevel-report",
        action="append",
        default=[],
        metavar="FILE",
        help="write what was found as a page (FILE.html) or as data (FILE.json); repeatable",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and refuse options that could not be served, before anything runs."""
    config.addinivalue_line("markers", MARKER)
    config.pluginmanager.register(Docket(config), "spiritlevel-docket")
