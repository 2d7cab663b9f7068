"""Connections of Twisted, and how long they may rest between two requests."""

import time
from typing import Any
from weakref import WeakSet

from twisted.web.http import HTTPChannel

from flowforge.incoming import Request


class Channel(HTTPChannel):
    """A connection whose rest is looked at now and then, by `end_idle`.

    Twisted would set a timer anew for each request, at a twentieth of what a short answer costs.
    """

    def connectionMade(self) -> None:  # noqa: N802 - Twisted's name
        self.requestFactory: Any = Request  # Daphne has given it its own
        self._host = super().getHost()
        _open.add(self)
        super().connectionMade()

    def getHost(self) -> Any:  # noqa: N802 - Twisted's name
        """Where it was accepted, which Twisted would ask the system for each request."""
        return self._host

    def isSecure(self) -> bool:  # noqa: N802 - Twisted's name
        """Never: what encrypts stands in front of us."""
        return False

    def setTimeout(self, period: int | None) -> int | None:  # noqa: N802 - Twisted's name
        # So many seconds it may rest; None while it does not.
        before, self.timeOut = self.timeOut, period
        self.resetTimeout()
        return before

    def resetTimeout(self) -> None:  # noqa: N802 - Twisted's name
        self.rests_since = time.monotonic()


_open = WeakSet[Channel]()


def end_idle() -> None:
    """End the connections that have rested for too long."""
    now = time.monotonic()
    for channel in list(_open):
        if channel.timeOut is not None and now - channel.rests_since > channel.timeOut:
            channel.setTimeout(None)
            channel.timeoutConnection()
