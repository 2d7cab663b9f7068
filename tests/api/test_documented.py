"""`docs/api.md` names exactly what the API has: every path with every method, and every status."""

import re
from pathlib import Path

import pytest
from django.db.models import TextChoices
from drf_spectacular.generators import SchemaGenerator

from apps.runs.states import RunStatus, StepStatus, Trigger

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}
TABLE = re.compile(r"^## Resources\n(.*?)^## ", re.DOTALL | re.MULTILINE)
NOT_IN_THE_TABLE = {("GET", "/schema")}

Operation = tuple[str, str]


def test_the_page_and_the_api_name_the_same() -> None:
    assert documented() == built() - NOT_IN_THE_TABLE


@pytest.mark.parametrize(
    ("said", "known"),
    [("a run is", RunStatus), ("a step\n", StepStatus), ("Triggers of runs:", Trigger)],
    ids=["statuses of runs", "statuses of steps", "triggers of runs"],
)
def test_the_page_names_every_status_and_trigger(said: str, known: type[TextChoices]) -> None:
    sentence = PAGE.read_text().partition(f" {said}")[2]
    assert set(re.findall(r"`(\w+)`", re.split("[.;]", sentence)[0])) == set(known.values)


def built() -> set[Operation]:
    paths = SchemaGenerator().get_schema(public=True)["paths"]
    return {
        (method.upper(), without_names(path.removeprefix("/api/v1")))
        for path, operations in paths.items()
        for method in operations
        if method.upper() in METHODS
    }


def documented() -> set[Operation]:
    """What stands in the first column of the table."""
    found = TABLE.search(PAGE.read_text())
    assert found is not None
    rows = [line.split("|")[1] for line in found[1].splitlines() if line.startswith("| `")]
    return {operation for row in rows for operation in operations_of(row)}


def operations_of(cell: str) -> set[Operation]:
    """Each path of a cell with the methods before it: "`GET`, `POST` `/a`<br>`GET` `/a/{id}`"."""
    operations: set[Operation] = set()
    methods: list[str] = []
    path = ""
    for code in re.findall(r"`([^`]+)`", cell):
        for word in code.split():
            if word in METHODS:
                methods = [word] if path else [*methods, word]
                path = ""
            elif word.startswith("/"):
                path = without_names(word.partition("?")[0])
                operations |= {(method, path) for method in methods}
    return operations


def without_names(path: str) -> str:
    """A path whose parameters have no names."""
    return re.sub(r"\{\w+\}", "{}", path)
