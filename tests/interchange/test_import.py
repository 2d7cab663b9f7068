"""The import of n8n's workflows, as an API client meets it."""

import pytest

from apps.workflows.models import Workflow
from apps.workspaces.models import AuditEntry
from tests.clients import ApiClient, faults
from tests.factories import make_api_key
from tests.interchange.workflows import n8n_node, n8n_workflow, to

pytestmark = pytest.mark.django_db

SYNC = n8n_workflow(
    n8n_node("manualTrigger", "Start"),
    n8n_node("telegram", "Tell"),
    connections={"Start": {"main": [to("Tell")]}},
    name="Sync",
)


@pytest.fixture
def client() -> ApiClient:
    return ApiClient(make_api_key(role="editor")[1])


def test_an_import_makes_a_workflow_whose_draft_is_the_graph(client: ApiClient) -> None:
    answer = client.post("import/n8n", {"workflow": SYNC})
    assert answer.status_code == 201
    body = answer.json()
    assert body["workflow"]["name"] == "Sync"
    assert body["version"] == 1
    assert body["report"]["nodes"] == 2
    assert [each["node"] for each in body["report"]["unsupported"]] == ["Tell"]
    draft = client.get(f"workflows/{body['workflow']['id']}/draft").json()
    assert [node["name"] for node in draft["graph"]["nodes"]] == ["Start", "Tell"]


def test_a_graph_with_faults_stays_a_draft(client: ApiClient) -> None:
    asked = {"workflow": n8n_workflow(n8n_node("httpRequest", version=4)), "name": "Mine"}
    body = client.post("import/n8n", asked).json()
    assert body["workflow"]["name"] == "Mine"
    assert body["version"] is None


def test_an_import_is_in_the_audit(client: ApiClient) -> None:
    client.post("import/n8n", {"workflow": SYNC})
    entry = AuditEntry.objects.get(action="workflow.import")
    assert entry.detail == {"source": "n8n", "nodes": 2, "unsupported": 1, "warnings": 0}


def test_a_conversion_saves_nothing(client: ApiClient) -> None:
    body = client.post("import/n8n/convert", {"workflow": SYNC}).json()
    assert body["name"] == "Sync"
    assert [node["type"] for node in body["graph"]["nodes"]] == ["manual", "no_operation"]
    assert body["report"]["edges"] == 1
    assert not Workflow.objects.exists()


@pytest.mark.parametrize("path", ["import/n8n", "import/n8n/convert"])
def test_what_is_no_workflow_is_told(client: ApiClient, path: str) -> None:
    answer = client.post(path, {"workflow": {"steps": []}})
    assert answer.status_code == 422
    assert faults(answer) == [("workflow.nodes", "missing")]
    assert not Workflow.objects.exists()
