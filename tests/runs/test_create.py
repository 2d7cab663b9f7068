"""The one door through which runs are made."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection

from apps.engine.errors import FaultsError
from apps.runs.create import RunRequest, insert_runs, items_of, prepare_run, trigger_items
from apps.runs.models import Payload, Run
from apps.runs.sql import database_now
from apps.runs.states import Priority, RunStatus, Trigger
from tests.factories import make_version
from tests.graphs import chain
from tests.runs.work import created

pytestmark = pytest.mark.django_db
NOW = "2026-11-24T12:00:00Z"


def test_a_run_is_pending_and_bound_to_its_version() -> None:
    version = make_version()
    run = Run.objects.get(pk=created(version, priority=Priority.HIGH).pk)
    assert run.status == RunStatus.PENDING
    assert (run.version, run.workflow, run.workspace) == (
        version,
        version.workflow,
        version.workspace,
    )
    assert (run.trigger, run.trigger_node, run.priority) == (Trigger.API, "start", Priority.HIGH)
    assert run.sent_at
    assert (run.seq, run.fence, run.crashes, run.signals) == (0, 0, 0, 0)


def test_a_run_wakes_its_queue_once_it_is_durable(
    django_capture_on_commit_callbacks: Any,
) -> None:
    version = make_version()
    with django_capture_on_commit_callbacks() as callbacks:
        created(version)
    assert len(callbacks) == 1


def test_items_are_kept_exactly() -> None:
    items = [{"json": {"z": 1, "a": 10**30, "nul": "\0", "text": "ä𝄞"}}]
    run = Run.objects.get(pk=created(items=items).pk)
    assert trigger_items(run) == items
    assert list(trigger_items(run)[0]["json"]) == ["z", "a", "nul", "text"]


def test_large_items_are_stored_apart(settings: Any) -> None:
    items = [{"json": {"text": "x" * settings.INLINE_PAYLOAD_BYTES}}]
    run = Run.objects.get(pk=created(items=items).pk)
    assert run.input_json is None
    assert trigger_items(run) == items
    again = created(run.version, items=items)
    assert again.input_payload_id == run.input_payload_id
    assert Payload.objects.count() == 1


@pytest.mark.parametrize(
    ("own", "asked", "seconds"),
    [(None, None, None), (60, None, 60), (None, 5, 5), (60, 5, 5), (60, 120, 60)],
)
def test_the_shorter_limit_is_the_deadline(
    own: float | None, asked: float | None, seconds: float | None
) -> None:
    version = make_version(graph=chain("start", "end", **({"timeout_s": own} if own else {})))
    before = database_now()
    with time_machine.travel(NOW):  # by the database's clock, whatever ours shows
        run = created(version, deadline_s=asked)
    if seconds is None:
        assert run.deadline_at is None
    else:
        limit = timedelta(seconds=seconds)
        assert before + limit <= run.deadline_at <= database_now() + limit


def test_a_run_has_its_versions_priority_unless_it_is_given_another() -> None:
    version = make_version(graph=chain("start", "end", priority="low"))
    assert created(version).priority == Priority.LOW
    assert created(version, priority=Priority.DEFAULT).priority == Priority.DEFAULT


def test_a_limit_and_its_key_come_from_the_version_and_the_first_item() -> None:
    limit = {"limit": 2, "key": "={{ $json.customer }}"}
    version = make_version(graph=chain("start", "end", concurrency=limit))
    run = created(version, items=[{"json": {"customer": "Ada"}}, {"json": {"customer": "Bob"}}])
    assert (run.slots, run.limit_key) == (2, "Ada")
    nobody = created(version, items=[{"json": {}}])
    assert (nobody.slots, nobody.limit_key) == (2, "")


@pytest.mark.parametrize(
    ("given", "items"),
    [
        (None, [{"json": {}}]),  # nothing: one empty item, so that the first node runs
        ({"a": 1}, [{"json": {"a": 1}}]),
        ({"json": {"a": 1}}, [{"json": {"a": 1}}]),  # an item already
        ({"json": {"a": 1}, "b": 2}, [{"json": {"json": {"a": 1}, "b": 2}}]),  # an object with json
        ([{"a": 1}, {"json": {}}], [{"json": {"a": 1}}, {"json": {}}]),
        ([], []),
    ],
)
def test_what_a_caller_gives_becomes_items(given: Any, items: list[Any]) -> None:
    assert items_of(given) == items


def rows_read() -> int:
    """How many rows of runs this transaction has read."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables"
            " WHERE relname = 'runs'"
        )
        return int(cursor.fetchone()[0])


def test_the_turn_of_a_run_is_found_without_reading_all_that_wait() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL keeps a plan from when few were pending")
    version = make_version()
    with connection.cursor() as cursor:
        # So that none is larger for what other tests have left in it, and another one taken for it.
        cursor.execute("REINDEX TABLE runs")
        cursor.execute("ANALYZE runs")
    for _ in range(20):
        created(version)
    request = RunRequest(Trigger.API, "start", [{"json": {}}])
    insert_runs([prepare_run(version, request) for _ in range(1_000)])
    before = rows_read()
    created(version)
    assert rows_read() - before <= 2


def test_every_element_that_is_no_item_is_told() -> None:
    with pytest.raises(FaultsError) as refused:
        items_of([1, {"a": 1}, "x", {"json": 3}])
    assert [fault.path for fault in refused.value.faults] == ["input[0]", "input[2]", "input[3]"]
