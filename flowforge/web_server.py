"""Daphne in the main thread of the one-process server."""

# Importing Daphne's server installs the reactor: before anything else of Twisted.
from daphne.server import Server, twisted_loop  # isort: skip

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from typing import Any

from autobahn.websocket.protocol import PreparedMessage
from daphne.endpoints import build_endpoint_description_strings
from twisted.internet import reactor
from twisted.internet.abstract import FileDescriptor
from twisted.internet.defer import Deferred

from flowforge.connection import Channel, end_idle
from flowforge.incoming import Request

loop: asyncio.AbstractEventLoop = twisted_loop


class PortInUseError(Exception):
    """Somebody else listens on the port."""


STALLED_S = 60.0
"""A client that takes nothing of what it is sent for so long is given up."""
IDLE_S = 60.0
"""A connection that brings no request for so long is ended."""


class Pressure:
    """Holds back who sends faster than a client takes it: Twisted's IPushProducer."""

    def __init__(self) -> None:
        self._flows = asyncio.Event()
        self._flows.set()

    def pauseProducing(self) -> None:  # noqa: N802 - Twisted's name
        self._flows.clear()

    def resumeProducing(self) -> None:  # noqa: N802 - Twisted's name
        self._flows.set()

    stopProducing = resumeProducing  # noqa: N815 - Twisted's name

    async def released(self) -> None:
        """Wait until more may be sent. Raises TimeoutError."""
        if self._flows.is_set():
            return
        async with asyncio.timeout(STALLED_S):
            await self._flows.wait()


class WebServer(Server):
    """Daphne, ended by FlowForge's own signal handling."""

    def __init__(
        self, application: Any, host: str, port: int, on_ready: Callable[[], None]
    ) -> None:
        super().__init__(
            application,
            endpoints=build_endpoint_description_strings(host=address_of(host), port=port),
            signal_handlers=False,
            ready_callable=self._ready,
            server_name="FlowForge",
            verbosity=0,
        )
        self._on_ready = on_ready

    def _ready(self) -> None:
        # There is no access log; Twisted would write each of its lines all the same, to nowhere.
        self.http_factory.log = lambda request: None
        self.http_factory.protocol = Channel
        self.http_factory.timeOut = IDLE_S
        self._on_ready()

    def create_application(self, protocol: Any, scope: Any) -> Any:
        queue = super().create_application(protocol, scope)
        if queue is not None and isinstance(protocol, Request):
            if protocol.is_streamed:
                protocol.hand_to(queue)
            answering = self.connections[protocol]["application_instance"]
            answering.add_done_callback(partial(self._forget, protocol))
        return queue

    def _forget(self, request: Request, answering: "asyncio.Task[None]") -> None:
        """Let go of a request that is answered. Daphne would look after it, and keep it in memory,
        for a second more."""
        is_well = not answering.cancelled() and answering.exception() is None
        if is_well and "disconnected" in self.connections.get(request, ()):
            del self.connections[request]

    def timeout_checker(self) -> None:
        end_idle()
        super().timeout_checker()

    async def handle_reply(self, protocol: Any, message: Any) -> None:
        """Send, and of an answer in pieces no more than the client takes: Daphne would hold the
        rest in memory."""
        if message["type"] == "websocket.send":
            if (text := message.get("text")) and protocol.state == protocol.STATE_OPEN:
                protocol.transport.write(frame(text))
            else:
                await super().handle_reply(protocol, message)
            await self._taken(protocol, pressure_on(protocol))
        elif message["type"] != "http.response.body" or not isinstance(protocol, Request):
            await super().handle_reply(protocol, message)
        elif message.get("more_body"):
            if protocol.producer is None and protocol.channel is not None:
                protocol.registerProducer(Pressure(), True)
            with sent_at_once(protocol.channel):
                await super().handle_reply(protocol, message)
            await self._taken(protocol.channel, protocol.producer)
        else:
            if protocol.producer is not None and protocol.channel is not None:
                protocol.unregisterProducer()
            with sent_at_once(protocol.channel):
                await super().handle_reply(protocol, message)

    async def _taken(self, connection: Any, pressure: Pressure | None) -> None:
        try:
            if pressure is not None:
                await pressure.released()
        except TimeoutError:
            connection.transport.abortConnection()

    def kill_all_applications(self) -> Deferred[Any]:
        """Cancel what still answers; Daphne's own stumbles over idle connections."""
        answering = [
            details["application_instance"]
            for details in self.connections.values()
            if "application_instance" in details
        ]
        for task in answering:
            task.cancel()
        return Deferred.fromFuture(asyncio.gather(*answering, return_exceptions=True))

    def stop_from_thread(self) -> None:
        """End the streams and the server; `run` returns in the main thread."""
        reactor.callFromThread(self.stop)


@contextmanager
def sent_at_once(channel: Any) -> Iterator[None]:
    """What is written within, the end of an answer, leaves now, as much as the network takes.

    Twisted would ask the loop first to be told when it may write, and then not to be: a tenth of
    what a short answer costs.
    """
    if channel is None or not isinstance(channel.transport, FileDescriptor):
        yield
        return
    transport: Any = channel.transport
    asked: list[None] = []
    transport.startWriting = lambda: asked.append(None)
    try:
        yield
    finally:
        del transport.startWriting
    if asked and transport.connected and (transport.doWrite() is not None or transport.dataBuffer):
        # The rest, or what went wrong, which the loop sees to.
        transport.startWriting()


@lru_cache(maxsize=64)
def frame(text: str) -> bytes:
    """A WebSocket's frame of the text, written once for all who are told the same. Autobahn writes
    one for each, and beside it a line for a log that nobody keeps."""
    return bytes(PreparedMessage(text.encode(), False, False, True).payloadHybi)


def pressure_on(protocol: Any) -> Pressure:
    """What holds back who sends over a WebSocket."""
    pressure: Pressure | None = getattr(protocol, "pressure", None)
    if pressure is None:
        pressure = protocol.pressure = Pressure()
        # In place of the channel of the request that became this socket.
        protocol.transport.unregisterProducer()
        protocol.transport.registerProducer(pressure, True)
    return pressure


def address_of(host: str) -> str:
    """The numeric address of a host name, which is what Twisted listens on."""
    return str(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0][4][0])


def demand_free_port(host: str, port: int) -> None:
    """Raise PortInUseError now, in a sentence, instead of a traceback later."""
    try:
        address = address_of(host)
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            # As Twisted does: what is left of our own closed connections is no hindrance.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address, port))
    except OSError as error:
        raise PortInUseError(
            f"Cannot listen on {host}, port {port}: {error.strerror}."
            f" Another port: PORT={port + 1} make run"
        ) from error
