"""How soon others go on with the runs of a worker that is gone."""

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import LiteralString

import pytest

from tests.integration import flows
from tests.integration.cluster import LIMITS, Cluster
from tests.integration.effects import EffectServer
from tests.integration.storm import quantile
from tests.services import wait_for

pytestmark = pytest.mark.integration

SILENT_AFTER_S = float(LIMITS["SILENT_AFTER_S"])
ELSEWHERE = "another boot"
"""Of a host whose processes cannot be looked for from here."""


@pytest.mark.parametrize("host", ["this host", "another host"])
def test_orphans_are_taken_over_soon(
    cluster: Cluster,
    effects: EffectServer,
    sized: Callable[[int, int], int],
    figures: Callable[[str], None],
    host: str,
) -> None:
    after: list[float] = []
    kills = sized(1, 25)
    for _ in range(kills):
        # As many as the one that is left has threads for.
        runs = [cluster.hook("held", {}) for _ in range(8)]
        for run in runs:
            wait_for(lambda run=run: effects.begun_by(run))
        parts = {run: cluster.worker_of(run) for run in runs}
        victim = max(set(parts.values()), key=list(parts.values()).count)
        if host == "another host":
            pid = cluster.parts[victim].pid
            cluster.rows("UPDATE workers SET boot = %s WHERE pid = %s", ELSEWHERE, pid)
        orphans = [run for run in runs if parts[run] == victim]
        cluster.kill(victim)
        killed = time.monotonic()
        for run in orphans:
            wait_for(lambda run=run: len(effects.begun_at(run, "effect")) == 2, 60)
        after += [effects.begun_at(run, "effect")[1] - killed for run in orphans]
        effects.release()
        for run in runs:
            assert cluster.ended(run)["status"] == "completed"
        effects.hold()
        cluster.mend()
    after.sort()
    assert quantile(after, 0.99) < sized(60, int(SILENT_AFTER_S) + 5)
    figures(
        f"kills {kills}, orphans {len(after)}, their effects begun again after p50 "
        f"{quantile(after, 0.5):.1f} s, p99 {quantile(after, 0.99):.1f} s, max {after[-1]:.1f} s "
        f"(silent after {SILENT_AFTER_S:g} s)"
    )


def test_a_deadline_holds_though_the_worker_is_gone(
    cluster: Cluster,
    effects: EffectServer,
    sized: Callable[[int, int], int],
    figures: Callable[[str], None],
) -> None:
    cluster.workflow(flows.held("short", effects, "run_again", timeout_s=3), "Short")
    run = cluster.hook("short", {})
    wait_for(lambda: effects.begun_by(run))
    victim = cluster.worker_of(run)
    pid = cluster.parts[victim].pid
    cluster.rows("UPDATE workers SET boot = %s WHERE pid = %s", ELSEWHERE, pid)
    cluster.kill(victim)
    ended = cluster.ended(run, seconds=30)
    assert (ended["status"], ended["error_code"]) == ("failed", "deadline")
    assert effects.begun_by(run) == {"effect:0": 1}
    [[late]] = cluster.rows("SELECT finished_at - deadline_at FROM runs WHERE id = %s", run)
    assert late.total_seconds() < sized(30, int(SILENT_AFTER_S) + 5)
    figures(f"deadline 3 s, worker killed: ended {late.total_seconds():.1f} s after it, repeated 0")


def test_a_thousand_orphans_at_once_are_taken_over_soon(
    cluster: Cluster, sized: Callable[[int, int], int], figures: Callable[[str], None]
) -> None:
    count = sized(100, 1_000)
    cluster.workflow(flows.quick("crowded"), "Crowded")
    for part in ("worker_1", "worker_2"):
        cluster.kill(part)
    runs = [cluster.hook("crowded", {}) for _ in range(count)]
    with a_worker_elsewhere(cluster) as elsewhere:
        taken = cluster.rows(
            "UPDATE runs SET status = 'running', worker_id = %s, fence = fence + 1,"
            " started_at = now() WHERE id = ANY(%s) AND status = 'pending' RETURNING id",
            elsewhere,
            runs,
        )
        assert len(taken) == count
        living = {cluster.begin_part(part).pid for part in ("worker_1", "worker_2")}
        wait_for(lambda: living <= cluster.workers(), 100, every=0.1)
    timeout = time.monotonic() + SILENT_AFTER_S

    def left(condition: LiteralString, *values: object) -> int:
        [[count]] = cluster.rows(f"SELECT count(*) FROM runs WHERE {condition}", *values)
        return int(count)

    wait_for(lambda: left("worker_id = %s", elsewhere) == 0, 60, every=0.05)
    taken_s = time.monotonic() - timeout
    wait_for(lambda: left("id = ANY(%s) AND finished_at IS NULL", runs) == 0, 200, every=0.1)
    ended_s = time.monotonic() - timeout
    assert left("id = ANY(%s) AND status = 'completed'", runs) == count
    assert taken_s < sized(60, 10)
    figures(
        f"orphans {count:,}, all taken over {taken_s:.1f} s after the timeout, all completed "
        f"{ended_s:.1f} s after it"
    )


@contextmanager
def a_worker_elsewhere(cluster: Cluster) -> Iterator[uuid.UUID]:
    """A worker of another host, which beats until the end and then is silent."""
    id, is_over = uuid.uuid4(), Event()
    cluster.rows(
        "INSERT INTO workers (id, host, pid, boot, process_started, beats, seen_at, created_at)"
        " VALUES (%s, 'elsewhere', 1, %s, '', 0, now(), now())",
        id,
        ELSEWHERE,
    )

    def beat() -> None:
        while not is_over.wait(0.5):
            cluster.rows("UPDATE workers SET beats = beats + 1 WHERE id = %s", id)

    heart = Thread(target=beat, daemon=True)
    heart.start()
    try:
        yield id
    finally:
        is_over.set()
        heart.join()
