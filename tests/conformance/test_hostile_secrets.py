"""Hostile cases of secrets: a canary in a credential is found nowhere outside of the vault."""

import resource
from collections.abc import Callable
from typing import Any

import pytest

from tests.conformance.folders import cases_folder, read_cases
from tests.credentials.canaries import World, world
from tests.credentials.leaks import LEAKS
from tests.credentials.surfaces import SURFACES
from tests.factories import make_workspace

pytestmark = pytest.mark.django_db(transaction=True)

FOLDER = cases_folder("HOSTILE_DIR")
WAYS: dict[str, tuple[str, ...]] = {
    "admin-change-history": ("admin",),
    "admin-list": ("admin",),
    "audit-log": ("api",),
    "celery-message-in-redis": ("messages",),
    "celery-traceback": ("failing task",),
    "channel-layer-message": ("messages",),
    "environment-of-child": ("processes",),
    "expression-error": ("expression that fails",),
    "expression-result": ("expression", "expression, respelled"),
    "header-echo": ("header", "basic"),
    "health-endpoint": ("public",),
    "http-401-body-echo": ("refused", "refused, gone on"),
    "http-connect-error": ("query, no connection", "query, no such name"),
    "http-redirect-url": ("redirect",),
    "input_json": ("body", "thrown"),
    "openapi-example": ("public",),
    "output_json": ("body", "large"),
    "postgres-auth-error": ("postgres, refused",),
    "postgres-dsn-error": ("postgres, no such host", "postgres, no connection"),
    "process-arguments": ("processes",),
    "query-parameter": ("query",),
    "run-error_message": ("refused", "thrown"),
    "slack-error": ("slack",),
    "smtp-error": ("mail",),
    "sse-event": ("logged", "refused"),
    "step-log": ("logged",),
    "timeout-error": ("query, no answer",),
    "transform-throw": ("thrown",),
    "truncated-long-field": ("long", "large", "thrown and long"),
    "url-userinfo": ("redirect",),
    "version-diff": ("api",),
    "web-log": ("failing view",),
    "websocket-event": ("messages", "logged"),
    "workflow-export": ("api",),
}
"""Where each family of cases is provoked."""


@pytest.mark.parametrize("case", read_cases(FOLDER, "secrets.jsonl"))
def test_a_canary_is_found_nowhere(case: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    if case["family"] == "crash-of-worker-core":
        assert resource.getrlimit(resource.RLIMIT_CORE)[0] == 0
        return
    with world(case["canary"], case["form"], make_workspace()) as here:
        for way in WAYS[case["family"]]:
            provoke(way, monkeypatch)(here)
        assert ("present" if here.found() else "absent") in case["ok"], here.found()


def provoke(way: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[World], None]:
    if way in LEAKS:
        return LEAKS[way]
    return lambda here: SURFACES[way](here, monkeypatch)
