"""Others, who come with a thread and a connection of their own."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

T = TypeVar("T")


def beside(work: Callable[[], T]) -> Future[T]:
    """Begin work on a thread of its own."""

    def work_and_hang_up() -> T:
        try:
            return work()
        finally:
            connection.close()

    with_one_thread = ThreadPoolExecutor(1)
    future = with_one_thread.submit(work_and_hang_up)
    with_one_thread.shutdown(wait=False)
    return future
