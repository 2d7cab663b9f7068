"""Runs found by a text that they bear, and by when they were made."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.utils import timezone
from uuid_utils.compat import uuid7

from apps.runs import search
from apps.runs.models import Run
from apps.versions.models import WorkflowVersion
from apps.workspaces.ids import first_id_at
from tests.clients import ApiClient, faults
from tests.factories import make_run, make_step, make_user, make_version, make_workflow

pytestmark = pytest.mark.django_db


@pytest.fixture
def version() -> WorkflowVersion:
    return make_version(make_workflow())


@pytest.fixture
def client(version: WorkflowVersion) -> ApiClient:
    return ApiClient(make_user(version.workspace, "viewer"))


def found(client: ApiClient, **query: Any) -> list[str]:
    asked = "&".join(f"{name}={quote(str(value))}" for name, value in query.items())
    return [row["id"] for row in client.get(f"runs?{asked}").json()["results"]]


def ids(*runs: Run) -> list[str]:
    return [str(run.pk) for run in runs]


def test_a_text_is_found_wherever_a_run_bears_it(
    version: WorkflowVersion, client: ApiClient
) -> None:
    make_run(version)
    error = make_run(version, "failed", error_message="No order ABC-17 there")
    value = make_run(version)
    value.values.create(workspace=version.workspace, name="order", value="abc-17")
    given = make_run(version, input_json=[{"json": {"order": "ABC-17"}}])
    took, gave = make_run(version), make_run(version)
    make_step(took, input_json={"main": [{"json": {"order": "ABC-17"}}]})
    make_step(gave, output_json={"main": [{"json": {"order": "ABC-17"}}]})
    make_run(input_json=[{"json": {"order": "ABC-17"}}])  # of another workspace
    assert found(client, search="abc-17") == ids(gave, took, given, value, error)


@pytest.mark.parametrize("text", ['say "hi"', "line\nend", "Straße", "100%", "a_b", "\\d"])
def test_a_text_is_found_as_it_was_before_it_became_json(
    version: WorkflowVersion, client: ApiClient, text: str
) -> None:
    make_step(make_run(version), output_json={"main": [{"json": {"text": "axb 100 d"}}]})
    run = make_run(version)
    make_step(run, output_json={"main": [{"json": {"text": f"So {text} it is"}}]})
    assert found(client, search=text) == ids(run)


def test_a_run_is_found_by_its_id_and_by_the_end_that_lists_show(
    version: WorkflowVersion, client: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST_LOOKED_AT", 1)
    run = make_run(version)
    assert found(client, search=str(run.pk)[-8:]) == ids(run)
    make_run(version)
    make_run(version)
    assert found(client, search=run.pk) == ids(run)
    assert found(client, search=run.pk, status="failed") == []


def test_a_search_says_how_far_it_has_looked(
    version: WorkflowVersion, client: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST_LOOKED_AT", 2)
    hour_ago = timezone.now() - timedelta(hours=1)
    old = make_run(version, id=id_at(hour_ago), error_message="ABC")
    make_run(version, id=id_at(timezone.now() - timedelta(minutes=1)))
    new = make_run(version, error_message="ABC")
    answer = client.get("runs?search=abc").json()
    assert [row["id"] for row in answer["results"]] == ids(new)
    assert answer["searched"]["runs"] == 2
    assert str(old.pk) in found(client, search="abc", created_before=answer["searched"]["since"])


def test_a_search_looks_at_so_many_bytes_and_says_where_it_stopped(
    version: WorkflowVersion, client: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST_BYTES", 1_000)
    ago = [timezone.now() - timedelta(minutes=n) for n in (3, 2, 1)]
    first, second, third = (
        make_run(version, id=id_at(moment), error_message="ABC", output_bytes=450) for moment in ago
    )
    answer = client.get("runs?search=abc").json()
    assert [row["id"] for row in answer["results"]] == ids(third, second)
    assert answer["searched"]["runs"] == 2
    further = found(client, search="abc", created_before=answer["searched"]["since"])
    assert further == ids(second, first)


def test_one_run_is_looked_at_however_much_it_keeps(
    version: WorkflowVersion, client: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST_BYTES", 1_000)
    run = make_run(version, error_message="ABC", output_bytes=10**9)
    answer = client.get("runs?search=abc").json()
    assert [row["id"] for row in answer["results"]] == ids(run)
    assert answer["searched"] is None


@pytest.mark.parametrize(("text", "sought"), [("Müller", "MÜLLER"), ("ПРИВЕТ", "привет")])
def test_the_case_of_no_letter_counts(
    version: WorkflowVersion, client: ApiClient, text: str, sought: str
) -> None:
    run = make_run(version)
    make_step(run, output_json={"main": [{"json": {"name": text}}]})
    error = make_run(version, "failed", error_message=f"No {text}")
    assert found(client, search=sought) == ids(error, run)


def test_a_search_that_saw_all_says_nothing(version: WorkflowVersion, client: ApiClient) -> None:
    make_run(version)
    assert client.get("runs?search=x").json()["searched"] is None
    assert client.get("runs").json()["searched"] is None


def test_runs_are_found_by_version_and_by_when_they_were_made(
    version: WorkflowVersion, client: ApiClient
) -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    early = make_run(version, id=id_at(noon - timedelta(milliseconds=1)))
    late = make_run(make_version(version.workflow), id=id_at(noon))
    assert found(client, created_after=noon.isoformat()) == ids(late)
    assert found(client, created_before=noon.isoformat()) == ids(early)
    assert found(client, version=late.version.version) == ids(late)


def id_at(moment: datetime) -> Any:
    """An id as one that is made at that moment."""
    below = (1 << 80) - 1
    return type(uuid7())(int=first_id_at(moment).int | (uuid7().int & below))


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"])
def test_a_time_at_the_edge_of_the_calendar_is_a_time(
    version: WorkflowVersion, client: ApiClient, moment: str
) -> None:
    run = make_run(version)
    is_late = moment.startswith("9999")
    assert found(client, created_after=moment) == ([] if is_late else ids(run))
    assert found(client, created_before=moment) == (ids(run) if is_late else [])


@pytest.mark.parametrize(
    "query", ["version=x", "version=0", "version=1.5", f"version={'9' * 30}", "created_after=soon"]
)
def test_what_is_no_filter_is_told(client: ApiClient, query: str) -> None:
    assert [path for path, _ in faults(client.get(f"runs?{query}"))] == [query.split("=")[0]]


def test_a_job_takes_no_search_for_it_does_not_look_at_all_runs(
    version: WorkflowVersion,
) -> None:
    client = ApiClient(make_user(version.workspace))
    job = {"deed": "cancel", "filter": {"search": "x"}, "dry_run": True}
    answer = client.post(f"workspaces/{version.workspace_id}/bulk-jobs", job)
    assert faults(answer) == [("filter.search", "unknown")]
    job["filter"] = {"version": 1, "created_after": "2026-01-01T00:00:00Z"}
    answer = client.post(f"workspaces/{version.workspace_id}/bulk-jobs", job)
    assert answer.status_code == 200
