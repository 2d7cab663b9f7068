"""Pages of events for many who listen: read together, each whatever becomes of the others."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError

from apps.runs import pages
from apps.runs.events import EventPage, Place
from apps.runs.pages import Told, page_of

RUN, OTHER, BROKEN = uuid4(), uuid4(), uuid4()


class Rows:
    """Stands for what is read, and notes what was asked for together."""

    def __init__(self) -> None:
        self.asked: list[list[Place]] = []

    def read_pages(self, asked: list[Place]) -> dict[Place, EventPage]:
        self.asked.append(list(asked))
        if BROKEN in {run for run, _ in asked}:
            raise ValueError("a row that nobody can read")
        return {(run, after): EventPage([], after + 1, False, False) for run, after in asked}


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch) -> Rows:
    """Read at once: the threads that read keep connections, which a test without a database has
    no use for."""

    async def read(function: Callable[..., Any], *args: Any) -> Any:
        return function(*args)

    rows = Rows()
    monkeypatch.setattr(pages, "read", read)
    monkeypatch.setattr(pages, "read_pages", rows.read_pages)
    return rows


def told(*runs: UUID) -> list[Told | BaseException]:
    async def all_at_once() -> list[Told | BaseException]:
        asked = (page_of(run, 0, least=1) for run in runs)
        return await asyncio.gather(*asked, return_exceptions=True)

    return asyncio.run(all_at_once())


def test_who_asks_at_the_same_time_shares_one_read(rows: Rows) -> None:
    one, same, other = told(RUN, RUN, OTHER)
    assert one is same
    assert one is not other
    assert rows.asked == [[(RUN, 0), (OTHER, 0)]]


def test_what_cannot_be_read_takes_nothing_from_others(rows: Rows) -> None:
    one, broken, other = told(RUN, BROKEN, OTHER)
    assert isinstance(one, Told)
    assert isinstance(broken, ValueError)
    assert isinstance(other, Told)


def test_only_so_many_are_read_together(rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "AT_ONCE", 2)
    told(*(uuid4() for _ in range(5)))
    assert sorted(len(asked) for asked in rows.asked) == [1, 2, 2]


def test_a_database_that_is_away_is_asked_once(rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(asked: list[Place]) -> dict[Place, EventPage]:
        rows.asked.append(list(asked))
        raise OperationalError("away")

    monkeypatch.setattr(pages, "read_pages", away)
    assert [type(each) for each in told(RUN, OTHER)] == [OperationalError] * 2
    assert len(rows.asked) == 1
