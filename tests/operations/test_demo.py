from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.engine.encoding import encode, read_json
from apps.engine.errors import Fault, FaultsError
from apps.nodes.registry import library
from apps.operations.demo import (
    ADMIN_EMAIL,
    CALLING,
    WORKFLOWS,
    demo_graph,
    move_demo,
    set_up_demo,
)
from apps.triggers.models import WebhookEndpoint
from apps.versions.models import WorkflowVersion
from apps.versions.publish import publish_version
from apps.versions.save import save_version
from apps.workflows.models import Workflow
from apps.workspaces.api_keys import verify
from apps.workspaces.models import User
from apps.workspaces.permissions import Role
from tests.factories import make_user
from tests.graphs import chain
from tests.nodes.twins import run_step

pytestmark = pytest.mark.django_db


def test_the_first_start_makes_an_admin_who_can_sign_in() -> None:
    access = set_up_demo("http://127.0.0.1:8000")
    admin = User.objects.get(email=ADMIN_EMAIL)
    assert access is not None
    assert admin.check_password(access.password)
    assert admin.is_superuser


def test_its_key_opens_the_demo_workspace() -> None:
    access = set_up_demo("http://127.0.0.1:8000")
    assert access is not None
    key = verify(access.api_key)
    assert key is not None
    assert key.workspace.name == "Demo"
    assert key.role_in(key.workspace_id) == Role.ADMIN


def test_its_workflows_are_active_and_the_hook_listens() -> None:
    set_up_demo("http://127.0.0.1:8000")
    assert {workflow.status for workflow in Workflow.objects.all()} == {"active"}
    endpoint = WebhookEndpoint.objects.get(path="demo", method="POST")
    assert endpoint.is_live


def test_its_call_goes_to_this_very_installation() -> None:
    set_up_demo("http://127.0.0.1:8123")
    graphs = [version.graph_json for version in WorkflowVersion.objects.all()]
    urls = [node["params"]["url"] for g in graphs for node in g["nodes"] if "url" in node["params"]]
    assert urls == ["http://127.0.0.1:8123/echo"]


def in_repository(**body: Any) -> dict[str, Any]:
    return {"sender": {"login": "ada"}, "repository": {"full_name": "ada/engine"}} | body


@pytest.mark.parametrize(
    ("event", "body", "text"),
    [
        ("push", in_repository(ref="refs/heads/main"), "ada: push to main in ada/engine"),
        ("pull_request", in_repository(action="opened"), "ada: pull request opened in ada/engine"),
        ("ping", in_repository(), "ada: ping in ada/engine"),
        # sent by somebody who tries it
        (None, in_repository(action="opened"), "ada: opened in ada/engine"),
        (None, {}, "somebody: sent"),
        (None, "a text", "somebody: sent"),
        (None, {"action": 5, "ref": {}}, "somebody: 5"),
    ],
)
def test_the_demo_says_what_happened_at_github(event: str | None, body: Any, text: str) -> None:
    graph: Any = demo_graph(WORKFLOWS[CALLING], "http://127.0.0.1:8000")
    [node] = [node for node in graph["nodes"] if node["type"] == "transform"]
    headers = {"x-github-event": event} if event else {}
    transform: Any = library().find("transform", 1)
    ran: Any = run_step(transform, node["params"], [{"headers": headers, "body": body}])
    assert ran.outcome.outputs["main"][0].json["text"] == text


def url_called_by(graph: Any) -> str:
    return str(next(node["params"]["url"] for node in graph["nodes"] if "url" in node["params"]))


def test_started_elsewhere_its_call_moves_along() -> None:
    set_up_demo("http://127.0.0.1:8000")
    move_demo("http://127.0.0.1:9000")
    demo = Workflow.objects.get(name=CALLING)
    published = demo.versions.get(version=demo.version)
    assert url_called_by(published.graph_json) == "http://127.0.0.1:9000/echo"
    assert url_called_by(demo.draft_graph) == "http://127.0.0.1:9000/echo"
    assert demo.status == Workflow.Status.ACTIVE


def test_started_at_the_same_place_it_stays_as_it_is() -> None:
    set_up_demo("http://127.0.0.1:8000")
    move_demo("http://127.0.0.1:8000")
    assert Workflow.objects.get(name=CALLING).versions.count() == 1


def test_a_demo_that_somebody_changed_stays_as_they_made_it() -> None:
    set_up_demo("http://127.0.0.1:8000")
    demo = Workflow.objects.get(name=CALLING)
    graph = demo.versions.get(version=demo.version).graph_json
    written = encode(graph).replace(b"http://127.0.0.1:8000/echo", b"http://test.example/echo")
    version, _ = save_version(demo, read_json(written), by=None)
    publish_version(version, by=None)
    move_demo("http://127.0.0.1:9000")
    demo.refresh_from_db()
    assert demo.version == version.version


def test_a_demo_that_cannot_be_moved_does_not_keep_from_starting(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any, **options: Any) -> None:
        raise FaultsError([Fault("", "taken", "Taken.")], "Taken.")

    set_up_demo("http://127.0.0.1:8000")
    monkeypatch.setattr("apps.operations.demo.publish_version", refuse)
    move_demo("http://127.0.0.1:9000")
    assert "the demo still calls http://127.0.0.1:8000" in caplog.text
    assert Workflow.objects.get(name=CALLING).versions.count() == 1


def test_a_draft_that_somebody_changed_is_not_moved() -> None:
    set_up_demo("http://127.0.0.1:8000")
    Workflow.objects.filter(name=CALLING).update(draft_graph=chain("start", "end"))
    move_demo("http://127.0.0.1:9000")
    assert Workflow.objects.get(name=CALLING).draft_graph == chain("start", "end")


def test_without_a_demo_there_is_nothing_to_move() -> None:
    move_demo("http://127.0.0.1:9000")
    assert not WorkflowVersion.objects.exists()


def test_where_there_is_a_user_nothing_is_made() -> None:
    make_user()
    assert set_up_demo("http://127.0.0.1:8000") is None
    assert not Workflow.objects.exists()


def test_the_command_says_that_nothing_was_made() -> None:
    make_user()
    with pytest.raises(CommandError, match="users already"):
        call_command("setup_demo")
