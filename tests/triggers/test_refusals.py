"""What hooks refuse is counted in memory, written seldom, and shown by its reason."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from apps.triggers.errors import RefusedError
from apps.triggers.hooks import ingress
from apps.triggers.hooks import refusals as module
from apps.triggers.hooks.refusals import Address, Refusals, delete_old_refusals
from apps.triggers.models import WebhookEndpoint, WebhookRefusal, WebhookRequest
from tests.clients import ApiClient
from tests.factories import make_user, make_workspace
from tests.triggers.test_door import basic, listens, listens_to
from tests.triggers.test_hooks import send

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = {"username": "ada", "password": "a-long-password"}


@pytest.fixture(autouse=True)
def refusals(monkeypatch: pytest.MonkeyPatch) -> Refusals:
    """Those of this process."""
    own = Refusals()
    monkeypatch.setattr(ingress, "refusals", own)
    return own


def stored() -> dict[str, int]:
    return dict(WebhookRefusal.objects.values_list("reason", "count"))


def refused(endpoint: WebhookEndpoint | None, code: str = "not_authenticated") -> RefusedError:
    why = RefusedError(401, code, "No.")
    why.endpoint = endpoint.pk if endpoint else None
    return why


def counted(refusals: Refusals, endpoint: WebhookEndpoint | None, times: int = 1) -> None:
    async def count() -> None:
        for number in range(times):
            refusals.count(refused(endpoint), Address(("x", str(number)), "POST"))

    asyncio.run(count())


# --- What is counted ----------------------------------------------------------------------------


def test_what_is_refused_is_counted_once_written_with_its_reason(refusals: Refusals) -> None:
    listens("http_basic", PASSWORD, authentication="basic")
    allowed = {"authorization": basic(*PASSWORD.values())}
    assert send("safe", **allowed).status == 202
    # Also where its address is known from before, and looked up once more.
    for _ in range(2):
        assert send("safe").status == 401
    assert send("safe", method="PUT").status == 405
    assert send("safe", b"{", **allowed).status == 400
    assert send("elsewhere").status == 404
    assert stored() == {}
    refusals.write()
    refusals.write()
    assert stored() == {"not_authenticated": 2, "method_not_allowed": 1, "unreadable": 1}
    assert WebhookRequest.objects.count() == 1


def test_a_body_that_is_too_large_is_counted_though_its_address_is_not_looked_at(
    refusals: Refusals, settings: LazySettings
) -> None:
    listens_to()
    settings.MAX_BODY_BYTES = 10
    for path in ("safe", "nowhere"):
        assert send(path, b'"much longer"').status == 413
    refusals.write()
    assert stored() == {"too_large": 1}


def test_an_upload_that_is_refused_is_counted(refusals: Refusals, settings: LazySettings) -> None:
    listens_to()
    settings.MAX_UPLOAD_BYTES = 10
    assert send("safe", b"x" * 20, "application/octet-stream", content_length="20").status == 413
    refusals.write()
    assert stored() == {"too_large": 1}


def test_of_two_processes_the_counts_add_up(refusals: Refusals) -> None:
    listens_to()
    endpoint = WebhookEndpoint.objects.get()
    other = Refusals()
    counted(refusals, endpoint, 2)
    counted(other, endpoint, 3)
    last_at = now()
    for each in (other, refusals):
        each.write()
    [row] = WebhookRefusal.objects.all()
    assert (row.count, row.workspace_id) == (5, endpoint.workspace_id)
    assert last_at - timedelta(minutes=1) < row.last_at <= last_at


# --- How often it is written --------------------------------------------------------------------


def test_a_storm_of_refusals_is_written_by_one_statement(refusals: Refusals) -> None:
    listens_to()
    counted(refusals, WebhookEndpoint.objects.get(), 5_000)
    with CaptureQueriesContext(connection) as asked:
        refusals.write()
    writes = [each["sql"] for each in asked if "INTO webhook_refusals" in each["sql"]]
    assert len(writes) == 1
    assert stored() == {"not_authenticated": 5_000}


def test_it_is_written_once_in_a_while_however_many_there_are(
    refusals: Refusals, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes: list[Any] = []

    async def read(write: Any) -> None:
        writes.append(write)

    monkeypatch.setattr(module, "EVERY_S", 0)
    monkeypatch.setattr(module, "read", read)

    async def storm() -> None:
        for _ in range(2):
            for _ in range(100):
                refusals.count(refused(None), Address(("x",), "POST"))
            while refusals._due_on is not None:
                await asyncio.sleep(0)
            await refusals._writing

    asyncio.run(storm())
    assert writes == [refusals.write, refusals.write]


def test_addresses_that_nobody_listens_at_fill_no_memory(refusals: Refusals) -> None:
    counted(refusals, None, module.MOST + 10)
    assert len(refusals._counts) == module.MOST
    refusals.write()
    assert stored() == {}


def test_what_cannot_be_written_is_kept_for_the_next_time(
    refusals: Refusals, monkeypatch: pytest.MonkeyPatch
) -> None:
    listens_to()
    endpoint = WebhookEndpoint.objects.get()

    def away(counts: Any) -> None:
        raise OperationalError("the database is away")

    with monkeypatch.context() as broken:
        broken.setattr(module, "_write", away)
        counted(refusals, endpoint)
        refusals.write()
    counted(refusals, endpoint)
    refusals.write()
    assert stored() == {"not_authenticated": 2}


def test_an_endpoint_that_is_gone_is_left_out(refusals: Refusals) -> None:
    listens_to()
    endpoint = WebhookEndpoint.objects.get()
    counted(refusals, endpoint)
    WebhookEndpoint.objects.all().delete()
    refusals.write()
    assert stored() == {}


def test_refusals_are_kept_as_long_as_requests(settings: LazySettings) -> None:
    settings.INBOX_DAYS = 7
    listens_to()
    for days in (0, 6, 9):
        make_refusals(days_ago=days)
    assert delete_old_refusals(now()) == 1
    assert WebhookRefusal.objects.count() == 2


# --- Where it is shown --------------------------------------------------------------------------


def make_refusals(days_ago: int = 0, **fields: Any) -> WebhookRefusal:
    endpoint = WebhookEndpoint.objects.get()
    at = now() - timedelta(days=days_ago)
    row = {"reason": "not_authenticated", "count": 1, "last_at": at, "day": at.date()} | fields
    return WebhookRefusal.objects.create(workspace=endpoint.workspace, endpoint=endpoint, **row)


def test_the_api_tells_of_each_hook_what_it_refused_lately() -> None:
    listens_to()
    endpoint = WebhookEndpoint.objects.get()
    viewer = ApiClient(make_user(endpoint.workspace, "viewer"))
    assert viewer.get("hooks").json()["results"][0]["refusals"] == []
    make_refusals(count=2)
    make_refusals(days_ago=1, count=3)
    make_refusals(days_ago=30, count=100)
    make_refusals(reason="too_large")
    [hook] = viewer.get("hooks").json()["results"]
    told = [(each["reason"], each["count"]) for each in hook["refusals"]]
    assert told == [("not_authenticated", 5), ("too_large", 1)]
    stranger = ApiClient(make_user(make_workspace(), "admin"))
    assert stranger.get("hooks").json()["results"] == []


def test_the_admin_shows_what_was_refused_and_why() -> None:
    listens_to()
    endpoint = WebhookEndpoint.objects.get()
    operator = ApiClient(make_user(endpoint.workspace, "operator", is_staff=True))
    make_refusals(count=1_200)
    make_refusals(days_ago=1, count=34)
    make_refusals(reason="too_large", count=7)
    pages = "/admin/triggers/webhookendpoint/"
    assert "1,241, last" in operator.get(pages).content.decode()
    page = operator.get(f"{pages}{endpoint.pk}/change/").content.decode()
    assert "1,234 × wrong secret or signature, last" in page
    assert "7 × too large, last" in page
