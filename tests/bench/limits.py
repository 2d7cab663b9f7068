"""What this very machine can do at most, by the parts that FlowForge is made of.

`python -m tests.bench.limits` prints it for the database and broker of its environment.
"""

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import django
import redis

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "flowforge.settings")

django.setup()

from celery.worker import WorkController
from django.conf import settings
from django.db import connection
from django.utils import timezone

from apps.runs import sql
from apps.runs.models import Run, StepRun
from apps.versions.models import WorkflowVersion
from flowforge.celery import app

STEPS = 2_000
QUEUE = "bench"


def _per_second(work: Callable[[], object], times: int, threads: int) -> float:
    def several() -> None:
        for _ in range(times // threads):
            work()
        connection.close()

    begun = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        for future in [pool.submit(several) for _ in range(threads)]:
            future.result()
    return times / (time.perf_counter() - begun)


def insert_and_update(version: WorkflowVersion, threads: int, times: int = 400) -> float:
    """An ORM insert and an update in two transactions, a second."""

    def work() -> None:
        run = _new_run(version)
        run.save(force_insert=True)
        Run.objects.filter(pk=run.pk).update(seq=1)

    return _per_second(work, times, threads)


def commits(version: WorkflowVersion, threads: int, times: int = 2_000) -> float:
    """Transactions of one short statement, a second; each thread changes a row of its own."""
    own = threading.local()

    def work() -> None:
        if not hasattr(own, "run"):
            own.run = _new_run(version)
            own.run.save(force_insert=True)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE runs SET seq = seq + 1 WHERE id = %s", sql.adapted([own.run.pk]))

    return _per_second(work, times, threads)


def round_trips(threads: int, times: int = 4_000) -> float:
    """Questions that Redis answers, a second."""
    with redis.Redis.from_url(settings.BROKER_REDIS_URL, max_connections=threads) as client:
        return _per_second(client.ping, times, threads)


def bulk_steps(version: WorkflowVersion) -> float:
    """Milliseconds a step row by `bulk_create`."""
    run = _new_run(version)
    run.save(force_insert=True)
    rows = [
        StepRun(
            workspace_id=version.workspace_id,
            run=run,
            node_id="n",
            iteration=number,
            status="completed",
            output_json={"main": [{"json": {"n": number}}]},
            started_at=timezone.now(),
            seq_started=number,
            seq=number,
        )
        for number in range(STEPS)
    ]
    begun = time.perf_counter()
    StepRun.objects.bulk_create(rows)
    return (time.perf_counter() - begun) * 1000 / STEPS


_arrived = threading.Semaphore(0)


@app.task(name="bench.nothing")
def _nothing() -> None:
    _arrived.release()


def tasks_of_nothing(times: int = 1_000) -> float:
    """Celery tasks that do nothing, sent and consumed, a second."""
    ready = threading.Event()
    worker = WorkController(
        app=app,
        pool="threads",
        concurrency=settings.WORKER_THREADS,
        queues=[QUEUE],
        ready_callback=lambda consumer: ready.set(),
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    threading.Thread(target=worker.start, daemon=True).start()
    ready.wait()
    begun = time.perf_counter()
    for _ in range(times):
        _nothing.apply_async(queue=QUEUE)
    for _ in range(times):
        _arrived.acquire()
    return times / (time.perf_counter() - begun)


def _new_run(version: WorkflowVersion) -> Run:
    return Run(
        workspace_id=version.workspace_id,
        workflow_id=version.workflow_id,
        version=version,
        status="waiting",
        trigger="api",
        trigger_node="n",
        input_json=[],
    )


def main() -> None:
    version = WorkflowVersion.objects.order_by("id")[0]
    for threads in (1, 4):
        rate = insert_and_update(version, threads)
        print(f"ORM insert + update, {threads} threads: {rate:.0f} /s")
    for threads in (1, 4):
        print(f"commits of one row, {threads} threads: {commits(version, threads):.0f} /s")
    print(f"a step row by bulk_create: {bulk_steps(version):.3f} ms")
    Run.objects.filter(trigger_node="n", status="waiting").delete()
    if settings.REDIS_URL:
        for threads in (1, 4):
            print(f"Redis round trips, {threads} threads: {round_trips(threads):.0f} /s")
    print(f"Celery tasks that do nothing: {tasks_of_nothing():.0f} /s", flush=True)
    os._exit(0)  # the worker's threads hold the broker


if __name__ == "__main__":
    main()
