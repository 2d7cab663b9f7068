"""Databases with few runs and with many, for tests of pages that must not mind."""

import os

from apps.operations.seed.seed import seed
from apps.workspaces.models import User
from tests.factories import make_user
from tests.runs.work import fresh_worker

FEW = 1_000
MANY = 1_000_000 if os.environ.get("FULL") == "1" else 10_000


def seeded(runs: int = FEW) -> User:
    """Seed the test's database with so many runs; gives who owns their workspaces."""
    owner = make_user()
    with fresh_worker():
        seed("Load", owner, runs)
    return owner
