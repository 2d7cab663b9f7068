"""The hostile cases that lie outside the repository."""

import json
from typing import Any

import pytest

from tests.conformance.folders import folder_of, must_be_there

FOLDER = folder_of("HOSTILE_DIR")


def cases(file: str, wanted: Any = lambda case: True) -> list[Any]:
    """The cases of a file as parameters of a test; one that says so where they are missing."""
    path = FOLDER / file
    if not path.is_file():
        if must_be_there("HOSTILE_DIR"):
            raise FileNotFoundError(f"HOSTILE_DIR has no {file}")
        mark = pytest.mark.skip(reason=f"LEFT OUT: {path} is not there (HOSTILE_DIR)")
        return [pytest.param({}, marks=mark, id=f"{file}-missing")]
    read = [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
    return [pytest.param(case, id=case["id"]) for case in read if wanted(case)]
