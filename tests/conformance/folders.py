"""Where cases lie that are not part of this repository."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

BESIDE = Path(__file__).parents[3] / "shared"


def cases_folder(variable: str, default: str) -> Path:
    """The folder that an environment variable names; without it the calling module is left out.

    That is no failure in CI either, unless the variable is set: the machine lacks nothing, the
    cases are just not part of this repository.
    """
    folder = Path(os.environ.get(variable) or BESIDE / default)
    if not folder.is_dir():
        reason = f"LEFT OUT: the cases of {variable}: there is no folder {folder}"
        if os.environ.get(variable):
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason, allow_module_level=True)
    return folder


def read_cases(folder: Path, name: str) -> list[Any]:
    """The cases of a file of JSON lines, as pytest parameters named by their ids."""
    lines = (folder / name).read_text().splitlines()
    cases = [json.loads(line) for line in lines if line.strip()]
    return [pytest.param(case, id=case["id"]) for case in cases]
