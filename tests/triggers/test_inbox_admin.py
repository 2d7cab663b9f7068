"""The inbox of the hooks in the admin: what its list finds, and when addresses were called last."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from apps.runs.models import Run
from apps.triggers.models import WebhookEndpoint, WebhookRequest
from apps.versions.models import WorkflowVersion
from tests.clients import ApiClient
from tests.factories import make_run, make_user, make_version

pytestmark = pytest.mark.django_db
INBOX = "/admin/triggers/webhookrequest/"
ENDPOINTS = "/admin/triggers/webhookendpoint/"


@pytest.fixture
def version() -> WorkflowVersion:
    return make_version()


@pytest.fixture
def operator(version: WorkflowVersion) -> ApiClient:
    return ApiClient(make_user(version.workspace, "operator", is_staff=True))


def endpoint(version: WorkflowVersion, path: str = "orders") -> WebhookEndpoint:
    fields = {"workspace": version.workspace, "workflow": version.workflow, "node_id": path}
    return WebhookEndpoint.objects.get_or_create(**fields, path=path, method="POST")[0]


def request_of(
    version: WorkflowVersion, status: str = "completed", hours_ago: float = 0
) -> WebhookRequest:
    at = now() - timedelta(hours=hours_ago)
    made = {"id": UUID(int=(int(at.timestamp() * 1000) << 80) + WebhookRequest.objects.count())}
    return WebhookRequest.objects.create(
        **made,
        workspace=version.workspace,
        endpoint=endpoint(version),
        run=make_run(version, status),
        method="POST",
        path="orders",
        received_at=at,
    )


def shown(client: ApiClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def found(client: ApiClient, query: str) -> set[UUID]:
    text = shown(client, f"{INBOX}?{query}")
    kept = WebhookRequest.objects.values_list("pk", flat=True)
    return {id for id in kept if f"{INBOX}{id}/change/" in text}


def test_requests_are_found_by_what_became_of_their_run(
    version: WorkflowVersion, operator: ApiClient
) -> None:
    good, bad, gone = (request_of(version, status) for status in ("completed", "failed", "failed"))
    Run.objects.filter(pk=gone.run_id).delete()
    assert found(operator, "outcome=completed") == {good.pk}
    assert found(operator, "outcome=failed") == {bad.pk}
    assert found(operator, "outcome=gone") == {gone.pk}
    assert found(operator, "") == {good.pk, bad.pk, gone.pk}
    assert "run deleted" in shown(operator, INBOX)


def test_requests_are_found_by_when_they_came(
    version: WorkflowVersion, operator: ApiClient
) -> None:
    old, new = request_of(version, hours_ago=5), request_of(version, hours_ago=1)
    between = f"{now() - timedelta(hours=3):%Y-%m-%dT%H:%M}"
    assert found(operator, f"received_after={between}") == {new.pk}
    assert found(operator, f"received_before={between}") == {old.pk}


def test_what_is_no_moment_finds_nothing_and_says_so(
    version: WorkflowVersion, operator: ApiClient
) -> None:
    request_of(version)
    for wrong in ("soon", "2026-13-01", "0001-01-01T00:00"):
        answer = operator.get(f"{INBOX}?received_before={wrong}")
        assert answer.status_code == 200
    text = shown(operator, f"{INBOX}?received_after=soon")
    assert "Received from, UTC: “soon” is no moment." in text


def test_staff_find_requests_of_their_workspaces_alone(
    version: WorkflowVersion, operator: ApiClient
) -> None:
    foreign = request_of(make_version(), "failed")
    assert found(operator, "outcome=failed") == set()
    assert operator.get(f"{INBOX}{foreign.pk}/change/").status_code in (302, 404)
    superuser = ApiClient(make_user(is_staff=True, is_superuser=True))
    assert found(superuser, "outcome=failed") == {foreign.pk}


def test_an_address_tells_when_it_was_called_last_and_leads_to_its_requests(
    version: WorkflowVersion, operator: ApiClient
) -> None:
    address = endpoint(version)
    request_of(version, hours_ago=5)
    request_of(version, hours_ago=2)
    assert "2 h 0 min ago" in shown(operator, ENDPOINTS)
    page = shown(operator, f"{ENDPOINTS}{address.pk}/change/")
    assert "2 h 0 min ago" in page
    assert f"{INBOX}?endpoint__id__exact={address.pk}" in page


@pytest.mark.parametrize("path", [INBOX, f"{INBOX}?outcome=failed", ENDPOINTS])
def test_the_lists_take_as_many_queries_however_long_they_are(
    version: WorkflowVersion, operator: ApiClient, path: str
) -> None:
    def asked() -> list[str]:
        shown(operator, path)
        with CaptureQueriesContext(connection) as seen:
            shown(operator, path)
        return [query["sql"] for query in seen.captured_queries]

    request_of(version, "failed")
    few = len(asked())
    for _ in range(4):
        request_of(version, "failed")
    many = asked()
    assert len(many) == few
    assert few <= 13
    if path.startswith(INBOX):
        assert not any("COUNT(" in sql.upper() for sql in many)
