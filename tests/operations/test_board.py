"""The status board: what it counts, for whom, and that it renews itself."""

import html
import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from apps.operations.board import figures
from apps.operations.board.day import day_of
from apps.operations.board.figures import Figure, figures_of
from apps.operations.models import Alert, RunStat
from apps.runs.holds import hold
from apps.runs.models import Run
from apps.runs.periodic import register_periodic_tasks
from apps.runs.states import Priority
from apps.workspaces.ids import first_id_at
from tests.api import rows
from tests.clients import ApiClient
from tests.factories import (
    make_alert_rule,
    make_run,
    make_user,
    make_version,
    make_workflow,
    make_workspace,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_counted_yet() -> None:
    cache.clear()


def ended(run: Run | None, status: str, seconds: float = 1, ago: float = 5) -> Run:
    end = timezone.now() - timedelta(minutes=ago)
    moments = {"started_at": end - timedelta(seconds=seconds), "finished_at": end}
    return make_run(run and run.version, status, **moments)


def board(run: Run) -> dict[str, Figure]:
    found = figures_of([run.workspace_id], of_installation=False)
    return {figure.title: figure for figure in found}


def test_it_counts_what_is_open_and_what_failed_within_a_day() -> None:
    run = make_run(created_at=timezone.now() - timedelta(minutes=7))
    make_run(run.version, "waiting")
    ended(run, "failed")
    ended(run, "failed", ago=60 * 25)
    told = board(run)
    assert [told[name].value for name in ("Pending", "Waiting", "Running")] == ["1", "1", "0"]
    assert told["Failed in 24 hours"].value == "1"
    assert told["Oldest pending"].value.startswith("7 min")
    assert told["Oldest pending"].is_bad


def test_what_somebody_holds_is_pending_and_no_reason_to_worry() -> None:
    long_ago = timezone.now() - timedelta(hours=2)
    held = make_run(created_at=long_ago)
    hold(held.workflow, "broken", by=None)
    told = board(held)
    assert told["Pending"].value == "1"
    assert (told["Oldest pending"].value, told["Oldest pending"].is_bad) == ("–", False)
    other = make_version(make_workflow(held.workspace))
    for minutes, priority in ((10, Priority.LOW), (20, Priority.DEFAULT), (7, Priority.HIGH)):
        moment = timezone.now() - timedelta(minutes=minutes)
        make_run(other, created_at=moment, priority=priority)
    foreign = make_run(created_at=long_ago)
    assert board(held)["Oldest pending"].value.startswith("20 min")
    both = figures_of([held.workspace_id, foreign.workspace_id], of_installation=False)
    assert next(each.value for each in both if each.title == "Oldest pending").startswith("2 h")
    assert figures_of([], of_installation=False)


def test_what_failed_within_a_day_is_listed_whenever_it_began() -> None:
    long_ago = timezone.now() - timedelta(days=3)
    id = first_id_at(long_ago)
    run = make_run(None, "failed", pk=id, created_at=long_ago, finished_at=timezone.now())
    root = make_user(run.workspace, is_staff=True, is_superuser=True)
    page = ApiClient(root).get(board(run)["Failed in 24 hours"].link)
    assert str(run.pk) in page.content.decode()


def test_each_figure_of_what_ended_leads_to_exactly_the_runs_that_it_counted() -> None:
    done = ended(None, "completed")
    failed, before, trial = (ended(done, "failed", ago=ago) for ago in (5, 120, 5))
    Run.objects.filter(pk=trial.pk).update(is_trial=True)
    unstarted = make_run(done.version, "cancelled", finished_at=timezone.now())
    make_run(done.version)
    told = board(done)
    client = ApiClient(make_user(done.workspace, "operator", is_staff=True))

    def listed(title: str) -> set[str]:
        page = client.get(told[title].link).content.decode()
        return set(re.findall("/admin/runs/run/([0-9a-f-]{36})/change/", page))

    def ids(*runs: Run) -> set[str]:
        return {str(run.pk) for run in runs}

    assert listed("Failed in 24 hours") == ids(failed, before)
    assert listed("Runs a minute") == ids(done, failed, trial, unstarted)
    assert listed("Failure rate") == ids(failed)
    assert listed("95 % took at most") == ids(done, failed, trial)


def test_it_tells_how_many_ended_lately_how_many_failed_and_how_long_they_took() -> None:
    run = ended(None, "failed", seconds=100)
    for _ in range(19):
        ended(run, "completed", seconds=2)
    told = board(run)
    assert told["Runs a minute"].value == "0.33"
    assert told["Runs a minute"].note == "20 in the last hour"
    assert told["Failure rate"].value == "5.0%"
    assert told["95 % took at most"].value == "2.0 s"


@pytest.mark.parametrize(("count", "value"), [(0, "0"), (1, "0.02"), (3, "0.05"), (60, "1.0")])
def test_a_single_run_in_an_hour_is_not_told_as_none(
    count: int, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = timezone.now().replace(second=0, microsecond=0)
    monkeypatch.setattr(figures.timezone, "now", lambda: end + timedelta(minutes=1))
    run = make_run()
    for _ in range(count):
        make_run(run.version, "completed", started_at=end, finished_at=end)
    told = board(run)["Runs a minute"]
    assert told.value == value
    assert told.note == f"{count} in the last hour"


def test_trials_of_drafts_are_no_failures() -> None:
    run = ended(None, "completed")
    Run.objects.filter(pk=ended(run, "failed").pk).update(is_trial=True)
    told = board(run)
    assert told["Failed in 24 hours"].value == "0"
    assert told["Failure rate"].value == "0.0%"


def test_where_there_are_very_many_it_counts_no_further(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "MOST", 3)
    run = make_run()
    for _ in range(5):
        make_run(run.version)
        ended(run, "completed")
    told = board(run)
    assert told["Pending"].value == "3+"
    assert told["Runs a minute"].note.startswith("3 in the last 5 min")


def test_it_asks_the_same_few_questions_however_many_runs_there_are() -> None:
    run = make_run()
    with CaptureQueriesContext(connection) as few:
        figures_of([run.workspace_id], of_installation=True)
    for _ in range(20):
        ended(run, "failed")
    with CaptureQueriesContext(connection) as many:
        figures_of([run.workspace_id], of_installation=True)
    assert len(few) == len(many) <= 12


def test_members_see_the_figures_of_their_workspaces_and_superusers_all() -> None:
    run, other = make_run(), make_run()
    make_run(other.version)
    member = ApiClient(make_user(run.workspace, "operator", is_staff=True))
    page = member.get("/admin/").content.decode()
    assert "Status" in page
    assert "Workers alive" not in page
    assert "/admin/board/" in page
    root = ApiClient(make_user(is_staff=True, is_superuser=True))
    assert "Workers alive" in root.get("/admin/").content.decode()
    assert '<strong class="board-value">3</strong>' in root.get("/admin/board/").content.decode()
    assert '<strong class="board-value">1</strong>' in member.get("/admin/board/").content.decode()


def test_the_board_says_when_beat_ticked_last_and_what_to_do_when_it_does_not() -> None:
    run = make_run()
    register_periodic_tasks()
    for seconds, is_bad in ((5, False), (120, True)):
        sent_at = timezone.now() - timedelta(seconds=seconds)
        PeriodicTask.objects.update(last_run_at=sent_at)
        told = {each.title: each for each in figures_of([run.workspace_id], of_installation=True)}
        beat = told["Last tick of beat"]
        assert beat.is_bad == is_bad
        assert beat.value.endswith("ago")
        assert ("restart FlowForge" in beat.note) == is_bad


def test_who_is_not_in_any_more_is_shown_no_login_in_place_of_the_figures() -> None:
    assert ApiClient().get("/admin/board/").status_code == 401
    assert ApiClient(make_user()).get("/admin/board/").status_code == 401


def graphs(client: ApiClient) -> str:
    cache.clear()
    answer = client.get("/admin/board/day/")
    assert answer.status_code == 200
    return str(answer.content.decode())


def count_as_ended(run: Run, status: str, count: int, minutes_ago: int = 45) -> None:
    starts_at = timezone.now() - timedelta(minutes=minutes_ago)
    RunStat.objects.create(
        workspace=run.workspace, starts_at=starts_at, status=status, took=20, count=count
    )


def test_the_graphs_tell_a_member_of_their_workspaces_alone() -> None:
    run, other = make_run(), make_run()
    count_as_ended(run, "completed", 3)
    count_as_ended(run, "failed", 1)
    count_as_ended(other, "failed", 40)
    member = ApiClient(make_user(run.workspace, "operator", is_staff=True))
    page = graphs(member)
    assert "3 completed, 1 failed, 0 cancelled" in page
    assert "25.0%" in page
    root = ApiClient(make_user(is_staff=True, is_superuser=True))
    assert "3 completed, 41 failed, 0 cancelled" in graphs(root)
    assert ApiClient().get("/admin/board/day/").status_code == 401


def test_each_bar_leads_to_the_runs_that_ended_then() -> None:
    end = timezone.now() - timedelta(minutes=45)
    run = make_run(None, "failed", id=first_id_at(end), finished_at=end)
    other = make_run(run.version, id=first_id_at(end - timedelta(hours=1)))
    count_as_ended(run, "failed", 1)
    member = ApiClient(make_user(run.workspace, "operator", is_staff=True))
    links = set(re.findall(r'<a class="underline" href="([^"]+)"', graphs(member)))
    (link,) = (html.unescape(each) for each in links)
    found = member.get(link).content.decode()
    assert f"{run.pk}/change/" in found
    assert f"{other.pk}/change/" not in found


def test_where_nothing_ended_the_graphs_say_so() -> None:
    run = make_run()
    page = graphs(ApiClient(make_user(run.workspace, "operator", is_staff=True)))
    assert "No run ended." in page


def test_the_graphs_are_one_question_however_much_was_counted() -> None:
    run = make_run()
    with CaptureQueriesContext(connection) as asked:
        for minutes in range(10, 600, 10):
            count_as_ended(run, "failed", 1, minutes)
        before = len(asked)
        day_of([run.workspace_id], timezone.now())
    assert len(asked) - before == 1


def test_it_counts_the_pauses_of_ones_workspaces_and_leads_to_them() -> None:
    run, other = make_run(), make_run()
    told = board(run)["Paused"]
    assert (told.value, told.is_bad) == ("0", False)
    for what in (run.workflow, run.workspace, other.workflow, None):
        hold(what, "broken", by=None)
    told = board(run)["Paused"]
    assert (told.value, told.is_bad) == ("2", True)
    operator = ApiClient(make_user(run.workspace, "operator", is_staff=True))
    page = operator.get(told.link).content.decode()
    assert page.count("/admin/runs/hold/") >= 2
    assert str(run.workflow_id) in page
    assert str(other.workflow_id) not in page
    found = figures_of([run.workspace_id], of_installation=True)
    assert next(each.value for each in found if each.title == "Paused") == "4"


def test_it_counts_the_alerts_that_are_open() -> None:
    mine, foreign = make_alert_rule(make_workspace()), make_alert_rule(make_workspace())
    of_all = make_alert_rule(None)
    for rule in (mine, foreign, of_all):
        rows.alert(rule)

    def open_alerts(of_installation: bool) -> tuple[str, bool]:
        found = figures_of([mine.workspace_id], of_installation=of_installation)
        [figure] = [each for each in found if each.title == "Open alerts"]
        assert figure.link == "/admin/operations/alert/?state=open"
        return figure.value, figure.is_bad

    assert (open_alerts(False), open_alerts(True)) == (("1", True), ("2", True))
    Alert.objects.update(resolved_at=timezone.now())
    assert open_alerts(False) == ("0", False)
