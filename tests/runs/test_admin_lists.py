"""What the admin's list of runs finds, and what its row buttons do."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from apps.runs.holds import hold
from apps.runs.models import Run, RunValue
from apps.runs.states import RunStatus
from apps.workspaces.models import Membership
from tests.clients import ApiClient
from tests.factories import make_run, make_step, make_user, make_version
from tests.runs.test_admin_deeds import answer_dialog

pytestmark = pytest.mark.django_db
RUNS = "/admin/runs/run/"


def operator(run: Run) -> ApiClient:
    return ApiClient(make_user(run.workspace, "operator", is_staff=True))


def shown(run: Run, query: str) -> str:
    answer = operator(run).get(f"{RUNS}?{query}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def finds(query: str, run: Run, other: Run) -> bool:
    """Whether the list has the run and not the other."""
    text = shown(run, query)
    return f"{RUNS}{run.pk}/change/" in text and f"{RUNS}{other.pk}/change/" not in text


def ended_after(seconds: float, version: Any = None) -> Run:
    now = timezone.now()
    moments = {"started_at": now - timedelta(seconds=seconds), "finished_at": now}
    return make_run(version, "completed", **moments)


def test_runs_are_found_by_how_long_they_took() -> None:
    slow = ended_after(12)
    quick = ended_after(1, slow.version)
    assert finds("min_duration_s=10", slow, quick)
    assert finds("max_duration_s=1.5", quick, slow)


@pytest.mark.parametrize("what", ["workflow", "workspace", "everything"])
def test_a_pending_run_that_is_held_says_so(what: str) -> None:
    run = make_run()
    running = make_run(run.version, "running")
    assert "a worker" in shown(run, "")
    hold({"workflow": run.workflow, "workspace": run.workspace}.get(what), "Upgrade", by=None)
    assert shown(run, "").count("a pause or hold to be lifted") == 1
    assert "its steps" in shown(running, "")


def test_runs_are_found_by_their_version_and_time_and_kept_values() -> None:
    run = make_run()
    other = make_run(make_version(run.workflow))
    RunValue.objects.create(workspace=run.workspace, run=run, name="order", value="A-17")
    assert finds(f"version={run.version.version}", run, other)
    assert finds("value=order:A-17", run, other)
    later = (timezone.now() + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
    assert f"{run.pk}/change/" not in shown(run, f"created_after={later}")
    assert f"{run.pk}/change/" in shown(run, f"created_before={later}")


def test_a_filter_that_says_nothing_sensible_finds_nothing_and_says_what_is_wrong() -> None:
    run = make_run()
    text = shown(run, "min_duration_s=long")
    assert "Took at least, seconds: Enter a number." in text
    assert f"{run.pk}/change/" not in text


def test_trials_of_drafts_are_listed_alone_or_left_out() -> None:
    run = make_run()
    trial = make_run(run.version)
    Run.objects.filter(pk=trial.pk).update(is_trial=True)
    assert finds("is_trial=true", trial, run)
    assert finds("is_trial=false", run, trial)


def test_a_choice_that_there_is_not_finds_nothing_and_says_what_is_wrong() -> None:
    run = make_run()
    for query, told in (("is_trial=perhaps", "trials of drafts"), ("has_notes=perhaps", "notes")):
        text = shown(run, query)
        assert f"{told}: Must be one of" in text
        assert f"{run.pk}/change/" not in text


def test_runs_are_found_by_the_text_of_their_error_and_of_what_their_steps_gave() -> None:
    run = make_run(None, "failed", error_code="http_status", error_message="No such customer.")
    other = make_run(run.version)
    step = {"main": [{"json": {"invoice": "R-2291"}}]}
    make_step(other, output_json=step)
    assert finds("q=such+customer", run, other)
    assert finds("q=R-2291", other, run)


def test_a_short_number_is_looked_for_as_a_text_though_an_id_ends_so() -> None:
    run = make_run(id=UUID("01a21680-0000-7000-8000-0f65192600f3"))
    other = make_run(run.version)
    RunValue.objects.create(workspace=run.workspace, run=other, name="order", value="F-3")
    assert finds("q=F-3", other, run)


def test_who_cancels_from_the_list_comes_back_to_it_as_it_was_filtered() -> None:
    run = make_run()
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{RUNS}?trigger=api"}
    answer = answer_dialog(operator(run), run, "cancel", headers=headers)
    assert answer["HX-Redirect"] == f"{RUNS}?trigger=api"
    run.refresh_from_db()
    assert run.cancel_requested_at is not None


def test_a_row_offers_what_the_state_of_its_run_allows_to_who_may() -> None:
    run = make_run()
    ended = ended_after(1, run.version)
    foreign = make_run()
    user = make_user(run.workspace, "operator", is_staff=True)
    Membership.objects.create(user=user, workspace=foreign.workspace, role="viewer")
    page = ApiClient(user).get(RUNS).content.decode()

    def offered(row: Run) -> list[str]:
        return [name for name in ("retry", "cancel") if f"{RUNS}{row.pk}/{name}/" in page]

    assert offered(run) == ["cancel"]
    assert offered(ended) == ["retry"]
    assert f"{foreign.pk}/change/" in page
    assert offered(foreign) == []
    assert page.count("more_horiz") == 2


def test_a_run_is_marked_as_failed_from_its_page_with_a_note() -> None:
    run = make_run()
    assert answer_dialog(operator(run), run, "fail").status_code == 200
    answer = answer_dialog(operator(run), run, "fail", "note=Nobody+needs+it.")
    assert answer.status_code == 302
    assert run.inbox.get().body == {"failed_because": "Nobody needs it."}


def test_an_ended_run_is_offered_neither_a_cancel_nor_to_be_marked() -> None:
    run = ended_after(1)
    page = operator(run).get(f"{RUNS}{run.pk}/change/").content.decode()
    assert f"{run.pk}/fail/" not in page
    assert f"{run.pk}/retry/" in page
    assert RunStatus(run.status) == RunStatus.COMPLETED


def test_the_list_of_a_workflow_leads_to_its_grid() -> None:
    run = make_run()
    grid = f"{RUNS}grid/{run.workflow_id}/"
    assert grid in shown(run, f"workflow__id__exact={run.workflow_id}")
    assert "/grid/" not in shown(run, "")
