"""Steps of the type Email."""

from collections.abc import Sequence

import pytest

from apps.engine.errors import NodeError
from apps.engine.graph import Node, OnError
from apps.engine.items import Items, Json
from apps.engine.outcomes import Done
from apps.nodes.registry import library
from tests.nodes.twins import MemoryAttempt, make_call

ASKED: dict[str, Json] = {"from": "shop@x.test", "to": "ada@x.test", "subject": "Hi", "text": "Ho"}


def ran(
    params: dict[str, Json],
    takes: Sequence[Json] = ({},),
    on_error: OnError = "stop",
    attempt: MemoryAttempt | None = None,
) -> Items:
    type = library().find("email", 1)
    assert type is not None
    assert type.check(params) == []
    call = make_call(
        type, params, takes, node=Node("n1", "email", "Step", params, on_error=on_error)
    )
    outcome = type.prepare(call).run(attempt or MemoryAttempt())
    assert isinstance(outcome, Done)
    return outcome.outputs["main"]


def failure(params: dict[str, Json], takes: Sequence[Json] = ({},)) -> NodeError:
    with pytest.raises(NodeError) as raised:
        ran(params, takes)
    return raised.value
