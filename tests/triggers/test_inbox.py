"""The inbox: what came to hooks is kept, shown, and replayed."""

import gzip
import json
import zlib
from base64 import b64decode
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from apps.nodes.formats.packed import unpacked
from apps.runs.models import Payload, Run, RunFile
from apps.runs.payloads import store_payload
from apps.runs.states import RunStatus, Trigger
from apps.runs.tidy import tidy
from apps.triggers.hooks import inbox
from apps.triggers.models import WebhookReplay, WebhookRequest
from apps.versions.models import WorkflowVersion
from apps.versions.publish import publish_version
from apps.workflows.activate import activate_workflow, archive_workflow, deactivate_workflow
from apps.workspaces.models import AuditEntry
from tests.clients import ApiClient, faults
from tests.factories import make_api_key, make_user, make_version
from tests.graphs import graph, node
from tests.triggers.test_hooks import send

pytestmark = pytest.mark.django_db(transaction=True)

Pack = Callable[[bytes], bytes]
PACKINGS = [(gzip.compress, "gzip"), (gzip.compress, "X-Gzip"), (zlib.compress, "deflate")]
HOOK = node("in", "webhook", params={"path": "orders"})


@pytest.fixture(autouse=True)
def version() -> WorkflowVersion:
    """An active workflow that listens at POST /hooks/orders."""
    version = make_version(graph=graph([HOOK, node("end")], ["in -> end"]))
    activate_workflow(publish_version(version, by=None), by=None)
    return version


@pytest.fixture
def client(version: WorkflowVersion) -> ApiClient:
    return ApiClient(make_user(version.workspace, "operator"))


def received(body: bytes = b'{"n": 1}', **headers: str) -> WebhookRequest:
    run = send("orders", body, **headers).body["run"]
    return WebhookRequest.objects.get(run=run)


def plain_body(kept: WebhookRequest) -> bytes:
    return b"".join(unpacked([kept.body], kept.headers["content-encoding"]))


def replayed(client: ApiClient, kept: WebhookRequest, **asked: str) -> Any:
    return client.post(f"hook-requests/{kept.pk}/replay", asked)


# --- To replay ------------------------------------------------------------------------------------


def test_a_replay_is_a_new_run_with_the_same_item(
    client: ApiClient, version: WorkflowVersion
) -> None:
    kept = received(b'{"n": 7}', x_api_key="s3cret")
    answer = replayed(client, kept)
    assert answer.status_code == 202, answer.content
    run = Run.objects.get(pk=answer.json()["id"])
    first = Run.objects.get(pk=kept.run_id)
    assert run != first
    assert run.input_json == first.input_json
    assert (run.status, run.trigger, run.trigger_node, run.version) == (
        RunStatus.PENDING,
        Trigger.WEBHOOK,
        "in",
        version,
    )


def test_a_request_may_be_replayed_many_times_and_knows_its_runs(client: ApiClient) -> None:
    kept = received()
    runs = [replayed(client, kept).json()["id"] for _ in range(3)]
    told = client.get(f"hook-requests/{kept.pk}").json()
    assert told["run"] == str(kept.run_id)
    assert [(each["run"], each["run_status"], each["version"]) for each in told["replays"]] == [
        (run, "pending", 1) for run in runs[::-1]
    ]


def test_many_replays_take_no_more_queries(client: ApiClient) -> None:
    kept = received()
    counts = []
    for _ in range(2):
        replayed(client, kept)
        replayed(client, kept)
        with CaptureQueriesContext(connection) as asked:
            client.get(f"hook-requests/{kept.pk}")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_request_whose_run_failed_is_replayed(client: ApiClient) -> None:
    kept = received()
    Run.objects.update(status=RunStatus.RUNNING)
    Run.objects.update(status=RunStatus.FAILED, finished_at=kept.received_at)
    assert replayed(client, kept).status_code == 202


def test_an_inactive_workflow_replays_too(client: ApiClient, version: WorkflowVersion) -> None:
    kept = received()
    deactivate_workflow(version.workflow, by=None)
    assert replayed(client, kept).status_code == 202


def test_an_archived_workflow_replays_nothing(client: ApiClient, version: WorkflowVersion) -> None:
    kept = received()
    archive_workflow(version.workflow, by=None)
    answer = replayed(client, kept)
    assert (answer.status_code, faults(answer)) == (409, [("", "archived")])


def test_a_replay_may_run_what_is_published_by_now(
    client: ApiClient, version: WorkflowVersion
) -> None:
    kept = received()
    document = version.graph_json
    newer = make_version(version.workflow, document | {"nodes": [*document["nodes"], node("more")]})
    publish_version(newer, by=None)
    runs = [replayed(client, kept, version=each).json() for each in ("same", "published")]
    assert [run["version"] for run in runs] == [1, 2]


