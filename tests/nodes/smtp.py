"""A mail server on loopback that keeps what it takes."""

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Literal

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from apps.nodes.outside.egress import EgressPolicy

USER, PASSWORD = "ada", "correct horse battery"


@dataclass
class Taken:
    """A message as the server took it."""

    sender: str
    recipients: list[str]
    message: EmailMessage
    is_secure: bool
    user: str


@dataclass
class Keeper:
    """Takes messages; refuses recipients at `refused.test`, and all where it is told to."""

    answer: str = "250 OK"
    taken: list[Taken] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.endswith("@refused.test"):
            return "550 No such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        assert isinstance(content, bytes)
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.taken.append(
            Taken(
                str(envelope.mail_from),
                list(envelope.rcpt_tos),
                message,
                server.transport.get_extra_info("ssl_object") is not None,
                getattr(session.auth_data, "login", b"").decode(),
            )
        )
        return self.answer


def authenticate(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
) -> AuthResult:
    assert isinstance(data, LoginPassword)
    success = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=success, handled=False, auth_data=data)


class MailServer:
    """The server, and what a credential for it says."""

    def __init__(
        self, security: Literal["none", "starttls", "tls"], certificate: Path, answer: str
    ) -> None:
        self.keeper = Keeper(answer)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        options: dict[str, Any] = {
            "hostname": "mail.test",
            "authenticator": authenticate,
            "auth_require_tls": False,
            "tls_context": context if security == "starttls" else None,
        }
        self._loop = asyncio.new_event_loop()
        self._server = self._loop.run_until_complete(
            self._loop.create_server(
                lambda: SMTP(self.keeper, loop=self._loop, **options),
                "127.0.0.1",
                0,
                ssl=context if security == "tls" else None,
            )
        )
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        port = self._server.sockets[0].getsockname()[1]
        self.values: dict[str, Any] = {
            "host": "mail.test",
            "port": port,
            "security": security,
            "username": "",
            "password": "",
        }
        self.policy = EgressPolicy([f"127.0.0.1:{port}"], resolve=lambda host: ["127.0.0.1"])

    @property
    def taken(self) -> list[Taken]:
        return self.keeper.taken

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()


@contextmanager
def mail_server(
    certificate: Path,
    security: Literal["none", "starttls", "tls"] = "none",
    answer: str = "250 OK",
) -> Iterator[MailServer]:
    server = MailServer(security, certificate, answer)
    try:
        yield server
    finally:
        server.close()
