"""What nodes have seen: each key is new to one step, though steps die, fail and race."""

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connection, transaction

from apps.engine.ports import RunInfo
from apps.runs.models import Run, SeenKey
from apps.runs.seen import DatabaseMemory
from tests.factories import make_run, make_step, make_version
from tests.graphs import graph, node
from tests.runs.test_files import info
from tests.runs.work import created, execute, output_of

pytestmark = pytest.mark.django_db
MEMORY = DatabaseMemory()
STEP = ("node", 0)


def take(run: RunInfo, *keys: str, step: tuple[str, int] = STEP, most: int = 100) -> list[bool]:
    return MEMORY.take_new(run, step, "node", keys, most)


def next_run(run: Run) -> Run:
    return make_run(run.version)


def completed(run: Run, node: str = "node") -> Run:
    make_step(run, node, status="completed", seq_finished=2)
    return run


def test_a_key_is_new_once() -> None:
    run = completed(make_run())
    assert take(info(run), "a", "b", "a") == [True, True, False]
    assert take(info(next_run(run)), "a", "c") == [False, True]


def test_a_step_that_is_done_again_finds_its_own_keys_new() -> None:
    run = info(make_run())
    take(run, "a")
    assert take(run, "a", "b") == [True, True]


def test_a_step_that_is_still_at_work_has_what_it_took() -> None:
    run = make_run()
    take(info(run), "a")
    assert take(info(next_run(run)), "a") == [False]


def test_a_run_that_failed_before_its_step_ended_has_seen_nothing() -> None:
    run = make_run(status="failed")
    take(info(run), "a")
    again = next_run(run)
    assert take(info(again), "a") == [True]
    assert take(info(next_run(run)), "a") == [False]


def test_a_run_that_failed_behind_the_step_has_seen_what_it_took() -> None:
    run = completed(make_run(status="failed"))
    take(info(run), "a")
    assert take(info(next_run(run)), "a") == [False]


def test_keys_of_runs_that_are_gone_are_remembered() -> None:
    run = completed(make_run())
    take(info(run), "a")
    after = next_run(run)
    run.delete()
    assert take(info(after), "a") == [False]


def test_the_oldest_are_forgotten_beyond_the_most() -> None:
    run = completed(make_run())
    take(info(run), "a", "b", "c", most=2)
    assert SeenKey.objects.count() == 2
    assert take(info(next_run(run)), "a", "c") == [True, False]


def test_another_scope_and_another_workflow_remember_their_own() -> None:
    run = make_run()
    take(info(run), "a")
    assert MEMORY.take_new(info(run), STEP, "other", ["a"], 10) == [True]
    assert take(info(make_run()), "a") == [True]
    assert MEMORY.forget(info(run), "node") == 1


def test_thousands_of_keys_go_in_few_queries(django_assert_max_num_queries: object) -> None:
    run = completed(make_run())
    keys = [str(place) for place in range(2_000)]
    with django_assert_max_num_queries(50):  # type: ignore[operator]
        assert all(MEMORY.take_new(info(run), STEP, "node", keys, 10_000))


def test_keys_that_are_void_are_taken_in_few_queries(django_assert_max_num_queries: object) -> None:
    run = make_run(status="failed")
    keys = [str(place) for place in range(600)]
    take(info(run), *keys, most=1_000)
    again = next_run(run)
    with django_assert_max_num_queries(30):  # type: ignore[operator]
        assert all(take(info(again), *keys, most=1_000))


def hold(run: Run, key: str, held: Event, go: Event) -> None:
    """Have a key in a transaction that is not decided until the others wait."""
    try:
        with transaction.atomic():
            SeenKey.objects.create(
                workspace_id=run.workspace_id,
                workflow_id=run.workflow_id,
                scope="node",
                key=hashlib.sha256(key.encode()).digest(),
                run=run.pk,
                node_id="other",
                iteration=0,
            )
            held.set()
            go.wait(30)
            transaction.set_rollback(True)
    finally:
        connection.close()


def take_aside(run: RunInfo, keys: Sequence[str]) -> list[bool]:
    try:
        return take(run, *keys, most=1_000)
    finally:
        connection.close()


def waiting() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return int(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_runs_that_take_the_same_keys_in_opposite_order_both_go_on() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    one = make_run()
    other = next_run(one)
    keys = [f"key {place}" for place in range(500)]
    held, go = Event(), Event()
    with ThreadPoolExecutor(3) as pool:
        between = pool.submit(hold, one, keys[250], held, go)
        try:
            held.wait(30)
            there = pool.submit(take_aside, info(one), keys)
            back = pool.submit(take_aside, info(other), keys[::-1])
            while waiting() < 2 and not (there.done() or back.done()):
                pass
        finally:
            go.set()
        between.result()
        taken = [*there.result(), *back.result()]
    assert taken.count(True) == len(keys)


def test_a_workflow_passes_what_no_earlier_run_of_it_has_seen() -> None:
    params = {"operation": "earlier_runs", "compare": "selected", "fields": ["id"]}
    nodes = [node("start", "manual"), node("new", "remove_duplicates", params=params)]
    version = make_version(graph=graph(nodes, ["start -> new"]))

    def passed(*ids: int) -> list[int]:
        run = execute(created(version, items=[{"json": {"id": id}} for id in ids]))
        return [item["json"]["id"] for item in output_of(run, "new")["main"]]

    assert passed(1, 2, 1) == [1, 2]
    assert passed(2, 3) == [3]
    assert passed(3) == []
