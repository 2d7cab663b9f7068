"""Mail that nodes send: what may stand in a message, and through which server it goes.

Who really speaks SMTP is bound by the process (`Mailer`); a server that a credential names is
reached by a socket of the egress policy, with its certificate checked.
"""

import hashlib
import smtplib
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from apps.engine.errors import NodeError
from apps.engine.ports import Attempt
from apps.nodes.outside.cut_off import CutOff
from apps.nodes.outside.egress import EgressPolicy, server_host
from apps.nodes.outside.mail_addresses import Address

SMTP_CREDENTIALS = ("smtp",)
PATIENCE_S = 30.0
MAX_BYTES = 25 * 1024 * 1024
MAX_RECIPIENTS = 500
MAX_SUBJECT = 900
"""A line of SMTP has 1,000 characters, and a subject without spaces cannot be broken."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes along."""

    content: bytes = field(repr=False)
    name: str
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message of which every part was checked: no text of it can become a header."""

    sender: Address
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    subject: str = ""
    text: str = ""
    html: str = ""
    attachments: tuple[Attachment, ...] = ()
    id: str = ""
    """`Message-ID`, with its brackets."""

    @property
    def recipients(self) -> tuple[Address, ...]:
        return (*self.to, *self.cc, *self.bcc)


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server that a credential names, and how to reach it."""

    host: str
    port: int
    security: str
    username: str
    password: str = field(repr=False)
    connect: Callable[[], socket.socket] = field(repr=False)


class Mailer(Protocol):
    """Sends messages. Raises what `smtplib` and sockets raise."""

    @property
    def sender(self) -> str:
        """The sender of messages that name none."""

    def send(self, message: Message, server: Server | None) -> Mapping[str, str]:
        """Send by a server, or by that of the operator; tells of each recipient that was refused,
        while others were not, why."""

    def log_in(self, server: Server) -> None:
        """Connect and log in, and send nothing."""


class NoMailer:
    """The mailer of a process that has none."""

    sender = ""

    def send(self, message: Message, server: Server | None) -> Mapping[str, str]:
        raise NodeError("no_mail", "This FlowForge has no way to send mail.")

    def log_in(self, server: Server) -> None:
        raise NodeError("no_mail", "This FlowForge has no way to send mail.")


class Mail:
    """Sends the messages of one step."""

    def __init__(
        self,
        attempt: Attempt,
        policy: EgressPolicy,
        mailer: Mailer,
        next_key: Callable[[], str],
    ) -> None:
        self._attempt = attempt
        self._policy = policy
        self._mailer = mailer
        self._next_key = next_key
        self._lines: list[CutOff] = []

    @property
    def sender(self) -> str:
        """The sender of messages that name none."""
        return self._mailer.sender

    def id_for(self, sender: Address) -> str:
        """The `Message-ID` of the next message: the same when the step is tried again."""
        key = hashlib.sha256(self._next_key().encode()).hexdigest()[:40]
        return f"<{key}@{sender.domain}>"

    def send(self, message: Message, server: Mapping[str, Any] | None = None) -> Mapping[str, str]:
        """Send a message by the server of an `smtp` credential, or by the operator's.

        Gives the recipients that were refused, and why, while others were not. Raises NodeError:
        egress_refused, name_not_resolved, connect, tls, timeout, connection_lost, login_refused,
        sender_refused, recipients_refused, message_refused.
        """
        through = self._server(server) if server is not None else None
        self._attempt.check()
        try:
            return self._mailer.send(message, through)
        except OSError as error:  # as all errors of smtplib are
            self._attempt.check()
            raise told(error, through) from None
        finally:
            self._close()

    def log_in(self, values: Mapping[str, Any]) -> None:
        """Connect to the server of a credential and log in, and send nothing. Raises NodeError."""
        server = self._server(values)
        try:
            self._mailer.log_in(server)
        except OSError as error:
            raise told(error, server) from None
        finally:
            self._close()

    def _server(self, values: Mapping[str, Any]) -> Server:
        host, port = server_host(values["host"]), int(values["port"])
        for name in ("username", "password"):
            if not values[name].isascii():
                raise NodeError(
                    "invalid_login",
                    f"The {name} of the credential has other letters than ASCII's, which no login "
                    f"at a mail server can bear.",
                )
        return Server(
            host,
            port,
            values["security"],
            values["username"],
            values["password"],
            connect=lambda: self._connect(host, port),
        )

    def _connect(self, host: str, port: int) -> socket.socket:
        patience_s = max(0.001, min(PATIENCE_S, self._attempt.remaining_s()))
        self._attempt.check()
        connection = self._policy.connect(host, port, patience_s)
        connection.settimeout(patience_s)
        self._lines.append(CutOff(connection.fileno(), self._attempt))
        return connection

    def _close(self) -> None:
        for line in self._lines:
            line.close()
        self._lines.clear()


def told(error: OSError, server: Server | None) -> NodeError:
    """Why a message was not sent, by what it means for another attempt; never with a password."""
    name = f"The mail server {server.host}:{server.port}" if server else "The mail server"
    match error:
        case smtplib.SMTPAuthenticationError():
            code, why = "login_refused", f"{name} refused the login: {_answer(error, server)}"
        case smtplib.SMTPSenderRefused():
            code, why = "sender_refused", f"{name} refused the sender: {_answer(error, server)}"
        case smtplib.SMTPRecipientsRefused():
            return _nobody_taken(error, name)
        case smtplib.SMTPConnectError() | smtplib.SMTPHeloError():
            code, why = "connect", f"{name} does not serve us: {_answer(error, server)}"
        case smtplib.SMTPResponseException():
            code, why = "message_refused", f"{name} refused the message: {_answer(error, server)}"
        case smtplib.SMTPNotSupportedError():
            is_tls = "STARTTLS" in str(error)
            return NodeError("tls" if is_tls else "not_supported", f"{name}: {error}")
        case smtplib.SMTPServerDisconnected():
            return NodeError("connection_lost", f"{name} ended the connection.", retryable=True)
        case smtplib.SMTPException():
            return NodeError("message_refused", f"{name}: {str(error)[:300]}")
        case ssl.SSLError():
            return NodeError("tls", f"{name}: the secure connection failed: {error}.")
        case TimeoutError():
            return NodeError("timeout", f"{name} did not answer in time.", retryable=True)
        case _:
            return NodeError("connect", f"{name}: no connection: {error}.", retryable=True)
    return NodeError(code, why, retryable=400 <= error.smtp_code < 500)


def _answer(error: smtplib.SMTPResponseException, server: Server | None) -> str:
    answer = error.smtp_error
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
    if server is not None and server.password:
        text = text.replace(server.password, "•••")
    return f"{error.smtp_code} {' '.join(text.split())[:300]}"


def _nobody_taken(error: smtplib.SMTPRecipientsRefused, name: str) -> NodeError:
    answers = [
        f"{address}: {code} {' '.join(text.decode('utf-8', 'replace').split())[:200]}"
        for address, (code, text) in error.recipients.items()
    ]
    passing = all(400 <= code < 500 for code, _ in error.recipients.values())
    return NodeError(
        "recipients_refused",
        f"{name} refused every recipient. {'; '.join(answers[:3])}",
        retryable=passing,
    )
