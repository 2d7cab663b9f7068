"""What the admin shows of versions, and how staff publish and roll back."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.versions.models import WorkflowVersion
from apps.workflows.models import Workflow
from apps.workspaces.models import AuditEntry
from tests.clients import ApiClient
from tests.factories import make_user, make_version, make_workflow
from tests.graphs import graph, node
from tests.staff import say_yes, shown, superuser, told

pytestmark = pytest.mark.django_db


def staff(of: WorkflowVersion, role: str) -> ApiClient:
    return ApiClient(make_user(of.workspace, role, is_staff=True))


def page(version: WorkflowVersion, name: str = "change") -> str:
    return reverse(f"admin:versions_workflowversion_{name}", args=[version.pk])


@pytest.fixture
def versions() -> list[WorkflowVersion]:
    """Three of a workflow, of which the second is published."""
    workflow = make_workflow()
    graphs = [
        graph([node("start", "manual"), node("a", "delay", params={"seconds": n})], ["start -> a"])
        for n in range(3)
    ]
    made = [make_version(workflow, each, is_published=n < 2) for n, each in enumerate(graphs)]
    workflow.refresh_from_db()
    assert workflow.version == 2
    return made


def test_the_page_says_what_publishing_it_would_change(versions: list[WorkflowVersion]) -> None:
    for client in (superuser(), staff(versions[0], "operator")):
        text = shown(client, page(versions[0]))
        assert "Node “a”" in text
        assert '<option value="2" selected>2, published</option>' in text
        assert text.index(">1</span>") < text.index(">0</span>")


def test_the_published_version_is_compared_with_the_one_before_it(
    versions: list[WorkflowVersion],
) -> None:
    assert '<option value="1" selected>' in shown(superuser(), page(versions[1]))


def test_another_version_may_be_compared_with(versions: list[WorkflowVersion]) -> None:
    text = shown(superuser(), f"{page(versions[0])}?against=3")
    assert '<option value="3" selected>' in text
    assert ">2</span>" in text
    for unknown in ("99", "1", "x", "²", "9" * 40):
        assert shown(superuser(), f"{page(versions[0])}?against={unknown}")


def test_a_workflows_only_version_is_said_to_be_that() -> None:
    assert "It is the only version." in shown(superuser(), page(make_version()))


def test_who_edits_rolls_back_and_is_asked_first(versions: list[WorkflowVersion]) -> None:
    old, published, newer = versions
    client = staff(old, "editor")
    assert page(old, "roll_back") in shown(client, page(old))
    assert page(old, "publish_this") not in shown(client, page(old))
    assert "Roll back to this version?" in shown(client, page(old, "roll_back"))
    assert Workflow.objects.get().version == 2

    assert told(say_yes(client, page(old, "roll_back"))) == ["1 version published."]
    assert Workflow.objects.get().version == 1
    entry = AuditEntry.objects.filter(action="version.publish").latest("id")
    assert entry.detail["changes"] == {"version": [2, 1]}
    assert page(published, "publish_this") in shown(client, page(published))
    assert page(newer, "publish_this") in shown(client, page(newer))


def test_the_published_version_is_offered_neither(versions: list[WorkflowVersion]) -> None:
    text = shown(superuser(), page(versions[1]))
    assert "/roll_back/" not in text
    assert "/publish_this/" not in text


def test_operators_see_versions_and_do_not_publish_them(versions: list[WorkflowVersion]) -> None:
    client = staff(versions[0], "operator")
    assert "roll_back" not in shown(client, page(versions[0]))
    assert say_yes(client, page(versions[0], "roll_back")).status_code == 403
    assert Workflow.objects.get().version == 2


def test_staff_of_another_workspace_see_nothing(versions: list[WorkflowVersion]) -> None:
    stranger = staff(make_version(), "admin")
    assert stranger.get(page(versions[0])).status_code in (302, 404)
    assert say_yes(stranger, page(versions[0], "roll_back")).status_code in (403, 404)
    assert Workflow.objects.get(pk=versions[0].workflow_id).version == 2


def queries_of(client: ApiClient, path: str) -> list[str]:
    shown(client, path)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        shown(client, path)
    return [query["sql"] for query in seen.captured_queries]


def test_list_and_page_take_as_many_queries_however_many_versions_there_are(
    versions: list[WorkflowVersion],
) -> None:
    client = superuser()
    paths = reverse("admin:versions_workflowversion_changelist"), page(versions[0])
    few = [len(queries_of(client, path)) for path in paths]
    for n in range(5):
        more = graph(
            [node("start", "manual"), node("a", "delay", params={"seconds": n + 10})],
            ["start -> a"],
        )
        make_version(versions[0].workflow, more)
    asked = [queries_of(client, path) for path in paths]
    assert [len(each) for each in asked] == few
    assert not any("COUNT(" in each.upper() for each in asked[0])
    assert not any('"graph_json"' in each for each in asked[0])
