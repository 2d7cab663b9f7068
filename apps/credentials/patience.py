"""Waits for a database that is away for a moment."""

import time
from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection

from apps.workspaces.reconnect import reconnect

RETRY_S = 0.5

Result = TypeVar("Result")


def patiently(work: Callable[[], Result], within_s: float) -> Result:
    """Do it as soon as the database is there.

    Raises OperationalError or InterfaceError where that takes longer; at once in a transaction.
    """
    give_up_at = time.monotonic() + within_s
    while True:
        try:
            return work()
        except (OperationalError, InterfaceError):
            if time.monotonic() > give_up_at or connection.in_atomic_block:
                raise
            reconnect()
            time.sleep(RETRY_S)