def test_a_version_without_the_node_is_refused(client: ApiClient, version: WorkflowVersion) -> None:
    kept = received()
    other = graph([node("else", "webhook", params={"path": "else"}), node("end")], ["else -> end"])
    publish_version(make_version(version.workflow, other), by=None)
    answer = replayed(client, kept, version="published")
    assert (answer.status_code, faults(answer)) == (422, [("version", "unknown_node")])
    assert Run.objects.count() == 1


def test_the_new_run_may_open_the_files_of_the_first(client: ApiClient) -> None:
    kept = received()
    first = Run.objects.get()
    file = store_payload(first.workspace_id, b"picture")
    RunFile.objects.create(workspace=first.workspace, run=first, payload_id=file)
    reference = {"id": str(file), "fileName": "a.png", "mimeType": "image/png", "fileSize": 7}
    Run.objects.update(input_json=[{"json": {}, "binary": {"file": reference}}])
    run = replayed(client, kept).json()["id"]
    assert RunFile.objects.filter(run=run, payload=file).exists()


def test_without_the_first_run_the_request_is_read_again(client: ApiClient) -> None:
    kept = received(b'{"n": 7}', x_shop="5")
    given = Run.objects.get().input_json[0]["json"]
    Run.objects.all().delete()
    assert faults(replayed(client, kept)) == [("", "no_run")]
    run = replayed(client, kept, version="published").json()["id"]
    assert Run.objects.get(pk=run).input_json[0]["json"] == given


def test_a_replay_is_audited(client: ApiClient) -> None:
    kept = received()
    run = replayed(client, kept).json()["id"]
    entry = AuditEntry.objects.get(action="hook_request.replay")
    assert (entry.object_id, entry.detail) == (kept.pk, {"run": run, "version": 1})


def test_the_same_wish_sent_twice_makes_one_run(client: ApiClient) -> None:
    kept = received()
    path, headers = f"hook-requests/{kept.pk}/replay", {"Idempotency-Key": "once"}
    answers = [client.post(path, {}, headers=headers).json()["id"] for _ in range(2)]
    assert answers[0] == answers[1]
    assert WebhookReplay.objects.count() == 1


# --- To look at -----------------------------------------------------------------------------------


def test_a_list_tells_who_sent_what_when_and_no_contents(
    client: ApiClient, version: WorkflowVersion
) -> None:
    kept = received(b'{"n": 7}')
    [told] = client.get("hook-requests").json()["results"]
    assert (told["id"], told["run"], told["node"]) == (str(kept.pk), str(kept.run_id), "in")
    assert (told["method"], told["path"], told["size"]) == ("POST", "orders", 8)
    assert told["workflow"] == str(version.workflow_id)
    assert told["run_status"] == "pending"
    assert not told.keys() & {"headers", "query", "body"}


def test_a_list_tells_the_runs_of_many_requests_in_as_many_queries(client: ApiClient) -> None:
    counts = []
    for _ in range(2):
        received()
        received()
        with CaptureQueriesContext(connection) as asked:
            client.get("hook-requests")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_list_is_narrowed_down(client: ApiClient, version: WorkflowVersion) -> None:
    first, second = received(), received()
    replay = replayed(client, first).json()["id"]

    def found(query: str) -> list[str]:
        return [row["id"] for row in client.get(f"hook-requests?{query}").json()["results"]]

    newest_first = [str(second.pk), str(first.pk)]
    assert found(f"workflow={version.workflow_id}") == newest_first
    assert found(f"endpoint={first.endpoint_id}&ordering=received_at") == newest_first[::-1]
    assert found(f"run={second.run_id}") == [str(second.pk)]
    assert found(f"run={replay}") == [str(first.pk)]
    replayed(client, first)
    assert found(f"run={first.run_id}") == [str(first.pk)]
    assert found(f"workflow={first.pk}") == []
    assert found(f"workflow={version.workflow_id}&node=in") == newest_first
    assert found("node=end") == []


@pytest.mark.parametrize(
    ("body", "content_type", "encoding", "content"),
    [
        (b'{"n": 7}', "application/json", "text", '{"n": 7}'),
        ("grüß".encode(), "text/plain", "text", "grüß"),
        (b"", "text/plain", "text", ""),
    ],
)
def test_a_body_is_shown_as_text(
    client: ApiClient, body: bytes, content_type: str, encoding: str, content: str
) -> None:
    send("orders", body, content_type)
    told = client.get(f"hook-requests/{WebhookRequest.objects.get().pk}").json()
    assert told["body"] == {"encoding": encoding, "content": content, "payload": None}


def test_a_body_that_is_no_text_is_shown_in_base64(client: ApiClient) -> None:
    kept = received()
    WebhookRequest.objects.update(body=b"\xff\x00", size=2)
    told = client.get(f"hook-requests/{kept.pk}").json()
    assert told["body"] == {"encoding": "base64", "content": "/wA=", "payload": None}


