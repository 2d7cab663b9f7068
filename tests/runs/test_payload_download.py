"""`GET /payloads/{id}`: what was too large for a row, to who may see a run that refers to it."""

from datetime import UTC, datetime

import pytest
import time_machine
from asgiref.sync import async_to_sync
from channels.testing import HttpCommunicator
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from apps.engine.encoding import encode
from apps.runs.models import Payload
from apps.runs.payloads import store_payload
from apps.workspaces.models import Workspace
from apps.workspaces.permissions import Role
from flowforge import asgi
from tests.clients import ApiClient
from tests.factories import make_api_key, make_run, make_step, make_user, make_workspace

CONTENT = encode({"main": [{"json": {"text": "ä" * 200_000}}]})


def client_of(workspace: Workspace, role: Role = Role.VIEWER) -> ApiClient:
    return ApiClient(make_user(workspace, role))


def stored_step() -> tuple[Workspace, Payload]:
    """A step that gave a large value."""
    run = make_run()
    payload = store_payload(run.workspace_id, CONTENT)
    make_step(run, output_payload_id=payload)
    return run.workspace, Payload.objects.get(pk=payload)


@pytest.mark.django_db
def test_a_payload_comes_as_it_was_stored_and_only_as_a_download() -> None:
    workspace, payload = stored_step()
    answer = client_of(workspace).get(f"payloads/{payload.pk}")
    assert answer.status_code == 200
    assert answer.getvalue() == CONTENT
    assert answer["Content-Type"] == "application/json"
    assert answer["Content-Length"] == str(len(CONTENT))
    assert answer["Content-Disposition"] == f'attachment; filename="{payload.pk}.json"'
    assert answer["Content-Security-Policy"] == "sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.django_db
def test_a_payload_bears_the_content_type_that_it_was_stored_with() -> None:
    run = make_run()
    payload = store_payload(run.workspace_id, b"<script>", "text/html")
    run.input_payload_id = payload
    run.save(update_fields=["input_payload"])
    answer = client_of(run.workspace).get(f"payloads/{payload}")
    assert answer["Content-Type"] == "text/html"
    assert answer["Content-Security-Policy"] == "sandbox"
    assert answer.getvalue() == b"<script>"


@pytest.mark.django_db
def test_another_workspaces_payload_does_not_exist() -> None:
    _, payload = stored_step()
    stranger = client_of(make_workspace(), Role.ADMIN)
    assert stranger.get(f"payloads/{payload.pk}").status_code == 404


@pytest.mark.django_db
def test_the_same_content_in_two_workspaces_is_two_payloads() -> None:
    (_, one), (own, other) = stored_step(), stored_step()
    assert one.pk != other.pk
    assert client_of(own).get(f"payloads/{other.pk}").status_code == 200
    assert client_of(own).get(f"payloads/{one.pk}").status_code == 404


@pytest.mark.django_db
def test_a_payload_that_no_run_refers_to_is_shown_to_nobody() -> None:
    workspace = make_workspace()
    payload = store_payload(workspace.pk, CONTENT)
    assert client_of(workspace, Role.ADMIN).get(f"payloads/{payload}").status_code == 404


@pytest.mark.django_db
def test_a_payload_whose_file_is_gone_is_not_found() -> None:
    workspace, payload = stored_step()
    default_storage.delete(payload.file)
    assert client_of(workspace).get(f"payloads/{payload.pk}").status_code == 404


@pytest.mark.django_db
def test_a_step_names_the_payloads_of_the_values_that_a_list_leaves_out() -> None:
    run = make_run()
    payload = store_payload(run.workspace_id, CONTENT)
    make_step(run, "a", output_payload_id=payload, status="completed")
    sources = {"main": [["a", 0, "main"]]}
    make_step(run, "b", output_json={"main": []}, sources=sources, seq_started=2)
    answer = client_of(run.workspace).get(f"runs/{run.pk}/steps?include=payloads")
    first, second = answer.json()["results"]
    assert (first["left_out"], first["payloads"]) == (
        ["output_json"],
        {"output_json": str(payload)},
    )
    # What it took is stored as what another step gave: by itself it has no address.
    assert (second["left_out"], second["payloads"]) == (["input_json"], {})


