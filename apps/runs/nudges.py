"""To hear that a run went on, for who waits for it and is no stream."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from channels.layers import BaseChannelLayer, get_channel_layer

from apps.runs import publish

logger = logging.getLogger(__name__)


@asynccontextmanager
async def nudges(run: UUID) -> AsyncIterator[asyncio.Event]:
    """Give an event that is set each time the run goes on, and first once all that follows is
    heard. Where nudges are not to be had it is never set."""
    publish.listen_on(asyncio.get_running_loop())
    nudged = asyncio.Event()
    hearing = asyncio.create_task(_hear(run, nudged))
    try:
        yield nudged
    finally:
        # In the midst of receiving: that is how a layer learns that a channel is needed no more.
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)


async def _hear(run: UUID, nudged: asyncio.Event) -> None:
    layer = get_channel_layer()
    assert layer is not None
    group = publish.run_group(run)
    try:
        await _stay_subscribed(layer)
        channel = await layer.new_channel()
        await layer.group_add(group, channel)
        try:
            while True:
                nudged.set()
                await layer.receive(channel)
        finally:
            await layer.group_discard(group, channel)
    except Exception as error:
        # A fault of the layer is none of the run's.
        logger.warning("nudges of run %s are not heard: %s", run, error)


_subscribed_on: asyncio.AbstractEventLoop | None = None


async def _stay_subscribed(layer: BaseChannelLayer) -> None:
    """Keep a channel on this loop that nobody sends to.

    While nothing is subscribed, the layer for Redis looks only every 100 ms whether something is:
    who waits alone would hear of a run so much later.
    """
    global _subscribed_on
    loop = asyncio.get_running_loop()
    if _subscribed_on is loop:
        return
    _subscribed_on = loop  # before it waits: of those who come at the same time one is enough
    try:
        await layer.new_channel()
    except BaseException:
        _subscribed_on = None
        raise
