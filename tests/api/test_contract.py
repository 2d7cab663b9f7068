"""The OpenAPI document holds what was promised, and the API answers as the document says."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from django.core import signals
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.routes import Scene
from tests.api.rows import input_payload, webhook_listener
from tests.factories import make_api_key

Operation = tuple[str, str]


def operations(table: str) -> set[Operation]:
    """Each line: methods, and the paths that answer to them."""
    found = set()
    for line in table.strip().splitlines():
        methods, *paths = line.split()
        found |= {(method, path) for method in methods.split(",") for path in paths}
    return found


PROMISED = operations("""
    POST /auth/login /auth/logout
    GET /me
    GET,POST /workspaces /workspaces/{}/members /workspaces/{}/api-keys
    GET,PATCH /workspaces/{}
    GET,POST /workspaces/{}/variables
    GET,PATCH,DELETE /workspaces/{}/variables/{}
    GET /workspaces/{}/audit
    GET,POST /workflows
    GET,PATCH,DELETE /workflows/{}
    GET,PUT /workflows/{}/draft
    GET,POST /workflows/{}/versions
    GET /workflows/{}/versions/{} /workflows/{}/versions/{}/diff
    POST /workflows/{}/validate
    POST /workflows/{}/publish /workflows/{}/activate /workflows/{}/deactivate
    POST /workflows/{}/archive /workflows/{}/runs
    GET /runs /runs/{} /runs/{}/steps /runs/{}/steps/{} /payloads/{}
    POST /runs/{}/cancel /runs/{}/retry /runs/{}/resume
    GET /polls
    POST /polls/{}/look
    GET /schedules /schedules/{}/next /schedules/{}/fires
    GET,PATCH /schedules/{}
    POST /schedules/preview /schedules/{}/backfill
    GET /node-types /node-types/{} /samples
    POST /import/n8n /import/n8n/convert
    POST /expressions/evaluate
    GET,POST /credentials
    GET,PATCH,DELETE /credentials/{}
    POST /credentials/{}/test /credentials/{}/authorize
    GET /oauth/callback
    GET /credential-types
    GET /hooks /hook-requests /hook-requests/{} /listeners/{}
    GET,POST /alerts/rules
    GET,PATCH,DELETE /alerts/rules/{}
    PUT,DELETE /alerts/rules/{}/silence
    POST /alerts/rules/{}/test /alerts/deliveries/{}/redeliver
    GET /alerts /alerts/{} /alerts/deliveries /alerts/deliveries/{}
    POST /hook-requests/{}/replay /workflows/{}/listen
""")
"""What a client may rely on; streams and what lies outside `/api/v1` have tests of their own."""

LATER = operations("")
"""Promised, and not built yet. This list only shrinks: what is built moves to the other."""


def documented() -> set[Operation]:
    paths = SchemaGenerator().get_schema(public=True)["paths"]
    return {
        (method.upper(), re.sub(r"\{\w+\}", "{}", path.removeprefix("/api/v1")))
        for path, methods in paths.items()
        for method in methods
        if method in ("get", "post", "put", "patch", "delete")
    }


def test_the_document_has_all_that_was_promised() -> None:
    assert documented() >= PROMISED


def test_what_is_built_is_no_longer_listed_as_missing() -> None:
    assert not documented() & LATER


# --- Whatever is asked, the answer is as the document says ---------------------------------------


api = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(public=True))
api.app = get_wsgi_application()


@pytest.fixture
def open_connection(db: None) -> Iterator[None]:
    """Keep the test's database open, as Django's own test client does."""
    ends = (signals.request_started, signals.request_finished)
    for signal in ends:
        signal.disconnect(close_old_connections)
    yield
    for signal in ends:
        signal.connect(close_old_connections)


@pytest.fixture
def ids(open_connection: None) -> dict[str, Any]:
    """What there is: by the beginning of a path, the value of each of its parameters."""
    scene = Scene()
    return {
        "key": make_api_key(scene.workspace)[1],
        "workspaces": {
            "id": scene.workspace.pk,
            "member": scene.member.pk,
            "key": scene.api_key.pk,
            "variable": scene.variable.pk,
        },
        "workflows": {"id": scene.workflow.pk, "number": 1},
        "runs": {"id": scene.waiting_run.pk, "step": scene.step.pk},
        "polls": {"id": scene.poll.pk},
        "schedules": {"id": scene.schedule.pk},
        "payloads": {"id": input_payload(scene.ended_run).pk},
        "node-types": {"type": "http_call"},
        "hook-requests": {"id": scene.hook_request.pk},
        "listeners": {"id": webhook_listener(scene.workflow).pk},
    }


CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@api.parametrize()
@settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_the_api_answers_as_its_document_says(case: Any, ids: dict[str, Any]) -> None:
    headers = {"Authorization": f"Bearer {ids['key']}"}
    case.call_and_validate(headers=headers, checks=CHECKS)
    known = ids.get(case.operation.path.split("/")[3], {})
    there = {name: plain(known[name]) for name in case.path_parameters if name in known}
    if there:  # else it would be asked the same again
        case.path_parameters.update(there)
        case.call_and_validate(headers=headers, checks=CHECKS)


def plain(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value
