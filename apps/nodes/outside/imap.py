"""Mailboxes, read by IMAP over a connection of the egress policy. Nothing in them is changed."""

import imaplib
import re
import socket
import ssl
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from apps.engine.errors import NodeError
from apps.engine.ports import Attempt
from apps.nodes.outside.cut_off import CutOff
from apps.nodes.outside.egress import EgressPolicy, server_host
from apps.nodes.outside.pinned import tls

IMAP_CREDENTIALS = ("imap",)
PATIENCE_S = 30.0
MAX_READ = 64 * 1024 * 1024
"""Of all that a server says in one session."""
SEARCHED = 50_000
"""So many uids are asked for at once."""
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


class Mailbox:
    """A mailbox that is open for reading."""

    def __init__(self, client: "_Client", name: str) -> None:
        self._client = client
        quoted = _utf7(name).replace("\\", "\\\\").replace('"', '\\"')
        kind, said = client.select(f'"{quoted}"', readonly=True)
        if kind != "OK":
            told = f"The mail server does not open the mailbox “{name}”: {_text(said[-1])}"
            raise NodeError("mailbox_unknown", told)
        validity = self._told("UIDVALIDITY")
        if validity is None:
            raise NodeError("not_supported", "The mail server tells no UIDVALIDITY.")
        self.validity = validity
        """The uids of messages are the same as long as this is."""
        following = self._told("UIDNEXT")
        self.last_uid = max(self._search("*"), default=0) if following is None else following - 1
        """That of the newest message, or higher; a later one has a higher."""

    def newer_than(self, uid: int) -> list[int]:
        """The uids of the messages that came later, in order; of very many only the first."""
        while uid < self.last_uid:
            # A line of an answer has an end, and so have the numbers that fit on it.
            until = min(uid + SEARCHED, self.last_uid)
            if found := self._search(f"{uid + 1}:{until}"):
                return found
            uid = until
        return []

    def size(self, uid: int) -> int | None:
        """How many bytes a message has; None where it is gone."""
        parts = self._asked("FETCH", str(uid), "(RFC822.SIZE)")
        sizes = [_SIZE.search(part) for part in parts if isinstance(part, bytes)]
        return next((int(size[1]) for size in sizes if size), None)

    def read(self, uid: int, part: str = "") -> bytes | None:
        """A message, or a part of it such as `HEADER`, left as unseen as it was; None: gone."""
        parts = self._asked("FETCH", str(uid), f"(BODY.PEEK[{part}])")
        return next((each[1] for each in parts if isinstance(each, tuple)), None)

    def _search(self, uids: str) -> list[int]:
        lines = self._asked("SEARCH", "UID", uids)
        return sorted(int(uid) for line in lines for uid in (line or b"").split())

    def _asked(self, *command: str) -> list[Any]:
        """What the server tells. It may refuse for a while: that is no message that is gone."""
        kind, told = self._client.uid(*command)
        if kind != "OK":
            said = f"The mail server refused {command[0]}: {_text(told[-1])}"
            raise NodeError("mailbox_refused", said, retryable=True)
        return told

    def _told(self, name: str) -> int | None:
        _, values = self._client.response(name)
        return int(values[-1]) if values and values[-1] else None


def _utf7(name: str) -> str:
    """The name of a mailbox as IMAP writes it: in UTF-7 of its own (RFC 3501, 5.1.3)."""

    def shifted(match: re.Match[str]) -> str:
        packed = b64encode(match[0].encode("utf-16-be", "replace")).decode()
        return f"&{packed.rstrip('=').replace('/', ',')}-"

    return re.sub("[^ -~]+", shifted, name.replace("&", "&-"))


@contextmanager
def open_mailbox(
    values: Mapping[str, Any], name: str, policy: EgressPolicy, attempt: Attempt
) -> Iterator[Mailbox]:
    """Log in with the values of an `imap` credential, and open a mailbox.

    Raises NodeError, here and where the mailbox is used: egress_refused, name_not_resolved,
    connect, tls, timeout, connection_lost, invalid_login, login_refused, mailbox_unknown,
    mailbox_refused, not_supported.
    """
    host, port = server_host(values["host"]), int(values["port"])
    login = values["username"] + values["password"]
    if not (login.isascii() and login.isprintable()):
        told = "The login of the credential has other signs than ASCII's, which IMAP cannot bear."
        raise NodeError("invalid_login", told)
    lines: list[CutOff] = []

    def connect() -> socket.socket:
        patience_s = max(0.001, min(PATIENCE_S, attempt.remaining_s()))
        attempt.check()
        connection = policy.connect(host, port, patience_s)
        connection.settimeout(patience_s)
        lines.append(CutOff(connection.fileno(), attempt))
        if values["security"] == "tls":
            return tls().wrap_socket(connection, server_hostname=host)
        return connection

    try:
        client = _Client(host, connect)
        try:
            _log_in(client, values)
            yield Mailbox(client, name)
        finally:
            with suppress(OSError, imaplib.IMAP4.error):
                client.logout()
            with suppress(OSError):  # closed already, as a rule
                client.shutdown()
    except (OSError, ValueError, imaplib.IMAP4.error) as error:
        attempt.check()
        raise _told(error, f"The mail server {host}:{port}") from None
    finally:
        for line in lines:
            line.close()


def _log_in(client: "_Client", values: Mapping[str, Any]) -> None:
    if values["security"] == "starttls":
        client.starttls(tls())
    user = values["username"].replace("\\", "\\\\").replace('"', '\\"')
    try:
        client.login(f'"{user}"', values["password"])
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        raise NodeError(
            "login_refused", f"The mail server refused the login: {_said(error)}"
        ) from None


class _Client(imaplib.IMAP4):
    """IMAP over a given connection, with an end to what a server may say."""

    def __init__(self, host: str, connect: Callable[[], socket.socket]) -> None:
        self._connect_by = connect
        self._left = MAX_READ
        super().__init__(host)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return self._connect_by()

    def read(self, size: int) -> bytes:
        self._count(size)
        return super().read(size)

    def readline(self) -> bytes:
        line = super().readline()
        self._count(len(line))
        return line

    def _count(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise self.abort("what it says does not end")


def _told(error: Exception, server: str) -> NodeError:
    """Why a mailbox was not read, by what it means for another attempt."""
    match error:
        case imaplib.IMAP4.abort():
            told = f"{server} ended the connection: {_said(error)}"
            return NodeError("connection_lost", told, retryable=True)
        case imaplib.IMAP4.error():
            return NodeError("not_supported", f"{server}: {_said(error)}")
        case ssl.SSLError():
            return NodeError("tls", f"{server}: the secure connection failed: {error}.")
        case TimeoutError():
            return NodeError("timeout", f"{server} did not answer in time.", retryable=True)
        case OSError():
            return NodeError("connect", f"{server}: no connection: {error}.", retryable=True)
        case _:
            return NodeError("not_supported", f"{server} answers what is no IMAP.")


def _said(error: Exception) -> str:
    return _text(error.args[0] if error.args else "")


def _text(said: object) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return " ".join(text.split())[:300]
