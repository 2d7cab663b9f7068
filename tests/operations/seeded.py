"""Databases with few runs and with many, for tests of pages that must not mind."""

import os
from contextlib import nullcontext
from unittest.mock import patch

from apps.operations.seed import seed as seed_module
from apps.operations.seed.seed import seed
from apps.runs.worker import WorkerProcess
from apps.workspaces.models import User
from tests.factories import make_user
from tests.runs.work import fresh_worker

FEW = 1_000
MANY = 1_000_000 if os.environ.get("FULL") == "1" else 10_000


def seeded(runs: int = FEW) -> User:
    """Seed the test's database with so many runs; gives who owns their workspaces.

    No heart beats meanwhile: it would on a connection of its own, which sees no worker in a test's
    transaction, and take ours for dead. Nobody else does, however long it takes.
    """
    owner = make_user()
    alive = patch.object(WorkerProcess, "is_confirmed", return_value=True)
    with fresh_worker(), alive, patch.object(seed_module, "living", nullcontext):
        seed("Load", owner, runs)
    return owner
