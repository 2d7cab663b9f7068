"""The admin's own pages of runs: the timeline that renews itself, the events, and the grid."""

import pytest

from apps.runs.kin import kin_of, note_failure
from apps.runs.models import Run
from tests.clients import ApiClient
from tests.factories import make_run, make_step, make_user, make_version, make_workflow
from tests.graphs import graph, node
from tests.runs.work import created, execute

pytestmark = pytest.mark.django_db(transaction=True)
RUNS = "/admin/runs/run/"


def operator(run: Run) -> ApiClient:
    return ApiClient(make_user(run.workspace, "operator", is_staff=True))


def stranger() -> ApiClient:
    return operator(make_run())


def test_the_timeline_of_an_open_run_renews_itself_and_that_of_an_ended_one_does_not() -> None:
    run = make_run(status="waiting")
    client = operator(run)
    polled = f"{RUNS}{run.pk}/timeline/?status=waiting"
    assert polled in client.get(f"{RUNS}{run.pk}/change/").content.decode()
    make_step(run, "busy")
    assert b"busy" in client.get(polled).content
    assert polled.encode() in client.get(polled).content
    ended = execute(created(run.version))
    assert b"/timeline/" not in client.get(f"{RUNS}{ended.pk}/change/").content


def test_a_page_whose_run_has_another_status_by_now_is_loaded_again() -> None:
    run = make_run(status="waiting")
    answer = operator(run).get(f"{RUNS}{run.pk}/timeline/?status=running")
    assert answer["HX-Refresh"] == "true"


def test_the_events_of_a_run_are_listed_in_pages() -> None:
    run = execute(created())
    client = operator(run)
    text = client.get(f"{RUNS}{run.pk}/events/").content.decode()
    assert "run_finished" in text
    behind = client.get(f"{RUNS}{run.pk}/events/?after={run.seq - 1}").content.decode()
    assert "run_finished" in behind
    assert "run_started" not in behind


def test_events_name_their_steps_as_the_graph_does() -> None:
    document = graph([node("n1", "manual") | {"name": "Order comes in"}, node("n2")], ["n1 -> n2"])
    run = execute(created(make_version(make_workflow(), document)))
    text = operator(run).get(f"{RUNS}{run.pk}/events/").content.decode()
    assert "Order comes in" in text
    assert f"Events of {run.pk}" in text


def test_the_grid_has_a_row_for_each_node_and_a_cell_for_each_run() -> None:
    say = {"code": "if ($input.first().json.n) throw new Error('No.'); return items;"}
    nodes = [node("start", "manual"), node("say", "transform", params=say), node("end")]
    version = make_version(make_workflow(), graph(nodes, ["start -> say", "say -> end"]))
    good = execute(created(version))
    bad = execute(created(version, items=[{"json": {"n": 1}}]))
    text = operator(good).get(f"{RUNS}grid/{version.workflow_id}/").content.decode()
    assert f"Runs of {version.workflow} by steps" in text.split("<body")[1]
    assert text.index(f"{good.pk}/change/") < text.index(f"{bad.pk}/change/")
    assert text.count("run-grid-cell run-grid-completed") == 1 + 3 + 1 + 1
    assert text.count("run-grid-cell run-grid-failed") == 1 + 1 + 1
    only = operator(good).get(f"{RUNS}grid/{version.workflow_id}/?status=failed").content.decode()
    assert f"{good.pk}/change/" not in only


@pytest.mark.parametrize("part", ["timeline", "events"])
def test_a_stranger_is_told_of_no_run(part: str) -> None:
    run = make_run()
    assert stranger().get(f"{RUNS}{run.pk}/{part}/").status_code == 404


def test_a_stranger_is_shown_no_grid() -> None:
    assert stranger().get(f"{RUNS}grid/{make_workflow().pk}/").status_code == 404


def test_a_run_and_the_run_that_tells_of_its_failure_lead_to_each_other() -> None:
    failed = make_run(status="failed")
    telling = make_run(make_version(make_workflow(failed.workspace)))
    note_failure(telling, failed)
    assert kin_of(failed).error_runs == [telling.pk]
    assert kin_of(telling).failed == [failed.pk]
    page = operator(failed).get(f"{RUNS}{failed.pk}/change/").content.decode()
    assert f"{RUNS}{telling.pk}/change/" in page
