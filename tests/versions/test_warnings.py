"""What is odd in a graph is told wherever it is judged, and may be published all the same."""

from typing import Any

import pytest

from tests.clients import ApiClient
from tests.factories import make_user, make_workflow
from tests.graphs import graph, node

pytestmark = pytest.mark.django_db


def test_a_warning_is_told_where_a_graph_is_validated_or_kept_and_it_publishes() -> None:
    workflow = make_workflow()
    client = ApiClient(make_user(workflow.workspace, "editor"))
    document = graph([node("start", "manual")], error_workflow="other")
    path = f"workflows/{workflow.pk}"
    for answer in (
        client.post(f"{path}/validate", {"graph": document}),
        client.put(f"{path}/draft", {"graph": document, "revision": 0}),
        client.get(f"{path}/draft"),
    ):
        told = [(warning["path"], warning["code"]) for warning in answer.json()["warnings"]]
        assert told == [("settings.error_workflow", "workflow_unknown")]
    for status in (201, 200):
        saved = client.post(f"{path}/versions", {"graph": document})
        assert saved.status_code == status
        codes = [each["code"] for each in saved.json()["warnings"]]
        assert codes == ["workflow_unknown"]
    assert client.post(f"{path}/publish", {"version": 1}).status_code == 200


def test_a_placeholder_is_warned_of_until_it_is_replaced_or_disabled() -> None:
    workflow = make_workflow()
    client = ApiClient(make_user(workflow.workspace, "editor"))

    def warnings(**members: Any) -> list[dict[str, str]]:
        params = {"stands_for": "telegram of n8n"}
        tell = node("tell", params=params, **members)
        document = graph([node("start", "manual"), tell, node("end")],
                         ["start -> tell", "tell -> end"])  # fmt: skip
        answer = client.post(f"workflows/{workflow.pk}/validate", {"graph": document})
        assert answer.json()["errors"] == []
        told: list[dict[str, str]] = answer.json()["warnings"]
        return told

    assert warnings() == [
        {
            "path": "nodes[1].params.stands_for",
            "code": "placeholder",
            "message": "Node “tell”: It does nothing. It stands for “telegram of n8n”.",
        }
    ]
    assert warnings(disabled=True) == []
