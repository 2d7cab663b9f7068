"""What a graph says and FlowForge does not do yet is warned of, and may be published."""

from typing import Any
from uuid import uuid4

import pytest

from apps.versions.validate import validate
from tests.clients import ApiClient
from tests.factories import make_user, make_workflow
from tests.graphs import graph, node

ANSWERS = node("answer", "respond_to_webhook")


@pytest.mark.parametrize(
    ("document", "path", "code"),
    [
        (
            graph([node("start", "webhook", params={"path": "x"}), ANSWERS], ["start -> answer"]),
            "nodes[1].type",
            "answer_is_not_sent",
        ),
        (
            graph([node("start", "manual")], error_workflow="other"),
            "settings.error_workflow",
            "error_workflow_not_started",
        ),
    ],
)
def test_what_is_not_built_yet_is_a_warning_with_its_place(
    document: Any, path: str, code: str
) -> None:
    validation = validate(document, uuid4())
    assert validation.errors == []
    assert [(warning.path, warning.code) for warning in validation.warnings] == [(path, code)]


def test_what_is_disabled_is_not_warned_of() -> None:
    nodes = [node("start", "manual"), {**ANSWERS, "disabled": True}]
    assert validate(graph(nodes, ["start -> answer"]), uuid4()).warnings == []


@pytest.mark.django_db
def test_it_is_told_where_a_graph_is_validated_or_kept_as_a_draft_and_publishes() -> None:
    workflow = make_workflow()
    client = ApiClient(make_user(workflow.workspace, "editor"))
    document = graph([node("start", "manual"), ANSWERS], ["start -> answer"])
    path = f"workflows/{workflow.pk}"
    for answer in (
        client.post(f"{path}/validate", {"graph": document}),
        client.put(f"{path}/draft", {"graph": document, "revision": 0}),
        client.get(f"{path}/draft"),
    ):
        codes = [warning["code"] for warning in answer.json()["warnings"]]
        assert codes == ["answer_is_not_sent"]
    for status in (201, 200):
        saved = client.post(f"{path}/versions", {"graph": document})
        assert saved.status_code == status
        assert [each["code"] for each in saved.json()["warnings"]] == ["answer_is_not_sent"]
    assert client.post(f"{path}/publish", {"version": 1}).status_code == 200
