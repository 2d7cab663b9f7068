"""Where cases lie that are not part of this repository."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

BESIDE = Path(__file__).parents[3] / "shared"
DEFAULTS = {"CONFORMANCE_DIR": BESIDE / "conformance/dev", "HOSTILE_DIR": BESIDE / "hostile"}


def folder_of(variable: str) -> Path:
    """The folder that an environment variable names, or else where the cases may lie."""
    return Path(os.environ.get(variable) or DEFAULTS[variable])


def cases_folder(variable: str) -> Path:
    """The folder of these cases; where it is not there, the calling module is left out. In CI, and
    where the variable was set, that is a failure."""
    folder = folder_of(variable)
    if not folder.is_dir():
        reason = f"LEFT OUT: the cases of {variable}: there is no folder {folder}"
        if must_be_there(variable):
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason, allow_module_level=True)
    return folder


def must_be_there(variable: str) -> bool:
    """Whether cases that are missing are a failure: nothing is left out in CI, or asked in vain."""
    return os.environ.get("CI") == "true" or bool(os.environ.get(variable))


def read_cases(folder: Path, name: str) -> list[Any]:
    """The cases of a file of JSON lines, as pytest parameters named by their ids."""
    lines = (folder / name).read_text().splitlines()
    cases = [json.loads(line) for line in lines if line.strip()]
    return [pytest.param(case, id=case["id"]) for case in cases]
