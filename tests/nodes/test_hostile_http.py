"""What hostile params make an HTTP Call send: nothing, or what was meant."""

from collections.abc import Mapping
from typing import Any

import pytest

from apps.engine.errors import FlowForgeError
from apps.engine.items import Json
from apps.nodes.context import Services, bound
from apps.nodes.contract import NodeType
from apps.nodes.outside.egress import EgressPolicy
from apps.nodes.registry import library
from tests.nodes.hostile import cases
from tests.nodes.servers import Reply, serving
from tests.nodes.twins import run_step

FRAMING = {"connection", "content-length", "transfer-encoding", "host"}


@pytest.mark.parametrize(
    "case", cases("injection.jsonl", lambda case: case["family"].startswith("http-"))
)
def test_a_hostile_param_is_refused_or_sent_clean(case: Any, services: Services) -> None:
    http_call = library().find("http_call", 1)
    assert http_call is not None
    with serving(Reply()) as server:
        url = case["params"].get("url", "http://{trap}/").replace("{trap}", server.url[7:])
        allowed = EgressPolicy([f"127.0.0.1:{server.port}"])
        with bound(Services(sandbox=services.sandbox, egress=allowed)):
            error = error_of(http_call, {**case["params"], "url": url})
    if error is not None:
        assert error.code in {"invalid_params", "invalid_header", "invalid_url"}
        assert server.seen == []
        return
    [sent] = server.seen
    assert case.get("never_header", "").lower() not in {name.lower() for name, _ in sent.headers}
    assert not any(name.lower() in FRAMING and value == "evil" for name, value in sent.headers)


def error_of(type: NodeType, params: Mapping[str, Json]) -> FlowForgeError | None:
    try:
        run_step(type, params)
    except FlowForgeError as error:
        return error
    return None
