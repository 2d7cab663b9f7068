"""Mail in tests: a mailer that keeps what it was given, and how messages are told."""

from collections.abc import Mapping

from apps.engine.items import Json
from apps.nodes.outside.mail import Message, Server


class MemoryMailer:
    """Keeps messages instead of sending them, each with the server it was to go by."""

    sender = "flowforge@example.org"

    def __init__(self, refused: Mapping[str, str] | None = None) -> None:
        self.sent: list[Message] = []
        self.servers: list[Server | None] = []
        self._refused = refused or {}

    def send(self, message: Message, server: Server | None) -> Mapping[str, str]:
        self.sent.append(message)
        self.servers.append(server)
        return self._refused

    def log_in(self, server: Server) -> None:
        self.servers.append(server)


def told(message: Message) -> dict[str, Json]:
    """A message as examples tell of it."""
    return {
        "from": str(message.sender),
        "to": [str(each) for each in message.to],
        "cc": [str(each) for each in message.cc],
        "bcc": [str(each) for each in message.bcc],
        "reply_to": [str(each) for each in message.reply_to],
        "subject": message.subject,
        "text": message.text,
        "html": message.html,
        "attachments": [file.name for file in message.attachments],
        "message_id": message.id,
    }
