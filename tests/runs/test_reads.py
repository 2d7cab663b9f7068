"""What is asked again and again reads what it is about, and not all runs that there ever were.

Rows are counted, and nothing is timed: of 2,000 runs that have ended, 1,500 that wait and 500
that are pending no statement may read more than a few. PostgreSQL plans a statement for its
parameters, or once for all that may come, whichever it believes to be cheaper: both must do. That
it would rather read so small a table as a whole is not what is asked.
"""

import json
import os
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import connection, transaction
from django.utils import timezone

from apps.operations.seed.seed import analyze
from apps.runs import ends, room, sweep
from apps.runs.claim import claim_run
from apps.runs.control import heartbeat, lengthy, regular
from apps.runs.events import read_pages
from apps.runs.line import open_due_lines, set_aside, until_line_is_due_s
from apps.runs.models import Line, Run
from apps.runs.tidy import tidy
from apps.runs.worker import WorkerProcess
from apps.triggers.hooks.writer import is_long_backlog
from apps.triggers.models import (
    ScheduleFire,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookRequest,
)
from apps.triggers.schedules.lateness import take_news
from apps.versions.models import WorkflowVersion
from tests.factories import make_schedule, make_version
from tests.operations.seeded import seeded
from tests.runs.work import created

pytestmark = pytest.mark.django_db

ENDED, WAITING, PENDING = 2_000, 1_500, 500
MOST = 250
"""Rows that a statement may read of a table: a claim looks at a hundred, and some more do so."""
SET_ASIDE = 100_000 if os.environ.get("FULL") == "1" else 3_000
TOGETHER = 20
"""Runs whose events are read in the same moment, of ten steps each."""
A_FEW = 20
"""Rows that a claim reads where ten runs are ready."""
KEPT = {
    "runs",
    "step_runs",
    "run_signals",
    "schedule_fires",
    "webhook_requests",
    "webhook_deliveries",
}
"""The tables that grow with runs, and with what starts them."""
TYPES = {UUID: "uuid", datetime: "timestamptz", timedelta: "interval", int: "bigint", bool: "bool"}
"""As psycopg sends them; what it sends as text is of the type that PostgreSQL expects."""


@pytest.fixture
def many(worker: WorkerProcess) -> WorkerProcess:
    """A database with many runs, of which nothing is to be done but to claim what is pending."""
    seeded(ENDED)
    version = make_version(is_published=True)
    run = created(version)
    tell_of_triggers(version)
    later = timezone.now() + timedelta(days=30)
    Run.objects.bulk_create(
        [
            *(_like(run, status="waiting", wake_at=later) for _ in range(WAITING)),
            *(_like(run, turn=n, slots=n % 2 or None, limit_key="k") for n in range(PENDING)),
        ],
        batch_size=500,
    )
    analyze(KEPT)
    return worker


def tell_of_triggers(version: WorkflowVersion) -> None:
    """What is kept of slots that fired and of hooks that came, as of yesterday."""
    schedule, now = make_schedule(version.workflow), timezone.now()
    endpoint = WebhookEndpoint.objects.create(
        workspace=version.workspace, workflow=version.workflow, node_id="hook", method="POST"
    )
    workspace = {"workspace": version.workspace}
    slots = (now - timedelta(seconds=n) for n in range(ENDED))
    ScheduleFire.objects.bulk_create(
        ScheduleFire(schedule=schedule, slot=slot, fired_at=slot, **workspace) for slot in slots
    )
    WebhookRequest.objects.bulk_create(
        WebhookRequest(endpoint=endpoint, method="POST", **workspace) for _ in range(ENDED)
    )
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(
            endpoint=endpoint,
            key=str(n),
            run=uuid4(),
            expires_at=now + timedelta(days=1),
            **workspace,
        )
        for n in range(ENDED)
    )


def _like(run: Run, **fields: Any) -> Run:
    own = {"version": run.version, "workflow": run.workflow, "workspace": run.workspace}
    return Run(**own | {"trigger": "api", "trigger_node": "start", "input_json": []} | fields)


