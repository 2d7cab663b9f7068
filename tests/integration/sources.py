"""What triggers look at, outside: a feed and a mailbox, which may be silent for a while."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from tests.nodes.imap import MailboxServer, mailbox_server, message
from tests.nodes.servers import LocalServer, Reply, Seen, serving


class Source(Protocol):
    """Where new things come; while it is held, whoever looks waits."""

    free: threading.Event

    @property
    def address(self) -> str: ...

    def put(self, title: str) -> None: ...

    def is_waited_for(self) -> bool:
        """Whether somebody waits while it is held."""


class Feed:
    def __init__(self) -> None:
        self.free = threading.Event()
        self.free.set()
        self._titles: list[str] = []
        self._waiting = 0
        self.server: LocalServer

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server.port}"

    def put(self, title: str) -> None:
        self._titles.insert(0, title)

    def is_waited_for(self) -> bool:
        return self._waiting > 0

    def reply(self, _: Seen) -> Reply:
        self._waiting += 1
        self.free.wait(60)
        self._waiting -= 1
        entries = "".join(f"<item><title>{each}</title></item>" for each in self._titles)
        body = f'<rss version="2.0"><channel>{entries}</channel></rss>'
        return Reply(200, {"Content-Type": "application/rss+xml"}, body.encode())


class Mailbox:
    """The messages that come have an attachment."""

    def __init__(self, server: MailboxServer) -> None:
        self.server = server
        self.free = server.free

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server.port}"

    @property
    def login(self) -> dict[str, Any]:
        """The values of a credential for it."""
        return self.server.values | {"host": "127.0.0.1"}

    def put(self, title: str) -> None:
        made = message(title)
        made.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="a.pdf")
        self.server.put(made)

    def is_waited_for(self) -> bool:
        return self.server.waiting > 0


@contextmanager
def feed() -> Iterator[Feed]:
    made = Feed()
    with serving(made.reply) as made.server:
        yield made
        made.free.set()


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    with mailbox_server() as server:
        yield Mailbox(server)
        server.free.set()
