"""What the admin shows of runs and steps."""

import re
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.runs.models import Payload, Run, StepRun
from apps.runs.payloads import store_payload
from tests.clients import ApiClient
from tests.factories import make_run, make_step, make_user, make_version, make_workflow
from tests.graphs import graph, node

pytestmark = pytest.mark.django_db
RUNS = "/admin/runs/run/"
HOSTILE = "<script>alert(1)</script>"


def operator(run: Run) -> ApiClient:
    return ApiClient(make_user(run.workspace, "operator", is_staff=True))


def page(row: Run | StepRun, name: str = "change") -> str:
    return reverse(f"admin:runs_{row._meta.model_name}_{name}", args=[row.pk])


def shown(client: ApiClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode()


def waiting_run(**fields: Any) -> Run:
    at = (timezone.now() - timedelta(hours=3)).isoformat()
    mark = {"seq": 4, "name": "run_waiting", "at": at, "node": "pause", "for": "delay"}
    return make_run(status="waiting", marks=[mark], **fields)


def test_the_list_tells_what_is_stuck_since_when_and_why() -> None:
    run = waiting_run()
    failed = make_run(run.version, "failed", error_code="http_status", error_message="It said 500")
    listed = shown(operator(run), RUNS)
    assert "delay at pause" in listed
    assert "3 h 0 min ago" in listed
    assert "http_status: It said 500" in listed
    assert str(failed.workflow) in listed


@pytest.mark.parametrize(
    ("status", "fields", "told"),
    [
        ("pending", {}, "a worker"),
        ("pending", {"slots": 2}, "a worker, and one of 2 slots"),
        ("running", {}, "its steps"),
        ("running", {"cancel_requested_at": timezone.now()}, "its end: cancel asked for"),
    ],
)
def test_the_list_tells_what_an_open_run_waits_for(
    status: str, fields: dict[str, Any], told: str
) -> None:
    run = make_run(status=status, **fields)
    assert told in shown(operator(run), RUNS)


def test_the_list_is_filtered_by_status_workflow_and_trigger() -> None:
    run, other = make_run(status="failed"), None
    other = make_run(make_version(make_workflow(run.workspace)), trigger="webhook")
    client = operator(run)

    def ids(query: str) -> set[str]:
        listed = shown(client, f"{RUNS}?{query}")
        return {str(each.pk) for each in (run, other) if page(each) in listed}

    assert ids("") == {str(run.pk), str(other.pk)}
    assert ids("status__exact=failed") == {str(run.pk)}
    assert ids("trigger__exact=webhook") == {str(other.pk)}
    assert ids(f"workflow__id__exact={other.workflow_id}") == {str(other.pk)}


def test_of_a_workspace_that_one_does_not_see_nothing_is_listed() -> None:
    run, foreign = make_run(), make_run()
    listed = shown(operator(run), f"{RUNS}?workspace__id__exact={foreign.workspace_id}")
    assert page(run) not in listed
    assert page(foreign) not in listed


def test_a_filter_does_not_name_a_foreign_workflow() -> None:
    run, foreign = make_run(), make_version(make_workflow(name="Secret plan")).workflow
    listed = shown(operator(run), f"{RUNS}?workflow__id__exact={foreign.pk}")
    assert "Secret plan" not in listed


def test_a_run_is_found_by_its_id() -> None:
    run = make_run()
    other = make_run(run.version)
    client = operator(run)
    listed = shown(client, f"{RUNS}?q={run.pk}")
    assert page(run) in listed
    assert page(other) not in listed
    assert page(run) not in shown(client, f"{RUNS}?q=nonsense")


@pytest.mark.parametrize(
    "part",
    [
        "…0f651926d559",  # as the list shows it
        "1926d559",  # as the web pages show it
        "01a21680",
        " 01A21680-0000-7 ",
        "8000-0f651926d559",
    ],
)
def test_a_run_is_found_by_the_parts_of_its_id_that_are_shown(part: str) -> None:
    run = make_run(id=UUID("01a21680-0000-7000-8000-0f651926d559"))
    other = make_run(run.version, id=UUID("01a21681-0000-7000-8000-0f651926d550"))
    listed = shown(operator(run), f"{RUNS}?q={quote(part)}")
    assert page(run) in listed
    assert page(other) not in listed


def test_the_ends_of_old_runs_are_not_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.runs.admin.runs.SEARCHED_ENDS", 1)
    monkeypatch.setattr("apps.runs.search.MOST_LOOKED_AT", 1)
    old = make_run()
    make_run(old.version)
    client = operator(old)
    assert page(old) not in shown(client, f"{RUNS}?q={str(old.pk)[-12:]}")
    assert page(old) in shown(client, f"{RUNS}?q={str(old.pk)[:23]}")


def queries_of(client: ApiClient, path: str) -> list[str]:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        shown(client, path)
    return [query["sql"] for query in seen.captured_queries]


@pytest.mark.parametrize("path", [RUNS, "/admin/runs/steprun/"])
def test_a_list_asks_the_same_few_questions_however_long_it_is(path: str) -> None:
    run = make_run(triggered_by=None)
    make_step(run)
    client = operator(run)
    few = queries_of(client, path)
    for _ in range(20):
        make_step(make_run(make_version(run.workflow)))
    many = queries_of(client, path)
    assert len(many) == len(few)
    assert len(many) <= 12


@pytest.mark.parametrize("path", [RUNS, "/admin/runs/steprun/"])
def test_a_list_counts_nothing_and_loads_no_payload(path: str) -> None:
    run = make_run()
    make_step(run, output_json={"main": []})
    asked = queries_of(operator(run), f"{path}?status__exact={run.status}")
    assert not any("COUNT(" in sql for sql in asked)
    for column in ("input_json", "output_json", '"pins"', "draft_graph", "graph_json"):
        assert not any(column in sql for sql in asked), column


def listed(client: ApiClient, address: str) -> tuple[list[str], dict[str, str]]:
    """The ids of the runs of a page of the list, and where its links to other pages lead."""
    text = shown(client, RUNS + address)
    ids = re.findall(r'name="_selected_action" value="([^"]+)"', text)
    links = re.findall(r'<a rel="(\w+)"[^>]* href="([^"]+)"', text)
    return ids, {name: unescape(to) for name, to in links}


def test_pages_go_on_behind_the_last_row_and_back_before_the_first() -> None:
    run = make_run()
    runs = [run, *(make_run(run.version) for _ in range(119))]
    newest = [str(each.pk) for each in reversed(runs)]
    client = operator(run)
    first, links = listed(client, "?status__exact=pending")
    assert (first, set(links)) == (newest[:50], {"next"})
    # What comes meanwhile moves nothing from one page to another.
    make_run(run.version)
    second, links = listed(client, links["next"])
    assert (second, set(links)) == (newest[50:100], {"first", "prev", "next"})
    third, links_of_third = listed(client, links["next"])
    assert (third, set(links_of_third)) == (newest[100:], {"first", "prev"})
    assert listed(client, links_of_third["prev"])[0] == second
    assert listed(client, links["prev"])[0] == first
    assert len(listed(client, links["first"])[0]) == 50


def test_a_page_behind_what_is_no_id_is_empty_and_says_so() -> None:
    run = make_run()
    client = operator(run)
    answer = client.get(f"{RUNS}?behind=nonsense")
    assert answer.status_code == 302
    listed = shown(client, answer["Location"])
    assert "This list cannot be asked for “behind=nonsense”" in listed
    assert page(run) not in listed


def test_a_page_asks_the_database_for_no_row_before_it() -> None:
    run = make_run()
    asked = queries_of(operator(run), f"{RUNS}?behind={run.pk}")
    assert not any("OFFSET" in sql for sql in asked)


def test_a_runs_page_says_what_it_waits_for_by_the_nodes_name() -> None:
    pause = node("pause", name="Until Monday")
    version = make_version(graph=graph([node("start", "manual"), pause], ["start -> pause"]))
    run = waiting_run(version=version)
    text = shown(operator(run), page(run))
    assert "delay at Until Monday" in text
    step, other = make_step(run, "pause", status="waiting"), make_step(run, "start")
    link = re.search(r'href="([^"]+)">what waits', text)
    assert link
    listed = shown(operator(run), unescape(link[1]))
    assert page(step) in listed
    assert page(other) not in listed
    assert "what waits" not in shown(operator(run), page(make_run(version, "running")))


@pytest.mark.parametrize("code", ["cancelled", "sibling_failed", "deadline"])
def test_a_step_that_the_end_of_its_run_closed_is_not_shown_as_failed(code: str) -> None:
    run = make_run(status="failed")
    step = make_step(run, status="failed", error="It is over.", error_code=code)
    client = operator(run)
    drawn = shown(client, page(run)).partition("Timeline")[2]
    assert "stopped" in drawn
    assert "bg-red" not in drawn
    assert "text-red" not in drawn
    assert "stopped" in shown(client, page(step))


def test_a_runs_page_draws_its_steps_with_errors_and_log() -> None:
    named = node("n", "no_operation", name="Charge the card")
    version = make_version(graph=graph([node("start", "manual"), named], ["start -> n"]))
    run = make_run(version, "failed")
    log = [{"seq": 3, "at": "2026-11-24T18:00:01.000Z", "level": "info", "text": "card is blue"}]
    failure = {"error": "Declined.", "error_code": "declined", "error_hint": "Ask the bank."}
    step = make_step(run, "n", status="failed", log=log, **failure)
    drawn = shown(operator(run), page(run))
    assert "Charge the card" in drawn
    assert page(step) in drawn
    assert "declined: Declined. Ask the bank." in drawn
    assert "card is blue" in drawn
    assert f"/runs/{run.pk}" in drawn


def test_the_id_of_a_steps_node_is_shown_as_it_is() -> None:
    step = make_step(make_run(), "charge")
    drawn = shown(operator(step.run), page(step))
    assert "step charge[0]" in drawn
    assert "Charge[0]" not in drawn


def test_a_page_shows_nothing_unescaped() -> None:
    named = node("n", "no_operation", name=HOSTILE)
    version = make_version(graph=graph([node("start", "manual"), named], ["start -> n"]))
    run = make_run(version, "failed", error_message=HOSTILE, input_json=[{"json": {"a": HOSTILE}}])
    log = [{"seq": 3, "at": "2026-11-24T18:00:01.000Z", "level": "info", "text": HOSTILE}]
    step = make_step(run, "n", log=log, error=HOSTILE, output_json={"main": [HOSTILE]})
    client = operator(run)
    for path in (page(run), page(step), RUNS, "/admin/runs/steprun/"):
        assert HOSTILE not in shown(client, path), path


def test_a_runs_page_reads_a_bounded_part_of_a_long_run() -> None:
    run = make_run(status="running")
    line = {"seq": 1, "at": "2026-11-24T18:00:01.000Z", "level": "info", "text": "z" * 10_000}
    for place in range(205):
        make_step(run, iteration=place, seq_started=place, log=[line] * 20)
    client = operator(run)
    asked = queries_of(client, page(run))
    assert len(asked) <= 22
    drawn = shown(client, page(run))
    assert "These are the first 200." in drawn
    assert "These are the first lines" in drawn
    assert len(drawn) < 1_000_000


def test_a_runs_page_leads_to_its_kin() -> None:
    run = make_run(status="failed")
    retry = make_run(run.version, retry_of=run)
    client = operator(run)
    assert page(retry) in shown(client, page(run))
    assert page(run) in shown(client, page(retry))


def test_a_steps_page_shows_what_it_took_and_gave() -> None:
    run = make_run()
    make_step(run, "start", output_json={"main": [{"json": {"customer": "Ada"}}]})
    step = make_step(run, "end", sources={"main": [["start", 0, "main"]]})
    drawn = shown(operator(run), page(step))
    assert "customer" in drawn
    assert "Ada" in drawn
    assert "main: start[0].main" in drawn


def test_a_steps_page_says_who_tried_it_and_when() -> None:
    run = make_run()
    at = "2026-01-02T03:04:05.678901Z"
    tried = {"n": 1, "seq": 2, "at": at, "worker": "01a21652-a361-7761-9e6e-19ea2e8e766d"}
    pinned = {"n": 1, "seq": 3, "at": at, "worker": None, "pinned": True}
    client = operator(run)
    drawn = shown(client, page(make_step(run, "start", attempts=[tried])))
    assert "2026-01-02 03:04:05.678" in drawn
    assert "worker …19ea2e8e766d" in drawn
    drawn = shown(client, page(make_step(run, "fixed", attempts=[pinned])))
    assert "pinned, not run" in drawn
    assert "worker …" not in drawn


def test_a_large_payload_is_named_and_not_shown() -> None:
    run = make_run()
    payload = store_payload(run.workspace_id, b'{"main": ["%s"]}' % (b"x" * 300_000))
    step = make_step(run, output_payload_id=payload)
    client = operator(run)
    drawn = shown(client, page(step))
    assert "xxxx" not in drawn
    assert f"/api/v1/runs/{run.pk}/steps/{step.pk}" in drawn
    beginning = shown(client, reverse("admin:runs_payload_change", args=[payload]))
    assert "xxxx" in beginning
    assert len(beginning) < 200_000


def test_a_payload_whose_file_is_missing_is_shown_without_it() -> None:
    run = make_run()
    payload = Payload.objects.get(pk=store_payload(run.workspace_id, b"{}"))
    default_storage.delete(payload.file)
    drawn = shown(operator(run), reverse("admin:runs_payload_change", args=[payload.pk]))
    assert "has no file" in drawn


@pytest.mark.parametrize("model", ["run", "steprun"])
def test_what_exists_is_not_changed_or_deleted_by_anybody(model: str) -> None:
    run = make_run()
    row = {"run": run, "steprun": make_step(run)}[model]
    client = ApiClient(make_user(is_staff=True, is_superuser=True))
    form = "application/x-www-form-urlencoded"
    changed = client.post(page(row), b"status=completed", content_type=form)
    deleted = client.post(page(row, "delete"), b"post=yes", content_type=form)
    assert (changed.status_code, deleted.status_code) == (403, 403)
    row.refresh_from_db()
    assert row.status in ("pending", "running")
