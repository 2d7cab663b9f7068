"""Hostile bodies from HOSTILE_DIR at a hook: a run that keeps them exactly, or a named refusal."""

import json
from typing import Any

import pytest

from apps.engine.encoding import encode
from apps.runs.create import trigger_items
from apps.runs.models import Run
from apps.versions.publish import publish_version
from apps.workflows.activate import activate_workflow
from tests.api.test_hostile import body_of, cases
from tests.factories import make_version
from tests.graphs import graph, node
from tests.triggers.test_hooks import code_of, send

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def listening() -> None:
    hook = node("in", "webhook", params={"path": "hostile"})
    version = make_version(graph=graph([hook, node("end")], ["in -> end"]))
    activate_workflow(publish_version(version, by=None), by=None)


@pytest.mark.parametrize("name", ["json-edge.jsonl", "bodies.jsonl"])
def test_a_hook_takes_what_is_json_and_names_what_is_wrong_with_the_rest(name: str) -> None:
    for case in cases(name):
        answer = send("hostile", body_of(case), case.get("content_type") or "application/json")
        is_taken = answer.status == 202
        assert ("accept" if is_taken else "reject") in case["ok"], (case["id"], answer)
        assert is_taken == Run.objects.exists(), case["id"]
        if not is_taken:
            assert 400 <= answer.status < 500, case["id"]
            assert code_of(answer), case["id"]
        Run.objects.all().delete()


def test_a_value_that_is_taken_is_the_value_that_was_sent() -> None:
    for case in cases("json-edge.jsonl"):
        body = body_of(case)
        if send("hostile", body).status == 202 and body:
            [item] = trigger_items(Run.objects.get())
            assert item["json"]["body"] == meant(body), case["id"]
        Run.objects.all().delete()


def meant(body: bytes) -> Any:
    """The value of JSON; half characters can be kept nowhere."""
    value = json.loads(body.decode("utf-8-sig"))
    return json.loads(encode(value))
