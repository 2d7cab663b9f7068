"""Lists in pages."""

import base64
import json
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from django.utils.timezone import now

from apps.workspaces.models import Workspace
from tests.clients import ApiClient, faults
from tests.factories import make_run, make_user, make_version, make_workflow, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace()


@pytest.fixture
def client(workspace: Workspace) -> ApiClient:
    return ApiClient(make_user(workspace))


def follow(client: ApiClient, url: str | None, way: str, member: str = "name") -> list[list[str]]:
    pages = []
    while url:
        answer = client.get(url).json()
        pages.append([row[member] for row in answer["results"]])
        parts = answer[way] and urlsplit(answer[way])
        url = f"{parts.path}?{parts.query}" if parts else None
    return pages


@pytest.mark.parametrize("ordering", ["name", "-name", "-created_at", "updated_at"])
def test_pages_hold_every_row_once_forwards_and_backwards(
    workspace: Workspace, client: ApiClient, ordering: str
) -> None:
    for name in ("a", "b", "b", "b", "c", "d", "e"):  # equal names across pages
        make_workflow(workspace, name=name)
    first = f"/api/v1/workflows?ordering={ordering}&limit=3"
    forwards = follow(client, first, "next")
    assert [len(page) for page in forwards] == [3, 3, 1]
    names = [name for page in forwards for name in page]
    assert sorted(names) == ["a", "b", "b", "b", "c", "d", "e"]
    last = client.get(first).json()
    for _ in range(2):
        last = client.get(path_of(last["next"])).json()
    assert last["next"] is None
    backwards = follow(client, path_of(last["previous"]), "previous")
    assert list(reversed(backwards)) == forwards[:2]


def path_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def test_rows_that_come_meanwhile_do_not_shift_the_pages(
    workspace: Workspace, client: ApiClient
) -> None:
    for name in "abcd":
        make_workflow(workspace, name=name)
    first = client.get("workflows?limit=2").json()
    make_workflow(workspace, name="newer")
    second = client.get(path_of(first["next"])).json()
    assert [row["name"] for row in second["results"]] == ["b", "a"]


def test_links_are_built_from_the_public_url_and_keep_the_filters(
    workspace: Workspace, client: ApiClient, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://flow.example.test"
    for _ in range(2):
        make_workflow(workspace)
    link = client.get("workflows?limit=1&status=draft").json()["next"]
    assert link.startswith("https://flow.example.test/api/v1/workflows?")
    assert "status=draft" in link
    assert "limit=1" in link


def test_links_keep_every_value_of_a_filter(workspace: Workspace, client: ApiClient) -> None:
    version = make_version(make_workflow(workspace))
    for status in ("pending", "failed", "pending"):
        make_run(version, status)
    pages = follow(client, "/api/v1/runs?status=pending&status=failed&limit=1", "next", "status")
    assert pages == [["pending"], ["failed"], ["pending"]]


EDGES = ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"]


@pytest.mark.parametrize("moment", EDGES)
@pytest.mark.parametrize("name", ["started_after", "started_before"])
def test_a_time_at_the_edge_of_the_calendar_is_a_time(
    workspace: Workspace, client: ApiClient, name: str, moment: str
) -> None:
    make_run(make_version(make_workflow(workspace)), started_at=now())
    answer = client.get(f"runs?{name}={quote(moment)}")
    is_late = moment.startswith("9999")
    is_shown = is_late if name == "started_before" else not is_late
    assert answer.status_code == 200
    assert len(answer.json()["results"]) == is_shown


@pytest.mark.parametrize("moment", EDGES)
def test_the_admin_knows_such_times_too(workspace: Workspace, moment: str) -> None:
    admin = ApiClient(make_user(workspace, is_staff=True))
    answer = admin.get(f"/admin/workspaces/auditentry/?at__gte={quote(moment)}")
    assert answer.status_code == 200


@pytest.mark.parametrize("limit", ["0", "201", "-1", "x", "1e3", "", "٣", "9" * 5000])
def test_a_limit_out_of_range_is_told(client: ApiClient, limit: str) -> None:
    assert faults(client.get(f"workflows?limit={limit}")) == [("limit", "out_of_range")]


def test_an_unknown_ordering_is_told(client: ApiClient) -> None:
    assert faults(client.get("workflows?ordering=workspace__name")) == [("ordering", "unknown")]


def cursor(*values: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "%00",
        "é",
        cursor(),
        cursor(False),
        cursor(False, "no uuid"),
        cursor(False, None),
        cursor(False, {}),
        cursor(False, 10**30),
        cursor(False, "0191d4a0-0000-7000-8000-000000000000", 1),
    ],
)
def test_a_cursor_that_is_none_is_told(client: ApiClient, text: str) -> None:
    answer = client.get(f"workflows?cursor={text}")
    assert answer.status_code == 422
    assert faults(answer) == [("cursor", "unknown")]


@pytest.mark.parametrize(
    ("moment", "status"),
    [
        *((moment, 200) for moment in EDGES),
        ("2026-11-24T12:00:00", 422),  # of which zone?
    ],
)
def test_a_cursor_by_time_may_hold_any_time_with_its_zone(
    client: ApiClient, moment: str, status: int
) -> None:
    id = "0191d4a0-0000-7000-8000-000000000000"
    answer = client.get(f"workflows?ordering=updated_at&cursor={cursor(False, moment, id)}")
    assert answer.status_code == status


def test_a_cursor_by_name_may_hold_any_name_but_nul(client: ApiClient) -> None:
    id = "0191d4a0-0000-7000-8000-000000000000"
    good = client.get(f"workflows?ordering=name&cursor={cursor(False, 'x' * 200, id)}")
    bad = client.get(f"workflows?ordering=name&cursor={cursor(False, 'x' + chr(0), id)}")
    assert (good.status_code, bad.status_code) == (200, 422)
