"""What a pending run under a limit waits for, and where it stands."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.runs.line import place_in_line
from apps.runs.models import Run
from apps.runs.states import RunStatus
from apps.versions.models import WorkflowVersion
from tests.clients import ApiClient
from tests.factories import make_run, make_user, make_version

pytestmark = pytest.mark.django_db


def holder(version: WorkflowVersion, slot: int = 1, key: str = "") -> Run:
    return make_run(version, RunStatus.RUNNING, slots=1, slot=slot, limit_key=key)


def limited(version: WorkflowVersion, **fields: Any) -> Run:
    return make_run(version, **{"slots": 1} | fields)


def test_runs_stand_in_line_by_priority_and_then_by_age() -> None:
    version = make_version()
    holder(version)
    first, second = limited(version), limited(version)
    urgent = limited(version, priority=5)
    assert [place_in_line(run) for run in (urgent, first, second)] == [1, 2, 3]


def test_who_has_had_a_turn_stands_before_who_has_not() -> None:
    version = make_version()
    holder(version)
    second, first = limited(version, turn=3), limited(version, turn=0)
    assert [place_in_line(run) for run in (first, second)] == [1, 2]


def test_who_finds_a_free_slot_waits_for_none() -> None:
    version = make_version()
    first, second = limited(version), limited(version)
    assert (place_in_line(first), place_in_line(second)) == (None, 2)


def test_runs_of_another_key_or_workflow_are_in_other_lines() -> None:
    version = make_version()
    holder(version, key="a")
    holder(make_version())
    limited(version, limit_key="a")
    assert place_in_line(limited(version, limit_key="b")) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"slots": None},
        {"status": RunStatus.RUNNING},
        {"status": RunStatus.WAITING},
        {"cancel_requested_at": timezone.now()},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_who_needs_no_slot_stands_in_no_line(fields: dict[str, Any]) -> None:
    version = make_version()
    holder(version)
    assert place_in_line(limited(version, **fields)) is None


def test_a_pending_run_tells_that_it_waits_for_a_slot_and_at_which_place() -> None:
    version = make_version()
    holder(version)
    limited(version)
    run = limited(version)
    client = ApiClient(make_user(version.workspace))
    told = client.get(f"runs/{run.pk}").json()["waiting_for"]
    assert told == [{"step": None, "node": None, "for": "slot", "until": None, "place": 2}]


def test_a_list_of_runs_asks_for_no_places(django_assert_max_num_queries: Any) -> None:
    version = make_version()
    holder(version)
    for _ in range(5):
        limited(version)
    client = ApiClient(make_user(version.workspace))
    with django_assert_max_num_queries(6):
        results = client.get("runs").json()["results"]
    assert [run["waiting_for"] for run in results] == [[]] * 6


def test_the_admins_page_of_a_run_tells_its_place() -> None:
    version = make_version()
    holder(version)
    run = limited(version)
    staff = ApiClient(make_user(version.workspace, is_staff=True))
    page = staff.get(reverse("admin:runs_run_change", args=[run.pk])).content.decode()
    assert "one of 1 slots, at place 1 in line" in page