def test_no_periodic_query_reads_the_runs_that_have_ended_or_wait(
    many: WorkerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "close", lambda: None)  # threads give theirs back; we go on
    # What runs keep is counted anew by reading all of them, once an hour and some at a time.
    monkeypatch.setattr(room, "AT_ONCE", MOST // 2)
    tidy()  # What is kept no longer is read to be deleted, once.
    limited = Run.objects.filter(slots=1).first()
    assert limited is not None
    deeds: dict[str, Callable[[], object]] = {
        "send again": sweep.resend_unheard,
        "wake what is due": sweep.wake_due,
        "when is the next due": sweep.until_due_s,
        "orphans": sweep.take_over_orphans,
        "all that was left": sweep.Watch().take_over_dead,
        "heartbeat": lambda: heartbeat(many, {}),
        "claim": lambda: claim_run(many.id, "default"),
        "make a run": lambda: created(limited.version),
        "set aside": lambda: set_aside("default"),
        "lines": open_due_lines,
        "when is a line due": until_line_is_due_s,
        "late in line": sweep.wake_late,
        "low for long": sweep.raise_low,
        "is the backlog long": is_long_backlog,
        "late schedules": lambda: take_news(timezone.now()),
        "tidy up": tidy,
    }
    for place, each in enumerate([*regular, *lengthy.values()]):
        deeds[f"regular {place}"] = each.turn
        deeds[f"regular {place}, when"] = each.until_due_s

    too_many = {name: greedy for name, deed in deeds.items() if (greedy := read_too_much(deed))}

    assert not too_many, json.dumps(too_many, indent=1)


def test_who_ends_what_nobody_claims_reads_a_bounded_number(
    many: WorkerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier = timezone.now() - timedelta(minutes=1)
    Run.objects.filter(status="pending").update(cancel_requested_at=earlier, deadline_at=earlier)
    # What has ended, and what waits, was asked to end too, and is none of it.
    Run.objects.exclude(status="pending").update(cancel_requested_at=earlier, deadline_at=earlier)
    analyze(KEPT)
    ended = []
    monkeypatch.setattr(ends, "_end", lambda run, queue: ended.append(run) or 0)

    too_many = read_too_much(ends.end_unclaimed)

    assert ends.AT_ONCE <= len(ended) <= 2 * ends.AT_ONCE
    assert not too_many, json.dumps(too_many, indent=1)
    monkeypatch.undo()
    # So does the claim of each.
    before = Run.objects.filter(status="pending").count()
    monkeypatch.setattr(ends, "_FOUND", ends._FOUND.replace(f"LIMIT {ends.AT_ONCE}", "LIMIT 1"))
    too_many = read_too_much(ends.end_unclaimed)
    assert not too_many, json.dumps(too_many, indent=1)
    assert PENDING - 2 <= Run.objects.filter(status="pending").count() < before


@pytest.mark.timeout(600)
def test_any_number_that_one_tenant_has_set_aside_costs_the_claims_of_another_nothing(
    worker: WorkerProcess,
) -> None:
    version = make_version(is_published=True)
    holder = created(version)
    limited: dict[str, Any] = {"slots": 1, "limit_key": "k"}
    Run.objects.filter(pk=holder.pk).update(**limited)
    assert claim_run(worker.id, "default")
    Run.objects.bulk_create(_like(holder, turn=1, **limited) for _ in range(1_000))
    assert claim_run(worker.id, "default") is None
    limited["line"] = Line.objects.get()
    for _ in range(1_000, SET_ASIDE, 1_000):
        Run.objects.bulk_create(_like(holder, turn=1, **limited) for _ in range(1_000))
    assert Run.objects.filter(line__isnull=False).count() == SET_ASIDE
    analyze(KEPT)
    other = make_version(is_published=True)

    too_many = read_too_much(lambda: created(other), A_FEW)
    ten = [created(other).pk for _ in range(9)]
    too_many += read_too_much(lambda: claim_run(worker.id, "default"), A_FEW)
    rest = [claim_run(worker.id, "default") for _ in range(10)]

    assert not too_many, json.dumps(too_many, indent=1)
    assert [each and each.run for each in rest] == [*ten, None]


def test_pages_of_events_that_are_read_together_read_the_steps_of_their_runs_alone(
    many: WorkerProcess,
) -> None:
    runs = list(Run.objects.filter(status="completed").values_list("pk", flat=True)[:TOGETHER])

    too_many = read_too_much(lambda: read_pages([(run, 0) for run in runs]))

    assert len(runs) == TOGETHER
    assert not too_many, json.dumps(too_many, indent=1)


def read_too_much(deed: Callable[[], object], most: int = MOST) -> list[str]:
    """The statements of a deed that read more rows of a table than they may, and of which."""
    greedy = []
    look = _greedy_on_postgres if connection.vendor == "postgresql" else _greedy_on_sqlite

    def listen(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if re.match(r"\s*(SELECT|UPDATE|DELETE|WITH|INSERT)", sql) and not many:
            told = look(sql, list(params or ()), most)
            greedy.extend(f"{each}: {' '.join(sql.split())}" for each in told)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen):
        deed()
    return greedy


def _greedy_on_postgres(sql: str, params: list[Any], most: int) -> Iterator[str]:
    client = psycopg.ClientCursor(connection.connection)
    numbers = iter(range(1, 1_000))
    written = re.sub("%[s%]", lambda at: f"${next(numbers)}" if at[0] == "%s" else "%", sql)
    given = f"({', '.join(['%s'] * len(params))})" if params else ""
    types = f"({', '.join(TYPES.get(type(each), 'unknown') for each in params)})" if params else ""
    for mode in ("force_custom_plan", "force_generic_plan"):
        greedy: list[list[str]] = []
        # Of a few hundred rows it may sort all though an index has them in order, as its statistics
        # happen to be: then it is asked whether it can do without.
        for settings in ([], ["enable_sort"]):
            # What it changes is changed back.
            with transaction.atomic():
                client.execute(f"SET LOCAL plan_cache_mode = {mode}")
                for setting in ("enable_seqscan", *settings):
                    client.execute(f"SET LOCAL {setting} = off")
                client.execute(f"PREPARE asked{types} AS {written}")
                client.execute(
                    f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) EXECUTE asked{given}", params
                )
                [[told]] = client.fetchone()
                client.execute("DEALLOCATE asked")
                transaction.set_rollback(True)
            read = _rows_read(told["Plan"])
            greedy.append([f"{mode} reads {n} rows of {table}" for table, n in read if n > most])
        if all(greedy):
            yield from greedy[0]


def _rows_read(plan: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """Each look at a table that grows, and how many rows it meets."""
    if plan.get("Relation Name") in KEPT and plan["Node Type"] != "ModifyTable":
        met = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
        yield plan["Relation Name"], sum(plan.get(each, 0) for each in met) * plan["Actual Loops"]
    for part in plan.get("Plans", ()):
        yield from _rows_read(part)


def _greedy_on_sqlite(sql: str, params: list[Any], most: int) -> Iterator[str]:
    with connection.cursor() as cursor:
        asked = cursor.cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
        for *_, told in asked.fetchall():
            # Without an index: those that it scans hold only what has a status, or waits.
            if re.match(rf"SCAN ({'|'.join(KEPT)})\b(?!.* INDEX )", told):
                yield told
