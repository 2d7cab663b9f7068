"""What the page on expressions says that an expression gives, it gives."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from apps.expressions.history import MemoryHistory
from apps.expressions.sandbox import Sandbox
from apps.expressions.scope import Scope
from apps.expressions.template import compile_params, resolve

PAGE = Path(__file__).parents[2] / "docs" / "expressions.md"
ROW = re.compile(r"^\| `(=.*)` \| (?:`(.*)`|undefined) \|$", re.MULTILINE)
ITEM = re.compile(r"```json\n(.*?)```", re.DOTALL)
EXAMPLES = [(code.replace("\\`", "`"), gives) for code, gives in ROW.findall(PAGE.read_text())]


@pytest.fixture(scope="module")
def scope() -> Scope:
    [item] = ITEM.findall(PAGE.read_text())
    return Scope(
        items=[{"json": json.loads(item)}],
        history=MemoryHistory({"Orders": [{"json": {"id": 7}}, {"json": {"id": 8}}]}),
        timezone="Europe/Riga",
        now=datetime(2026, 3, 28, 12, tzinfo=UTC),
    )


def test_the_page_has_examples() -> None:
    assert len(EXAMPLES) > 20


@pytest.mark.parametrize(("code", "gives"), EXAMPLES, ids=[code for code, _ in EXAMPLES])
def test_an_example_gives_what_the_page_says(
    code: str, gives: str, scope: Scope, sandbox: Sandbox
) -> None:
    [params] = resolve(compile_params({"value": code}), scope, sandbox).params
    wanted: dict[str, Any] = {"value": json.loads(gives)} if gives else {}
    assert params == wanted
