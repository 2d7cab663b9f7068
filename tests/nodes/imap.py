"""A mail server on loopback from which mailboxes are read by IMAP."""

import re
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

from apps.nodes.outside.egress import EgressPolicy

USER, PASSWORD = "ada", 'correct "horse" battery'
_COMMAND = re.compile(r"(\S+) (UID )?(\w+) ?(.*)")


@dataclass
class MailboxServer:
    """One user, whose mailboxes are kept by uid; a message that is put there has the next one."""

    mailboxes: dict[str, dict[int, bytes]] = field(default_factory=lambda: {"INBOX": {}})
    validity: int = 1
    last_uid: int = 0
    tells_next_uid: bool = True
    security: str = "none"
    context: ssl.SSLContext | None = None
    port: int = 0
    commands: list[str] = field(default_factory=list)
    endless: bool = False
    """Whether it announces a message of many gigabytes."""
    refuses: str = ""
    """The command to which it says no, though it knows it."""
    free: threading.Event = field(default_factory=threading.Event)
    """While this is not set, whoever wants a message waits."""
    waiting: int = 0

    @property
    def values(self) -> dict[str, object]:
        """Those of a credential for it."""
        way = {"host": "mail.test", "port": self.port, "security": self.security}
        return {**way, "username": USER, "password": PASSWORD}

    @property
    def policy(self) -> EgressPolicy:
        return EgressPolicy([f"127.0.0.1:{self.port}"], resolve=lambda host: ["127.0.0.1"])

    def put(self, content: bytes | EmailMessage, mailbox: str = "INBOX") -> int:
        self.last_uid += 1
        written = content if isinstance(content, bytes) else content.as_bytes()
        self.mailboxes[mailbox][self.last_uid] = written
        return self.last_uid


def message(subject: str = "Hello", text: str = "Hello.\n") -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "Ada <ada@shop.test>", "us@ours.test", subject
    made["Message-ID"], made["Date"] = "<1@shop.test>", "Mon, 02 Mar 2026 08:00:00 +0200"
    made.set_content(text)
    return made


class _Handler(socketserver.StreamRequestHandler):
    server: "_Server"

    def handle(self) -> None:
        self.opened: dict[int, bytes] = {}
        self.say("* OK ready")
        while line := self.rfile.readline().decode().strip():
            match = _COMMAND.fullmatch(line)
            assert match is not None
            tag, _, verb, rest = match.groups()
            self.server.of.commands.append(verb.upper())
            if verb.upper() == self.server.of.refuses:
                self.say(f"{tag} NO [UNAVAILABLE] not now")
                continue
            answer = getattr(self, verb.lower(), lambda _: "BAD unknown")(rest)
            self.say(f"{tag} {answer}")
            if verb.upper() == "STARTTLS":
                assert self.server.of.context is not None
                self.request = self.server.of.context.wrap_socket(self.request, server_side=True)
                self.setup()
            if verb.upper() == "LOGOUT":
                return

    def finish(self) -> None:
        super().finish()
        self.request.close()  # which may be another than the server's, by STARTTLS

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def capability(self, _: str) -> str:
        self.say("* CAPABILITY IMAP4rev1 STARTTLS")
        return "OK done"

    def starttls(self, _: str) -> str:
        return "OK begin"

    def login(self, rest: str) -> str:
        quoted = PASSWORD.replace('"', '\\"')
        known = f'"{USER}" "{quoted}"'
        return "OK in" if rest == known else f"NO not with {rest}"

    def examine(self, rest: str) -> str:
        of = self.server.of
        if rest.strip('"') not in of.mailboxes:
            return "NO no such mailbox"
        self.opened = of.mailboxes[rest.strip('"')]
        self.say(f"* {len(self.opened)} EXISTS")
        self.say(f"* OK [UIDVALIDITY {of.validity}] valid")
        if of.tells_next_uid:
            self.say(f"* OK [UIDNEXT {of.last_uid + 1}] next")
        return "OK [READ-ONLY] open"

    def search(self, rest: str) -> str:
        newest = max(self.opened, default=0)
        first, _, last = rest.split()[1].replace("*", str(newest)).partition(":")
        asked = sorted((int(first), int(last or first)))
        found = [uid for uid in sorted(self.opened) if asked[0] <= uid <= asked[1]]
        self.say("* SEARCH " + " ".join(map(str, found)))
        return "OK found"

    def fetch(self, rest: str) -> str:
        self.server.of.waiting += 1
        self.server.of.free.wait(60)
        self.server.of.waiting -= 1
        uid, _, asked = rest.partition(" ")
        content = self.opened.get(int(uid))
        if content is None:
            return "OK nothing"
        if "SIZE" in asked:
            self.say(f"* 1 FETCH (UID {uid} RFC822.SIZE {len(content)})")
            return "OK told"
        if "HEADER" in asked:
            content = content.partition(b"\n\n")[0] + b"\n\n"
        size = 10**11 if self.server.of.endless else len(content)
        self.say(f"* 1 FETCH (UID {uid} BODY[] {{{size}}}")
        self.wfile.write(content)
        self.say(")")
        return "OK told"

    def logout(self, _: str) -> str:
        self.say("* BYE")
        return "OK out"


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    of: MailboxServer

    def get_request(self) -> tuple[object, object]:
        connection, address = super().get_request()
        if self.of.security == "tls" and self.of.context is not None:
            connection = self.of.context.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
        return connection, address

    def handle_error(self, request: object, client_address: object) -> None:
        """What a client that gives up leaves behind is no news."""


@contextmanager
def mailbox_server(
    security: str = "none", certificate: Path | None = None
) -> Iterator[MailboxServer]:
    """A server for the length of a test."""
    made = MailboxServer(security=security)
    made.free.set()
    if certificate is not None:
        made.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.context.load_cert_chain(certificate)
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.of = made
        made.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
