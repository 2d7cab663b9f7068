"""Pages of events for many who listen: those who ask for the same at the same time share one, and
those who ask for others one read."""

import asyncio
from functools import cached_property
from uuid import UUID

import orjson
from django.db import InterfaceError, OperationalError

from apps.runs.events import EventPage, Place, read_pages
from apps.runs.reading import read

AT_ONCE = 50
"""Pages that are read together."""


class Told:
    """A page as it is sent: written once, for however many."""

    def __init__(self, page: EventPage) -> None:
        self.page = page

    @cached_property
    def as_stream(self) -> bytes:
        """As server-sent events."""
        pieces: list[bytes] = []
        for event in self.page.events:
            data = {key: value for key, value in event.items() if key != "event"}
            head = b"id: %d\nevent: %s\ndata: " % (event["seq"], str(event["event"]).encode())
            pieces += (head, orjson.dumps(data), b"\n\n")
        return b"".join(pieces)

    @cached_property
    def as_messages(self) -> list[str]:
        """Each event for itself, as JSON."""
        return [orjson.dumps(event).decode() for event in self.page.events]


class Reader:
    """Reads pages for an event loop: those that are asked for at the same time, together.

    Where many runs go on in the same moment, most of what a page takes is to ask for it.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._under_way: dict[Place, asyncio.Future[Told]] = {}
        self._asked: list[Place] = []
        self._reading: set[asyncio.Task[None]] = set()

    def page(self, place: Place) -> "asyncio.Future[Told]":
        """The page at this place, shared by all who ask for it before it was read."""
        told = self._under_way.get(place)
        if told is None:
            told = self._under_way[place] = self.loop.create_future()
            if not self._asked:
                # Who else is roused by the same nudge asks before this is called.
                self.loop.call_soon(self._begin)
            self._asked.append(place)
        return told

    def _begin(self) -> None:
        asked, self._asked = self._asked, []
        for begin in range(0, len(asked), AT_ONCE):
            reading = self.loop.create_task(self._read(asked[begin : begin + AT_ONCE]))
            self._reading.add(reading)
            reading.add_done_callback(self._reading.discard)

    async def _read(self, places: list[Place]) -> None:
        try:
            pages = await read(read_pages, places)
        except Exception as error:
            if len(places) > 1 and not isinstance(error, (OperationalError, InterfaceError)):
                # One of them, which must not take the others' pages from them.
                for place in places:
                    await self._read([place])
                return
            for place in places:
                self._under_way.pop(place).set_exception(error)
        else:
            for place, page in pages.items():
                self._under_way.pop(place).set_result(Told(page))


_reader: Reader | None = None


def _reader_of_loop() -> Reader:
    global _reader
    loop = asyncio.get_running_loop()
    if _reader is None or _reader.loop is not loop:
        _reader = Reader(loop)
    return _reader


async def page_of(run: UUID, after: int, *, least: int) -> Told:
    """The next events of a run behind number `after`.

    The page may come of a read that somebody has begun before; where that has not seen number
    `least`, it is read anew.
    """
    reader, place = _reader_of_loop(), (run, after)
    # Who goes away must not take the page from the others.
    told = await asyncio.shield(reader.page(place))
    if told.page.upto < least and not told.page.has_more and not told.page.is_last:
        return await asyncio.shield(reader.page(place))
    return told