@pytest.mark.parametrize(("pack", "coding"), PACKINGS)
def test_of_a_packed_body_is_shown_what_is_in_it(
    client: ApiClient, version: WorkflowVersion, pack: Pack, coding: str
) -> None:
    kept = received(pack(b'{"city": "Bern"}'), content_encoding=coding)
    told = client.get(f"hook-requests/{kept.pk}").json()
    assert told["body"] == {"encoding": "text", "content": '{"city": "Bern"}', "payload": None}
    page = staff(version, "operator").get(f"/admin/triggers/webhookrequest/{kept.pk}/change/")
    assert "Bern" in page.content.decode()


@pytest.mark.parametrize(
    "packed",
    [b"\xff no gzip", gzip.compress(bytes(256 * 1024 + 1))],
    ids=["cannot be unpacked", "stands for too much"],
)
def test_what_is_not_unpacked_is_shown_as_it_came(client: ApiClient, packed: bytes) -> None:
    kept = received(gzip.compress(b"{}"), content_encoding="gzip")
    WebhookRequest.objects.update(body=packed)
    told = client.get(f"hook-requests/{kept.pk}").json()["body"]
    assert (told["encoding"], b64decode(told["content"])) == ("base64", packed)


def test_a_packed_request_is_replayed_without_its_first_run(client: ApiClient) -> None:
    kept = received(gzip.compress(b'{"n": 7}'), content_encoding="gzip")
    given = Run.objects.get().input_json[0]["json"]
    Run.objects.all().delete()
    run = replayed(client, kept, version="published").json()["id"]
    assert Run.objects.get(pk=run).input_json[0]["json"] == given


def test_a_large_body_is_a_download(client: ApiClient) -> None:
    body = json.dumps({"text": "x" * 300_000}).encode()
    told = client.get(f"hook-requests/{received(body).pk}").json()["body"]
    assert told["content"] is None
    answer = client.get(f"payloads/{told['payload']}")
    assert answer.getvalue() == body


def test_a_key_of_another_workspace_sees_and_replays_nothing() -> None:
    kept, stranger = received(), ApiClient(make_api_key(role="admin")[1])
    assert stranger.get(f"hook-requests/{kept.pk}").status_code == 404
    assert replayed(stranger, kept).status_code == 404
    assert stranger.get(f"hook-requests?run={kept.run_id}").json()["results"] == []


# --- How long, and how much -----------------------------------------------------------------------


def test_requests_are_forgotten_after_some_days(
    client: ApiClient, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.INBOX_DAYS = 2.0
    monkeypatch.setattr(inbox, "AT_ONCE", 2)
    old = [received() for _ in range(5)]
    replayed(client, old[0])
    WebhookRequest.objects.update(received_at=now() - timedelta(days=2, minutes=1))
    young = received()
    assert tidy()["hook_requests"] == 5
    assert WebhookRequest.objects.get() == young
    assert Run.objects.count() == 7


def test_a_body_is_forgotten_with_its_request() -> None:
    kept = received(json.dumps({"text": "x" * 300_000}).encode())
    WebhookRequest.objects.update(received_at=now() - timedelta(days=8))
    tidy()
    Payload.objects.update(touched_at=now() - timedelta(days=8))
    tidy()
    assert not Payload.objects.filter(pk=kept.body_payload_id).exists()


def test_of_a_body_that_is_too_large_for_the_inbox_only_its_size_is_kept(
    client: ApiClient, settings: Any
) -> None:
    settings.INBOX_BODY_BYTES = 10
    kept = received(b'{"text": "12345"}')
    told = client.get(f"hook-requests/{kept.pk}").json()
    assert (told["size"], told["body"]) == (17, None)
    # The run has it, and so has the next.
    run = Run.objects.get(pk=replayed(client, kept).json()["id"])
    assert run.input_json[0]["json"]["body"] == {"text": "12345"}


def test_what_neither_the_inbox_nor_a_run_has_cannot_be_replayed(
    client: ApiClient, settings: Any
) -> None:
    settings.INBOX_BODY_BYTES = 10
    kept = received(b'{"text": "12345"}')
    Run.objects.all().delete()
    answer = replayed(client, kept, version="published")
    assert (answer.status_code, faults(answer)) == (409, [("", "body_not_kept")])


# --- In the admin ---------------------------------------------------------------------------------


def staff(version: WorkflowVersion, role: str) -> Any:
    return ApiClient(make_user(version.workspace, role, is_staff=True)).django


def test_the_admin_shows_a_request_and_replays_it(version: WorkflowVersion) -> None:
    kept, browser = received(b'{"city": "Bern"}', x_shop="5"), staff(version, "operator")
    page = browser.get(f"/admin/triggers/webhookrequest/{kept.pk}/change/").content.decode()
    assert "Bern" in page
    assert "x-shop" in page
    assert "orders" in browser.get("/admin/triggers/webhookrequest/").content.decode()
    chosen = {"action": "replay_published", "_selected_action": [str(kept.pk)]}
    answer = browser.post("/admin/triggers/webhookrequest/", chosen, follow=True)
    assert "1 request replayed" in answer.content.decode()
    assert Run.objects.filter(pk=WebhookReplay.objects.get(request=kept).run_id).exists()
