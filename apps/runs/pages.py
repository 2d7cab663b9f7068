"""Pages of events for many who listen: those who ask for the same at the same time share one."""

import asyncio
from functools import cached_property
from uuid import UUID

import orjson

from apps.runs.events import EventPage, read_events
from apps.runs.reading import read


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


_under_way: dict[tuple[asyncio.AbstractEventLoop, UUID, int], "asyncio.Task[Told]"] = {}


async def page_of(run: UUID, after: int, *, least: int) -> Told:
    """The next events of a run behind number `after`.

    The page may come of a read that somebody has begun before; where that has not seen number
    `least`, it is read anew.
    """
    told = await _shared(run, after)
    if told.page.upto < least and not told.page.has_more and not told.page.is_last:
        return await _shared(run, after)
    return told


async def _shared(run: UUID, after: int) -> Told:
    key = asyncio.get_running_loop(), run, after
    reading = _under_way.get(key)
    if reading is None:
        reading = _under_way[key] = asyncio.create_task(_read(run, after))
        reading.add_done_callback(lambda _: _under_way.pop(key, None))
    # Who goes away must not take the page from the others.
    return await asyncio.shield(reading)


async def _read(run: UUID, after: int) -> Told:
    return Told(await read(read_events, run, after))
