"""Events, read from rows: each once and in order, never beyond what the run's row says."""

from typing import Any

import pytest
from uuid_utils.compat import uuid7

from apps.runs import events as events_module
from apps.runs.events import read_events
from apps.runs.models import Run
from apps.runs.states import RunStatus
from tests.factories import make_run, make_step, make_version
from tests.graphs import graph, node
from tests.runs.work import created, execute

pytestmark = pytest.mark.django_db
AT = "2026-11-24T12:00:00.000Z"


def names(run: Run, after: int = 0) -> list[tuple[int, str]]:
    return [(event["seq"], event["event"]) for event in read_events(run.pk, after).events]


def speaking() -> Run:
    """A run whose middle step logs two lines."""
    code = "console.log('one'); console.warn('two'); return $input.all();"
    nodes = [node("start", "manual"), node("say", "transform", params={"code": code}), node("end")]
    return created(make_version(graph=graph(nodes, ["start -> say", "say -> end"])))


def test_an_executed_run_tells_all_it_did_without_a_gap() -> None:
    run = execute(speaking())
    assert run.status == RunStatus.COMPLETED
    told = names(run)
    assert [seq for seq, _ in told] == list(range(1, run.seq + 1))
    assert [name for _, name in told] == [
        "run_started",
        "step_started",
        "step_succeeded",
        "step_started",
        "step_log",
        "step_log",
        "step_succeeded",
        "step_started",
        "step_succeeded",
        "run_finished",
    ]
    assert read_events(run.pk, 0).is_last


def test_an_event_tells_whose_it_is_and_how_it_went() -> None:
    run = execute(speaking())
    events = read_events(run.pk, 0).events
    said, ended = events[4], events[6]
    about = {"run": str(run.pk), "node": "say", "iteration": 0, "attempt": 1}
    assert about.items() <= said.items()
    assert (said["level"], said["text"]) == ("info", "one")
    assert about.items() <= ended.items()
    assert (ended["status"], ended["items"], ended["error"]) == ("completed", {"main": 1}, None)
    assert events[-1]["status"] == "completed"


@pytest.mark.parametrize("after", range(11))
def test_whoever_comes_back_goes_on_exactly_behind_the_last(after: int) -> None:
    run = execute(speaking())
    assert names(run, after) == names(run)[after:]
    assert read_events(run.pk, after).is_last


def test_what_is_committed_while_one_reads_belongs_to_the_next_read() -> None:
    run = make_run(status="running", seq=2, marks=[{"seq": 1, "name": "run_started", "at": AT}])
    attempt = {"n": 1, "seq": 2, "at": AT}
    line = {"seq": 3, "at": AT, "level": "info", "text": "not yet"}
    make_step(run, attempts=[attempt], log=[line], seq_started=2, seq=3)
    page = read_events(run.pk, 0)
    assert [event["event"] for event in page.events] == ["run_started", "step_started"]
    assert not page.is_last
    Run.objects.filter(pk=run.pk).update(seq=3)
    assert names(run, after=2) == [(3, "step_log")]


def test_events_come_in_pages_by_their_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    run = execute(speaking())
    whole = read_events(run.pk, 0).events
    monkeypatch.setattr(events_module, "MOST", 3)
    pages = [read_events(run.pk, after) for after in (0, 3, 6, 9)]
    assert [event for page in pages for event in page.events] == whole
    assert [page.upto for page in pages] == [3, 6, 9, 10]
    assert [page.has_more for page in pages] == [page.is_last is False for page in pages]
    assert [page.is_last for page in pages] == [False, False, False, True]


def test_a_page_reads_only_the_steps_that_it_tells_of(monkeypatch: pytest.MonkeyPatch) -> None:
    run = execute(speaking())
    told: list[int] = []
    derive = events_module.events_of

    def derived(run: str, marks: Any, steps: Any, after: int) -> Any:
        read = list(steps)
        told.append(len(read))
        return derive(run, marks, read, after)

    monkeypatch.setattr(events_module, "events_of", derived)
    monkeypatch.setattr(events_module, "MOST", 4)
    for after in (0, 4, 8):
        read_events(run.pk, after)
    assert told == [2, 2, 1]


def test_of_a_run_that_is_gone_nothing_follows() -> None:
    page = read_events(uuid7(), 7)
    assert (page.events, page.upto, page.is_last) == ([], 7, True)


def test_nothing_new_is_one_question(django_assert_num_queries: Any) -> None:
    run = make_run(status="running", seq=7)
    with django_assert_num_queries(1):
        assert names(run, after=7) == []


def test_a_retried_step_tells_of_each_attempt() -> None:
    run = make_run(status="running", seq=5)
    error = {"code": "timeout", "message": "Too slow", "hint": None}
    attempts = [
        {"n": 1, "seq": 1, "at": AT, "error": error, "ended_seq": 2, "ended_at": AT},
        {"n": 2, "seq": 4, "at": AT},
    ]
    log = [
        {"seq": 3, "at": AT, "level": "info", "text": "between"},
        {"seq": 5, "at": AT, "level": "info", "text": "in the second"},
    ]
    make_step(run, attempts=attempts, log=log, seq_started=1, seq=5)
    events = read_events(run.pk, 0).events
    assert [(event["event"], event["attempt"]) for event in events] == [
        ("step_started", 1),
        ("step_retrying", 1),
        ("step_log", 1),
        ("step_started", 2),
        ("step_log", 2),
    ]
    assert events[1]["error"] == error


def test_a_failed_step_and_its_run_tell_why() -> None:
    nodes = [node("start", "manual"), node("stop", "stop_and_error", params={"message": "No more"})]
    run = execute(created(make_version(graph=graph(nodes, ["start -> stop"]))))
    assert (run.status, run.error_message) == (RunStatus.FAILED, "No more")
    events = read_events(run.pk, 0).events
    failed = next(event for event in events if event["event"] == "step_failed")
    assert failed["error"]["message"] == "No more"
    assert events[-1]["event"] == "run_finished"
    assert events[-1]["error"]["message"] == "No more"


def test_a_skipped_step_is_told() -> None:
    nodes = [
        node("start", "manual"),
        node("never", "filter", params={"conditions": NEVER}),
        node("end"),
    ]
    version = make_version(graph=graph(nodes, ["start -> never", "never -> end"]))
    run = execute(created(version))
    assert [name for _, name in names(run)].count("step_skipped") == 1


NEVER = {
    "combinator": "and",
    "conditions": [
        {"leftValue": "a", "rightValue": "b", "operator": {"type": "string", "operation": "equals"}}
    ],
}


def test_several_runs_are_read_at_once_as_each_is_alone() -> None:
    runs = [execute(speaking()), execute(created()), make_run()]
    asked = [(run.pk, after) for run in runs for after in (0, 3)]
    alone = {(run, after): read_events(run, after) for run, after in asked}
    assert events_module.read_pages(asked) == alone


def test_however_many_runs_are_read_there_are_two_queries(
    django_assert_num_queries: Any,
) -> None:
    runs = [execute(created()) for _ in range(5)]
    with django_assert_num_queries(2):
        events_module.read_pages([(run.pk, 0) for run in runs])


def test_pages_that_are_read_together_cover_no_more_than_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(events_module, "MOST", 4)
    asked = [(execute(speaking()).pk, 0) for _ in range(2)]
    pages = events_module.read_pages(asked).values()
    assert [(len(page.events), page.upto, page.has_more) for page in pages] == [(2, 2, True)] * 2
