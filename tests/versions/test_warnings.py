"""What is odd in a graph is told wherever it is judged, and may be published all the same."""

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
