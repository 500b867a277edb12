"""What the tests of the step-size advisor share."""

from __future__ import annotations

from fractions import Fraction

from typer.testing import CliRunner

from spiritlevel.cli.main import app
from spiritlevel.core.constants import Constants

C = Constants(mu_g=1, L_g=3, C_gxy=1, L_fx=1, L_fy=2, C_fy=1)
HALF = Fraction(1, 2)


def call(*arguments: str, code: int = 0) -> str:
    """What ``spiritlevel steps`` prints, on one line."""
    result = CliRunner().invoke(app, ["steps", *arguments], env={"COLUMNS": "80", "FORCE_COLOR": None})
    assert result.exit_code == code, result.output
    return " ".join(result.stdout.split())
