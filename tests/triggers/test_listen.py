"""A webhook of a draft listens for one request, and whoever builds it sees what came."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.utils.timezone import now

from apps.runs.models import Run
from apps.triggers.models import WebhookEndpoint, WebhookListener, WebhookRequest
from apps.versions.publish import publish_version
from apps.versions.save import save_draft
from apps.workflows.activate import activate_workflow, archive_workflow
from apps.workflows.models import Workflow
from flowforge import asgi
from tests.clients import ApiClient, faults
from tests.factories import make_credential, make_user, make_workflow
from tests.graphs import graph, node
from tests.runs.listening import headers_of
from tests.triggers.test_hooks import Answer, code_of, send

pytestmark = pytest.mark.django_db(transaction=True)


def draft(**params: Any) -> dict[str, Any]:
    hook = node("in", "webhook", params={"path": "orders", **params})
    return graph([hook, node("end")], ["in -> end"])


@pytest.fixture
def workflow() -> Workflow:
    return make_workflow(draft_graph=draft())


@pytest.fixture
def client(workflow: Workflow) -> ApiClient:
    return ApiClient(make_user(workflow.workspace, "editor"))


def listening(client: ApiClient, workflow: Workflow, **asked: Any) -> dict[str, Any]:
    answer = client.post(f"workflows/{workflow.pk}/listen", {"node": "in", **asked})
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def send_to(listener: dict[str, Any], body: bytes = b'{"n": 7}', **options: Any) -> Answer:
    return send(listener["url"].removeprefix(f"{settings.HOOKS_URL}/hooks/"), body, **options)


def test_what_comes_is_answered_kept_and_shown(client: ApiClient, workflow: Workflow) -> None:
    listener = listening(client, workflow)
    assert (listener["request"], listener["run"]) == (None, None)
    answer = send_to(listener, x_shop="5")
    assert answer.status == 202
    told = client.get(f"listeners/{listener['id']}").json()
    assert (told["request"], told["run"]) == (answer.body["request"], None)
    kept = client.get(f"hook-requests/{told['request']}").json()
    assert kept["body"]["content"] == '{"n": 7}'
    assert (kept["headers"]["x-shop"], kept["workflow"], kept["node"]) == (
        "5",
        str(workflow.pk),
        "in",
    )
    assert not Run.objects.exists()


def test_it_listens_for_one_request_only(client: ApiClient, workflow: Workflow) -> None:
    listener = listening(client, workflow)
    assert send_to(listener).status == 202
    refused = send_to(listener)
    assert (refused.status, code_of(refused)) == (404, "unknown_hook")
    assert "takes one request, within two minutes" in refused.body["errors"][0]["message"]
    assert WebhookRequest.objects.count() == 1


def test_it_listens_again_at_the_same_address(client: ApiClient, workflow: Workflow) -> None:
    first = listening(client, workflow)
    send_to(first)
    again = listening(client, workflow)
    assert (again["url"], again["request"]) == (first["url"], None)
    assert send_to(again).status == 202


def test_after_a_while_it_listens_no_more(client: ApiClient, workflow: Workflow) -> None:
    listener = listening(client, workflow)
    WebhookListener.objects.update(until=now() - timedelta(seconds=1))
    assert send_to(listener).status == 404
    assert not WebhookRequest.objects.exists()


def test_it_is_stopped_and_listens_again(client: ApiClient, workflow: Workflow) -> None:
    listener = listening(client, workflow)
    answer = client.post(f"listeners/{listener['id']}/stop")
    assert answer.json()["until"] < listener["until"]
    assert send_to(listener).status == 404
    assert send_to(listening(client, workflow)).status == 202


def test_a_run_of_the_draft_is_started_where_asked(client: ApiClient, workflow: Workflow) -> None:
    listener = listening(client, workflow, run=True)
    answer = send_to(listener)
    run = Run.objects.get()
    assert answer.body["run"] == str(run.pk)
    assert client.get(f"listeners/{listener['id']}").json()["run"] == str(run.pk)
    assert run.version.graph_json == draft()
    assert run.is_trial
    assert (run.trigger_node, run.input_json[0]["json"]["body"]) == ("in", {"n": 7})


def test_what_was_pinned_for_the_webhook_gives_way_to_what_came(
    client: ApiClient, workflow: Workflow
) -> None:
    document = draft()
    document["nodes"][0]["pinned"] = {"main": [{"json": {"old": 1}}]}
    Workflow.objects.update(draft_graph=document)
    send_to(listening(client, workflow, run=True))
    assert Run.objects.get().pins == {"in": None}


def test_a_request_without_a_run_can_be_replayed_once_something_is_published(
    client: ApiClient, workflow: Workflow
) -> None:
    kept = send_to(listening(client, workflow)).body["request"]
    publish_version(save_draft(workflow, by=None)[0], by=None)
    answer = client.post(f"hook-requests/{kept}/replay", {"version": "published"})
    assert answer.status_code == 202
    assert Run.objects.get().input_json[0]["json"]["body"] == {"n": 7}


def test_what_is_live_is_left_alone(client: ApiClient, workflow: Workflow) -> None:
    publish_version(save_draft(workflow, by=None)[0], by=None)
    workflow.refresh_from_db()
    activate_workflow(workflow, by=None)
    listener = listening(client, workflow)
    assert set(send("orders").body) == {"run"}
    assert send_to(listener).status == 202
    endpoint = WebhookEndpoint.objects.get()
    assert (endpoint.path, endpoint.is_live) == ("orders", True)
    assert WebhookRequest.objects.filter(endpoint=endpoint).count() == 2


def test_a_workflow_is_activated_after_a_test(client: ApiClient, workflow: Workflow) -> None:
    send_to(listening(client, workflow))
    publish_version(save_draft(workflow, by=None)[0], by=None)
    workflow.refresh_from_db()
    activate_workflow(workflow, by=None)
    assert send("orders").status == 202


def test_who_may_send_is_asked_as_ever(client: ApiClient, workflow: Workflow) -> None:
    secret = {"name": "X-Shop", "value": "s3cret-value"}
    credential = make_credential(workflow.workspace, "http_header", secret)
    document = draft(authentication="header", credential=str(credential.pk))
    Workflow.objects.update(draft_graph=document)
    listener = listening(client, workflow)
    assert send_to(listener).status == 401
    assert send_to(listener, method="GET").status == 405
    assert send_to(listener, b"{", x_shop="s3cret-value").status == 400
    assert send_to(listener, x_shop="s3cret-value").status == 202
    assert WebhookRequest.objects.get().headers["x-shop"] == "(hidden)"


def test_who_builds_sees_why_a_request_was_not_let_in(
    client: ApiClient, workflow: Workflow
) -> None:
    credential = make_credential(workflow.workspace, "webhook_secret", {"secret": "s3cret-value"})
    document = draft(authentication="github", credential=str(credential.pk))
    Workflow.objects.update(draft_graph=document)
    listener = listening(client, workflow)
    assert listener["refusal"] is None
    assert send_to(listener, x_hub_signature_256="sha256=00").status == 401
    refusal = client.get(f"listeners/{listener['id']}").json()["refusal"]
    assert (refusal["status"], refusal["code"]) == (401, "not_authenticated")
    assert refusal["message"] == "The signature does not fit."
    assert send_to(listener, method="GET").status == 405
    refusal = client.get(f"listeners/{listener['id']}").json()["refusal"]
    assert (refusal["status"], refusal["code"]) == (405, "method_not_allowed")
    assert listening(client, workflow)["refusal"] is None


def test_what_was_let_in_is_followed_by_no_refusal(client: ApiClient, workflow: Workflow) -> None:
    listener = listening(client, workflow)
    assert [send_to(listener).status, send_to(listener, b"{").status] == [202, 404]
    assert client.get(f"listeners/{listener['id']}").json()["refusal"] is None


def test_what_is_no_sound_webhook_does_not_listen(client: ApiClient, workflow: Workflow) -> None:
    def refused(id: str) -> list[tuple[str, str]]:
        return faults(client.post(f"workflows/{workflow.pk}/listen", {"node": id}))

    assert refused("end") == [("node", "unknown_node")]
    assert refused("gone") == [("node", "unknown_node")]
    Workflow.objects.update(draft_graph=draft(method="BREW"))
    assert [path for path, _ in refused("in")] == ["nodes[0].params.method"]
    archive_workflow(workflow, by=None)
    assert refused("in") == [("", "archived")]
    assert not WebhookListener.objects.exists()


def test_a_run_takes_a_draft_without_faults(client: ApiClient, workflow: Workflow) -> None:
    document = draft()
    document["nodes"][1]["type"] = "no_such_type"
    Workflow.objects.update(draft_graph=document)
    listening(client, workflow)
    answer = client.post(f"workflows/{workflow.pk}/listen", {"node": "in", "run": True})
    assert (answer.status_code, faults(answer)[0][0]) == (422, "nodes[1].type")


def heard_while(client: ApiClient, workflow: Workflow, event: str, send: Any) -> dict[str, Any]:
    """What who watches the workspace is told of while something is sent."""

    async def told() -> dict[str, Any]:
        socket = WebsocketCommunicator(
            asgi.application,
            f"/ws/workspaces/{workflow.workspace_id}",
            headers=headers_of(client, origin=settings.PUBLIC_URL),
        )
        await socket.connect(timeout=5)
        await asyncio.to_thread(send)
        heard: dict[str, Any] = {}
        while heard.get("event") != event:
            heard = await socket.receive_json_from(timeout=5)
        await socket.disconnect()
        return heard

    return async_to_sync(told)()


def test_who_watches_the_workspace_is_told_at_once(client: ApiClient, workflow: Workflow) -> None:
    listener = listening(client, workflow, run=True)
    heard = heard_while(client, workflow, "hook_request", lambda: send_to(listener))
    assert heard == {
        "event": "hook_request",
        "workflow": str(workflow.pk),
        "node": "in",
        "request": str(WebhookRequest.objects.get().pk),
        "run": str(Run.objects.get().pk),
    }


def test_who_watches_the_workspace_is_told_of_a_refusal(
    client: ApiClient, workflow: Workflow
) -> None:
    listener = listening(client, workflow)
    heard = heard_while(client, workflow, "hook_refused", lambda: send_to(listener, b"{"))
    refusal = client.get(f"listeners/{listener['id']}").json()["refusal"]
    assert refusal["code"] == "not_json"
    assert heard == {
        "event": "hook_refused",
        "workflow": str(workflow.pk),
        "node": "in",
        **refusal,
    }
