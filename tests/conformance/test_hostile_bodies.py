"""Hostile request bodies at the door of the webhooks: taken exactly, or refused by name."""

import asyncio
import base64
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from django.conf import settings

from apps.runs.create import trigger_items
from apps.runs.models import Run
from apps.triggers.hooks.ingress import hooks
from apps.workflows.activate import activate_workflow
from tests.conformance.folders import cases_folder, read_cases
from tests.factories import make_version
from tests.graphs import graph, node

FOLDER = cases_folder("HOSTILE_DIR")
SURROGATE = re.compile("[\ud800-\udfff]")


@pytest.fixture
def hook(transactional_db: None) -> None:
    version = make_version(
        graph=graph([node("hook", "webhook", params={"path": "x"})]), is_published=True
    )
    activate_workflow(version.workflow, by=None)


def parts_of(case: dict[str, Any]) -> list[tuple[bytes, int]]:
    if "body_b64" in case:
        return [(base64.b64decode(case["body_b64"]), 1)]
    return [(base64.b64decode(unit), times) for unit, times in case.get("gen") or []]


def is_too_large(case: dict[str, Any]) -> bool:
    return sum(len(unit) * times for unit, times in parts_of(case)) > settings.MAX_BODY_BYTES


CASES = [*read_cases(FOLDER, "json-edge.jsonl"), *read_cases(FOLDER, "bodies.jsonl")]


@pytest.mark.parametrize("case", [case for case in CASES if is_too_large(case.values[0])])
def test_a_body_that_is_too_large_is_refused_before_it_is_read_whole(case: dict[str, Any]):
    sent = 0

    async def stream() -> AsyncIterator[bytes]:
        nonlocal sent
        for unit, times in parts_of(case):
            at_once = max(1, 65536 // len(unit))
            for begun in range(0, times, at_once):
                chunk = unit * min(at_once, times - begun)
                sent += len(chunk)
                yield chunk

    answer = post({"content-type": "application/json"}, stream())
    assert answer.status_code == 413
    assert answer.json()["errors"][0]["code"] == "too_large"
    assert sent <= settings.MAX_BODY_BYTES + 65536
    assert "reject" in case["ok"]


@pytest.mark.parametrize("case", [case for case in CASES if not is_too_large(case.values[0])])
def test_a_hostile_body_is_taken_exactly_or_refused_by_name(case: dict[str, Any], hook: None):
    body = b"".join(unit * times for unit, times in parts_of(case))
    headers = {"content-type": case.get("content_type", "application/json")}
    headers |= {name.lower(): value for name, value in (case.get("headers") or {}).items()}
    answer = post(headers, body)
    if answer.status_code == 202:
        given = trigger_items(Run.objects.get(pk=answer.json()["run"]))[0]["json"]["body"]
        if "json" in headers["content-type"] and body:
            assert given == without_surrogates(json.loads(body.decode("utf-8-sig")))
    else:
        assert 400 <= answer.status_code < 500
        [fault] = answer.json()["errors"]
        assert fault["code"]
        assert fault["message"]
        assert not Run.objects.exists()
    assert ("accept" if answer.status_code == 202 else "reject") in case["ok"]


def post(headers: dict[str, str], body: bytes | AsyncIterator[bytes]) -> httpx.Response:
    fields = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(hooks)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.post("/hooks/x", content=body, headers=fields)

    return asyncio.run(ask())


def without_surrogates(value: Any) -> Any:
    """Lone surrogates are kept as U+FFFD, the same on both databases."""
    if isinstance(value, str):
        return SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [without_surrogates(each) for each in value]
    if isinstance(value, dict):
        return {without_surrogates(key): without_surrogates(each) for key, each in value.items()}
    return value
