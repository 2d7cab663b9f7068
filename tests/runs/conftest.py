"""What tests of runs share: a worker, that claims and executes in the test's own thread."""

import os
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

from apps.runs import worker as worker_module
from apps.runs.control import heartbeat
from apps.runs.worker import WorkerProcess, this_worker


@pytest.fixture
def worker(db: None, monkeypatch: pytest.MonkeyPatch) -> WorkerProcess:
    """This process's worker, registered in the test's own database."""
    monkeypatch.setattr(worker_module, "_process", None)
    return this_worker()


@pytest.fixture
def own_processes(worker: WorkerProcess, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let processes that the worker starts find this test's database, and a worker that beats."""
    name = connection.settings_dict["NAME"]
    url = f"sqlite:///{name}"
    if connection.vendor == "postgresql":
        url = urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))
    monkeypatch.setenv("DATABASE_URL", url)
    is_over = threading.Event()

    def beat() -> None:
        while not is_over.wait(0.2):
            heartbeat(worker, {})
        connection.close()

    heart = threading.Thread(target=beat)
    heart.start()
    yield
    is_over.set()
    heart.join()
