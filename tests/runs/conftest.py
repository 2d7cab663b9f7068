"""What tests of runs share: a worker, that claims and executes in the test's own thread."""

import pytest

from apps.runs import worker as worker_module
from apps.runs.worker import WorkerProcess, this_worker


@pytest.fixture
def worker(db: None, monkeypatch: pytest.MonkeyPatch) -> WorkerProcess:
    """This process's worker, registered in the test's own database."""
    monkeypatch.setattr(worker_module, "_process", None)
    return this_worker()
