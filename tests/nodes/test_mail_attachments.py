"""The files of messages that come into a mailbox, wherever they stand in them."""

from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from apps.engine.items import Item
from apps.nodes.polls import mailbox
from tests.nodes.imap import MailboxServer, mailbox_server
from tests.nodes.test_email_trigger import look


@pytest.fixture
def server() -> Iterator[MailboxServer]:
    with mailbox_server() as server:
        yield server


def attached(
    server: MailboxServer, content: bytes | EmailMessage
) -> tuple[Item, list[tuple[str, str]]]:
    """The item of a message, and size and type of each of its files."""
    cursor = look(server).cursor
    server.put(content)
    [item] = look(server, cursor).new
    return item, [(file["id"], file["mimeType"]) for file in (item.binary or {}).values()]


def part(kind: str, content: str, head: str = "") -> str:
    return f"--x\nContent-Type: {kind}\n{head}\n{content}\n"


def mixed(*parts: str, kind: str = "mixed") -> bytes:
    return f"Content-Type: multipart/{kind}; boundary=x\n\n{''.join(parts)}--x--\n".encode()


def test_a_file_that_is_the_whole_message_is_its_attachment(server: MailboxServer) -> None:
    head = "Content-Type: application/pdf\nContent-Disposition: attachment; filename=a.pdf\n"
    item, files = attached(server, f"{head}\n%PDF\n".encode())
    assert files == [("5 bytes", "application/pdf")]
    assert (item.json["text"], item.json["error"]) == (None, None)


def test_a_file_is_found_wherever_it_is_put(server: MailboxServer) -> None:
    inner = mixed(part("text/html", "<p>"), part("application/pdf", "%PDF")).decode()
    inner = inner.replace("--x", "--y").replace("=x", "=y")
    both = part("text/plain", "Hello.")
    item, files = attached(server, mixed(both, f"--x\n{inner}", kind="alternative"))
    assert files == [("4 bytes", "application/pdf")]
    assert (item.json["text"], item.json["html"]) == ("Hello.", "<p>")
    _, files = attached(server, mixed(f"--x\n{inner}", part("application/pgp-signature", "sig")))
    assert files == [("4 bytes", "application/pdf"), ("3 bytes", "application/pgp-signature")]


def test_a_message_within_a_message_is_one_file(server: MailboxServer) -> None:
    forwarded = mixed(part("text/plain", "See."), part("message/rfc822", "Subject: In\n\nHi."))
    item, files = attached(server, forwarded)
    assert files == [(f"{len('Subject: In') + len('Hi.') + 2} bytes", "message/rfc822")]
    assert item.json["text"] == "See."


def test_more_files_than_anybody_needs_are_told_and_left(
    server: MailboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = [part("application/pdf", str(number)) for number in range(102)]
    item, files = attached(server, mixed(part("text/plain", "Hello."), *many))
    assert len(files) == 100
    assert item.json["error"] == "It has 102 attachments; the first 100 are here."
    assert item.json["text"] == "Hello."


def test_what_nobody_can_read_is_named(server: MailboxServer) -> None:
    item, _ = attached(server, b"From: =?x?q?=80?= <\nSubject: Good\nMessage-ID: <\xff\n\nHi.")
    assert item.json["subject"] == "Good"
    assert item.json["error"] == "Its “from” cannot be read."


def test_what_was_not_read_of_a_large_message_is_no_empty_file(
    server: MailboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "MAX_BYTES", 1_000)
    large = mixed(part("text/plain", "Hello."), part("application/pdf", "x" * 2_000))
    item, files = attached(server, large)
    assert (item.json["is_cut"], item.json["error"], files) == (True, None, [])
