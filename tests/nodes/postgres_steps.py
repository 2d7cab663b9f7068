"""Steps of the type Postgres, on tables that are there for them."""

from collections.abc import Sequence

import pytest

from apps.engine.errors import NodeError
from apps.engine.graph import Node, OnError
from apps.engine.items import Item, Json
from apps.engine.outcomes import Done
from apps.nodes.registry import library
from tests.nodes.twins import MemoryAttempt, make_call

TABLE = """
CREATE TABLE people (id serial PRIMARY KEY, name text NOT NULL UNIQUE, age int);
CREATE TABLE untouched (n int);
"""


def ran(
    params: dict[str, Json],
    takes: Sequence[Json] = ({},),
    on_error: OnError = "stop",
    attempt: MemoryAttempt | None = None,
) -> list[Item]:
    """The items that the node gives by its first output."""
    type = library().find("postgres", 1)
    assert type is not None
    params = {"credential": "db", "table": "people", **params}
    assert type.check(params) == []
    call = make_call(
        type, params, takes, node=Node("n1", "postgres", "Step", params, on_error=on_error)
    )
    outcome = type.prepare(call).run(attempt or MemoryAttempt())
    assert isinstance(outcome, Done)
    return outcome.outputs["main"]


def rows(params: dict[str, Json], takes: Sequence[Json] = ({},)) -> list[Json]:
    return [item.json for item in ran(params, takes)]


def failure(params: dict[str, Json], takes: Sequence[Json] = ({},)) -> NodeError:
    with pytest.raises(NodeError) as raised:
        ran(params, takes)
    return raised.value
