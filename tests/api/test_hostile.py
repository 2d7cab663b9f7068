"""Hostile inputs from HOSTILE_DIR: the same verdict everywhere, and never a 5xx."""

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest
from django.utils.html import escape

from apps.engine.encoding import encode
from apps.workflows.models import Workflow
from tests.clients import ApiClient, faults
from tests.conformance.folders import cases_folder
from tests.factories import make_api_key, make_user, make_workflow, make_workspace
from tests.graphs import graph, node

pytestmark = pytest.mark.django_db


def cases(name: str) -> list[dict[str, Any]]:
    folder = cases_folder("HOSTILE_DIR")
    return [json.loads(line) for line in (folder / name).read_text().splitlines()]


def body_of(case: dict[str, Any]) -> bytes:
    if "body_b64" in case:
        return base64.b64decode(case["body_b64"])
    return b"".join(base64.b64decode(unit) * times for unit, times in case["gen"])


def test_naughty_strings_are_names_that_come_back_exactly() -> None:
    client = ApiClient(make_api_key()[1])
    for case in cases("naughty-strings.jsonl"):
        text = base64.b64decode(case["s_b64"]).decode()
        made = client.post("workflows", {"name": text})
        assert made.status_code == 201, case["id"]
        shown = client.get(f"workflows/{made.json()['id']}").json()["name"]
        assert shown == text, case["id"]
        found = client.get(f"workflows?limit=200&search={quote(text)}").json()["results"]
        assert text in [row["name"] for row in found], case["id"]


def test_naughty_strings_are_kept_exactly_in_graphs() -> None:
    workflow = make_workflow()
    client = ApiClient(make_user(workflow.workspace))
    path = f"workflows/{workflow.pk}/draft"
    for revision, case in enumerate(cases("naughty-strings.jsonl")):
        text = base64.b64decode(case["s_b64"]).decode()
        written = graph([node("a", "manual"), node("b", params={text: [text]}, notes=text)])
        saved = client.put(path, {"graph": written, "revision": revision})
        assert saved.status_code == 200, case["id"]
        assert encode(client.get(path).json()["graph"]) == encode(written), case["id"]


def test_naughty_strings_are_escaped_in_the_admin() -> None:
    workspace = make_workspace()
    admin = ApiClient(make_user(workspace, is_staff=True))
    texts = [base64.b64decode(c["s_b64"]).decode() for c in cases("naughty-strings.jsonl")]
    texts = [text for text in texts if "<" in text]
    for text in texts:
        make_workflow(workspace, name=text)
    answer = admin.get("/admin/workflows/workflow/").content.decode()
    assert [text for text in texts if text in answer] == []
    assert sum(escape(text) in answer for text in texts) == len(texts)


# No transaction around the test: it would rest for as long as a gigabyte takes to be made.
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["json-edge.jsonl", "bodies.jsonl"])
def test_hostile_bodies_are_answered_with_a_named_4xx(name: str) -> None:
    client = ApiClient(make_api_key()[1])
    for case in cases(name):
        content_type = case.get("content_type") or "application/json"
        answer = client.post("workflows", body_of(case), content_type=content_type)
        if answer.status_code == 201:
            assert "accept" in case["ok"], case["id"]
            continue
        assert 400 <= answer.status_code < 500, case["id"]
        assert faults(answer), case["id"]
        for text in case.get("never", []):
            assert text not in answer.content.decode(), case["id"]
    assert client.post("workflows", {"name": "still alive"}).status_code == 201


def test_json_that_is_none_is_refused_before_anything_else() -> None:
    client = ApiClient(make_api_key()[1])
    for case in cases("json-edge.jsonl"):
        if case["ok"] == ["reject"]:
            assert client.post("workflows", body_of(case)).status_code in {400, 413}, case["id"]
    assert not Workflow.objects.exists()


def test_hostile_graphs_get_their_verdict() -> None:
    workflow = make_workflow()
    client = ApiClient(make_user(workflow.workspace))
    for case in cases("graphs.jsonl"):
        if "gen" in case or "$repeat" in json.dumps(case["graph"]):
            continue  # judged where the validation is tested
        body = {"graph": case["graph"]}
        told = client.post(f"workflows/{workflow.pk}/validate", body)
        assert told.status_code == 200, case["id"]
        saved = client.post(f"workflows/{workflow.pk}/versions", body)
        is_accepted = not told.json()["errors"]
        assert saved.status_code in ({201, 200} if is_accepted else {422}), case["id"]
        if not is_accepted:
            assert faults(saved), case["id"]