@pytest.mark.django_db(transaction=True)
def test_a_payload_is_sent_in_pieces_by_the_server() -> None:
    workspace, payload = stored_step()
    _, key = make_api_key(workspace, Role.VIEWER)
    pieces = async_to_sync(pieces_of)(reverse("payload", args=[payload.pk]), key)
    assert len(pieces) > 1
    assert b"".join(pieces) == CONTENT


async def pieces_of(path: str, key: str) -> list[bytes]:
    headers = [(b"host", b"localhost"), (b"authorization", f"Bearer {key}".encode())]
    asked = HttpCommunicator(asgi.application, "GET", path, headers=headers)
    await asked.send_input({"type": "http.request", "body": b""})
    assert (await asked.receive_output(timeout=5))["status"] == 200
    pieces = []
    while True:
        piece = await asked.receive_output(timeout=5)
        pieces.append(piece.get("body", b""))
        if not piece.get("more_body"):
            await asked.wait(timeout=5)
            return [piece for piece in pieces if piece]


# --- On the host of hooks -------------------------------------------------------------------------


@pytest.fixture
def hooks_host(settings: Settings) -> None:
    settings.HOOKS_HOST = "hooks.example.org"
    settings.HOOKS_URL = "https://hooks.example.org"


def led_to(payload: Payload) -> str:
    """The path on the host of hooks to which a person's browser is led."""
    answer = client_of(payload.workspace).get(f"payloads/{payload.pk}")
    assert answer.status_code == 302
    address = answer["Location"]
    assert address.startswith("https://hooks.example.org/files/")
    return str(address.removeprefix("https://hooks.example.org"))


@pytest.mark.django_db
@pytest.mark.usefixtures("hooks_host")
def test_a_browser_is_led_to_the_host_of_hooks_which_knows_no_session() -> None:
    _, payload = stored_step()
    answer = Client().get(led_to(payload))
    assert answer.getvalue() == CONTENT
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Security-Policy"] == "sandbox"


@pytest.mark.django_db
@pytest.mark.usefixtures("hooks_host")
def test_an_address_of_a_download_is_good_for_a_minute() -> None:
    _, payload = stored_step()
    with time_machine.travel(datetime(2026, 1, 1, tzinfo=UTC), tick=False) as clock:
        path = led_to(payload)
        clock.shift(60)
        assert Client().get(path).status_code == 200
        clock.shift(1)
        answer = Client().get(path)
    assert (answer.status_code, answer.content[:40]) == (
        410,
        b"This address was good for 60 seconds: be",
    )


@pytest.mark.django_db
@pytest.mark.usefixtures("hooks_host")
def test_an_address_of_a_download_is_of_one_payload() -> None:
    (_, one), (_, other) = stored_step(), stored_step()
    path = led_to(one)
    assert one.pk.hex in path
    assert Client().get(path.replace(one.pk.hex, other.pk.hex)).status_code == 404


@pytest.mark.django_db
@pytest.mark.usefixtures("hooks_host")
def test_who_may_not_have_it_is_led_nowhere() -> None:
    _, payload = stored_step()
    assert client_of(make_workspace()).get(f"payloads/{payload.pk}").status_code == 404
    assert ApiClient().get(f"payloads/{payload.pk}").status_code == 401


@pytest.mark.django_db
@pytest.mark.usefixtures("hooks_host")
def test_a_program_gets_its_download_at_once() -> None:
    workspace, payload = stored_step()
    key = make_api_key(workspace, Role.VIEWER)[1]
    assert ApiClient(key).get(f"payloads/{payload.pk}").getvalue() == CONTENT
