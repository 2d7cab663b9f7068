"""Sends the mail of nodes by Django's mail API: the operator's server, or that of a credential."""

import smtplib
import socket
from collections.abc import Callable, Mapping
from contextlib import closing
from email.encoders import encode_base64
from email.mime.base import MIMEBase
from functools import cached_property, partial
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.smtp import EmailBackend

from apps.nodes.outside.mail import PATIENCE_S, Attachment, Message, Server
from apps.nodes.outside.pinned import tls

MAX_ANSWER_BYTES = 64 * 1024


class DjangoMailer:
    """The `Mailer` of nodes. A server of a credential is reached by no other way than its own."""

    @property
    def sender(self) -> str:
        return settings.DEFAULT_FROM_EMAIL

    def send(self, message: Message, server: Server | None) -> Mapping[str, str]:
        backend = VettedBackend(server) if server else get_connection()
        with closing(backend):
            backend.send_messages([written(message)])
        return backend.refused if isinstance(backend, VettedBackend) else {}

    def log_in(self, server: Server) -> None:
        with closing(VettedBackend(server)) as backend:
            backend.open()


def written(message: Message) -> EmailMultiAlternatives:
    """The message as Django writes it."""
    both = message.text and message.html
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text or message.html,
        from_email=str(message.sender),
        to=[str(each) for each in message.to],
        cc=[str(each) for each in message.cc],
        bcc=[str(each) for each in message.bcc],
        reply_to=[str(each) for each in message.reply_to],
        headers={"Message-ID": message.id},
    )
    if both:
        mail.attach_alternative(message.html, "text/html")
    elif message.html:
        mail.content_subtype = "html"
    for file in message.attachments:
        mail.attach(_attached(file))
    return mail


def _attached(file: Attachment) -> MIMEBase:
    """A file as it is, byte by byte: Django would write text and messages anew."""
    main, _, sub = file.media_type.partition("/")
    if main in ("message", "multipart"):  # which may not be packed
        main, sub = "application", "octet-stream"
    part = MIMEBase(main, sub)
    part.set_payload(file.content)
    encode_base64(part)
    name = file.name if file.name.isascii() else ("utf-8", "", file.name)
    part.add_header("Content-Disposition", "attachment", filename=name)
    return part


class VettedBackend(EmailBackend):
    """Django's SMTP over a connection that the egress policy opened."""

    def __init__(self, server: Server) -> None:
        super().__init__(
            host=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            use_tls=server.security == "starttls",
            use_ssl=server.security == "tls",
            timeout=int(PATIENCE_S),
        )
        self._connect = server.connect
        self.refused: dict[str, str] = {}
        """The recipients that a message was not taken for, and why, while it was for others."""

    @property
    def connection_class(self) -> Any:
        return partial(VettedTlsSmtp if self.use_ssl else VettedSmtp, self._connect, self.refused)

    @cached_property
    def ssl_context(self) -> Any:
        return tls()


class VettedSmtp(smtplib.SMTP):
    """SMTP over a given connection; tells who was refused, and reads no endless answer."""

    def __init__(
        self,
        connect: Callable[[], socket.socket],
        refused: dict[str, str],
        *args: Any,
        **named: Any,
    ) -> None:
        self._connect = connect
        self._refused = refused
        super().__init__(*args, **named)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self._connect()

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = _Answers(self.sock.makefile("rb"))
        if isinstance(self.file, _Answers):
            self.file.begin()
        return super().getreply()

    def sendmail(self, *args: Any, **named: Any) -> Any:
        refused = super().sendmail(*args, **named)
        for address, (code, answer) in refused.items():
            self._refused[address] = f"{code} {answer.decode('utf-8', 'replace')[:300]}"
        return refused


class VettedTlsSmtp(smtplib.SMTP_SSL, VettedSmtp):
    """The same with TLS from the first byte."""

    def __init__(
        self,
        connect: Callable[[], socket.socket],
        refused: dict[str, str],
        *args: Any,
        **named: Any,
    ) -> None:
        self._connect = connect
        self._refused = refused
        smtplib.SMTP_SSL.__init__(self, *args, **named)


class _Answers:
    """What the server says, line by line; an answer that does not end is a lost connection."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._left = 0

    def begin(self) -> None:
        self._left = MAX_ANSWER_BYTES

    def readline(self, size: int) -> bytes:
        line: bytes = self._file.readline(size)
        self._left -= len(line)
        if self._left < 0:
            raise OSError("the answer of the mail server does not end")
        return line

    def close(self) -> None:
        self._file.close()
