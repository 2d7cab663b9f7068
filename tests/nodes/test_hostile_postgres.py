"""What hostile names and values make of a database: a named error, or the row that was meant."""

from collections.abc import Iterator
from contextlib import nullcontext, suppress
from typing import Any

import pytest

from apps.engine.errors import NodeError
from apps.nodes.context import Services
from apps.nodes.registry import library
from tests.nodes.databases import Database
from tests.nodes.hostile import cases
from tests.nodes.outside import database_with
from tests.nodes.twins import run_step

TABLES = "CREATE TABLE t (a text); CREATE TABLE other (n int); INSERT INTO other VALUES (1)"
OBJECTS = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1"


@pytest.fixture
def database(postgres_url: str, services: Services) -> Iterator[Database]:
    with database_with(TABLES, postgres_url, services) as database:
        yield database


@pytest.mark.parametrize(
    "case", cases("injection.jsonl", lambda case: case["family"] == "postgres")
)
def test_a_value_is_bound_and_a_name_is_quoted_or_refused(case: Any, database: Database) -> None:
    [(what, text)] = case["params"].items()
    postgres = library().find("postgres", 1)
    assert postgres is not None
    params = {
        "credential": "db",
        "operation": "insert",
        "table": text if what == "table" else "t",
        "columns": {text if what == "column" else "a": text if what == "value" else "x"},
    }
    assert postgres.check(params) == []
    with suppress(NodeError) if what != "value" else nullcontext():
        run_step(postgres, params)
    assert database.execute(OBJECTS) == [("other",), ("t",)]
    assert database.execute("SELECT n FROM other") == [(1,)]
    assert database.execute("SELECT a FROM t") == ([(text,)] if what == "value" else [])
