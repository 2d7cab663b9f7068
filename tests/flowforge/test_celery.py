"""How a Celery worker of FlowForge may be started, and how it ends."""

import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import redis
from celery.signals import worker_ready, worker_shutdown, worker_shutting_down
from kombu import Connection

from flowforge.celery import app, start_control


@pytest.mark.parametrize("pool", ["prefork", "processes", "solo"])
def test_a_pool_without_threads_is_refused(pool: str) -> None:
    with pytest.raises(SystemExit, match="without --pool"):
        start_control(sender=SimpleNamespace(pool_cls=pool))


def test_a_worker_with_such_a_pool_ends_with_one_sentence(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "celery", "-A", "flowforge", "worker", "--pool", "processes"]
    environment = {"PATH": "", "VAR_DIR": str(tmp_path), "C_FORCE_ROOT": "1"}
    ended = subprocess.run(command, env=environment, capture_output=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert b"without --pool" in ended.stderr
    assert b"Traceback" not in ended.stderr


def test_a_worker_keeps_its_row_until_it_is_drained(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    def drain() -> None:
        time.sleep(0.2)
        done.append("drained")

    control = SimpleNamespace(start=lambda: None, end=lambda: done.append("row taken away"))
    monkeypatch.setattr("apps.runs.drain.drain", drain)
    monkeypatch.setattr("apps.runs.control.Control", lambda: control)
    for signal in (worker_ready, worker_shutting_down, worker_shutdown):
        monkeypatch.setattr(signal, "receivers", list(signal.receivers or []))
    start_control(sender=SimpleNamespace(pool_cls="threads"))
    worker_shutting_down.send(sender=None)
    worker_shutdown.send(sender=None)
    assert done == ["drained", "row taken away"]


def test_a_worker_asks_every_second_whether_the_broker_is_back_however_long_it_is_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("kombu.utils.functional.sleep", waits.append)
    is_away = iter([True] * 500)

    def connect() -> str:
        if next(is_away, False):
            raise redis.ConnectionError("Redis is away")
        return "connected"

    connection = Connection("redis://127.0.0.1")
    monkeypatch.setattr(connection, "_connection_factory", connect)
    consumer = object.__new__(app.conf.worker_consumer)
    consumer.app = app
    consumer.first_connection_attempt = False
    consumer.broker_connection_retry_attempt = 0
    consumer.ensure_connected(connection)
    assert sum(waits) == 500
