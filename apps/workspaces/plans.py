"""Statements whose values decide how they are best planned: those of lists, pages, counts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase


@contextmanager
def planned_for_values() -> Iterator[None]:
    """Have each statement planned for the values it has.

    One that is prepared is planned once for all values after some turns: as if `id >= $1` found a
    third of the table and every status were as frequent. What took a moment ten times then takes
    half a minute, for as long as the connection is kept. Where runs are claimed and written there
    is one way to go whatever the values are, and preparing is worth it.
    """
    with connection.execute_wrapper(_unprepared):
        yield


def _unprepared(
    execute: Callable[..., Any], statement: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    if context["connection"].vendor != "postgresql":
        return execute(statement, params, many, context)
    session = context["connection"].connection
    before, session.prepare_threshold = session.prepare_threshold, None
    try:
        return execute(statement, params, many, context)
    finally:
        session.prepare_threshold = before


class PlansMiddleware:
    """For all of pages and the API; webhooks, which are to be fast, do not come by here."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with planned_for_values():
            return self.get_response(request)
