"""Rows read for who must not wait on them: an event loop."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, close_old_connections, connection

from apps.workspaces.reconnect import reconnect

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

_readers = ThreadPoolExecutor(4, thread_name_prefix="stream")


async def read(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call what reads the database, on a thread of ours."""

    def call() -> T:
        close_old_connections()
        try:
            return function(*args, **kwargs)
        except (OperationalError, InterfaceError):
            reconnect()
            raise
        finally:
            if connection.vendor == "postgresql":
                connection.close()  # back to the pool

    return await asyncio.get_running_loop().run_in_executor(_readers, call)


@contextmanager
def outages_borne() -> Iterator[None]:
    """Bear a database that is away for a moment: who reads here looks again soon."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        logger.warning("a stream did not reach the database: %s", error)
