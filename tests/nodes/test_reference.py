"""The reference of the node types: complete, and in order."""

import re

import pytest

from apps.nodes.conditions.operations import OPERATIONS
from apps.nodes.contract import NodeType
from apps.nodes.reference import page, pages
from apps.nodes.registry import library

TYPES = library().all()
every_type = pytest.mark.parametrize("type", TYPES, ids=lambda type: type.type)


@every_type
def test_a_page_tells_every_parameter_and_example(type: NodeType) -> None:
    text = page(type)
    for name in type.describe()["params_schema"].get("properties", {}):
        assert f"| `{name}` |" in text
    assert len(re.findall(r"^## Example", text, re.MULTILINE)) == len(type.examples)


@every_type
def test_every_row_of_a_table_has_as_many_cells_as_its_head(type: NodeType) -> None:
    for table in re.findall(r"(?:^\|.*\n)+", page(type), re.MULTILINE):
        rows = [len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()]
        assert len(set(rows)) == 1, table


def test_the_index_leads_to_every_page() -> None:
    made = pages(TYPES)
    links = set(re.findall(r"\]\((\w+\.md)\)", made["index.md"]))
    assert links == made.keys() - {"index.md"}


@pytest.mark.parametrize("type", ["filter", "condition", "switch"])
def test_what_takes_conditions_leads_to_the_operations(type: str) -> None:
    assert "](conditions.md)" in pages(TYPES)[f"{type}.md"]


def test_what_is_chosen_by_its_name_is_told_to_be_an_id() -> None:
    assert "| `workflow` | id of a workflow | required |" in pages(TYPES)["run_workflow.md"]


def test_every_operation_of_conditions_stands_in_the_reference() -> None:
    text = pages(TYPES)["conditions.md"]
    assert "| `gt` | is greater than | yes |" in text
    assert "| `notEmpty` | is there | no |" in text
    for type, operations in OPERATIONS.items():
        section = text.partition(f"## {type}\n")[2].partition("\n## ")[0]
        assert all(f"| `{name}` |" in section for name in operations)
