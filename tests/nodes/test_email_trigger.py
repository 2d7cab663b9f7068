"""Email Trigger: what is new in a mailbox, read by IMAP from a server on loopback."""

import ssl
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from apps.engine.errors import NodeError
from apps.engine.items import Json
from apps.nodes.context import Services, services
from apps.nodes.credential_checks import check_credential
from apps.nodes.library.email_trigger import MESSAGE
from apps.nodes.lone_attempt import lone_attempt, lone_http
from apps.nodes.outside import imap
from apps.nodes.outside.egress import EgressPolicy
from apps.nodes.polls import mailbox
from apps.nodes.polls.found import Found, Way
from apps.nodes.polls.mailbox import MailboxParams, look_at_mailbox
from apps.nodes.vault import Credential
from tests.nodes.certificates import self_signed
from tests.nodes.imap import PASSWORD, USER, MailboxServer, mailbox_server, message
from tests.nodes.twins import jsons_of, type_of


@pytest.fixture
def server() -> Iterator[MailboxServer]:
    with mailbox_server() as server:
        yield server


def keep_nothing(content: bytes, media_type: str) -> str:
    return f"{len(content)} bytes"


def look(
    server: MailboxServer,
    cursor: Json = None,
    name: str = "INBOX",
    policy: EgressPolicy | None = None,
    **values: Any,
) -> Found:
    own: Services = replace(services(), egress=policy or server.policy)
    known = Credential("imap", server.values | values)
    with lone_attempt(30) as attempt, closing(lone_http(own, attempt)) as http:
        way = Way(own, attempt, http, keep_nothing, lambda id, types, refused: known)
        return look_at_mailbox(MailboxParams(credential="x", mailbox=name), cursor, way)


def place(found: Found) -> tuple[int, int]:
    return found.cursor["validity"], found.cursor["uid"]


def failure(server: MailboxServer, cursor: Json = None, **values: Any) -> NodeError:
    with pytest.raises(NodeError) as raised:
        look(server, cursor, **values)
    assert PASSWORD not in raised.value.message
    return raised.value


def subjects(found: Found) -> list[Json]:
    return [each.json["subject"] for each in found.new]


def test_the_message_passes_as_it_was_read() -> None:
    params = {"credential": "0190b5a4-7e3c-7000-8000-000000000001"}
    assert jsons_of("email_trigger", params, [MESSAGE]) == [MESSAGE]


@pytest.mark.parametrize("tells_next_uid", [True, False])
def test_what_is_there_at_first_is_not_new_and_what_comes_is(
    server: MailboxServer, tells_next_uid: bool
) -> None:
    server.tells_next_uid = tells_next_uid
    server.put(message("old"))
    first = look(server)
    assert (first.new, place(first)) == ([], (1, 1))
    assert look(server, first.cursor).new == []
    server.put(message("a"))
    server.put(message("b"))
    second = look(server, first.cursor)
    assert subjects(second) == ["a", "b"]
    assert look(server, second.cursor).new == []


def test_a_message_is_read_with_all_that_it_has(server: MailboxServer) -> None:
    made = message("Grüße", "Two of them.\n")
    made.add_alternative("<p>Two</p>", subtype="html")
    made.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="order.pdf")
    cursor = look(server).cursor
    server.put(made)
    [item] = look(server, cursor).new
    assert item.json.pop("size") == len(made.as_bytes())
    assert item.json == {
        "uid": 1,
        "is_cut": False,
        "error": None,
        "message_id": "<1@shop.test>",
        "in_reply_to": None,
        "subject": "Grüße",
        "date": "2026-03-02T06:00:00Z",
        "from": [{"name": "Ada", "address": "ada@shop.test"}],
        "to": [{"name": "", "address": "us@ours.test"}],
        "cc": [],
        "reply_to": [],
        "text": "Two of them.\n",
        "html": "<p>Two</p>\n",
    }
    assert item.binary == {
        "attachment_0": {
            "id": "4 bytes",
            "mimeType": "application/pdf",
            "fileName": "order.pdf",
            "fileExtension": "pdf",
            "fileSize": 4,
        }
    }


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no header at all",
        b"From: =?x?q?=80?= <\nDate: never\nMessage-ID: <\xff\n\n\xff",
        b"Content-Type: text/plain; charset=no-such\n\n\xff",
        b"Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/mixed\n\n--a--",
        b"From: \0\nSubject: \0\n\n\0",
    ],
    ids=["empty", "bare", "headers", "charset", "parts", "nul"],
)
def test_a_message_that_is_broken_holds_up_no_other(server: MailboxServer, content: bytes) -> None:
    cursor = look(server).cursor
    server.put(content)
    server.put(message("good"))
    found = look(server, cursor)
    assert [each.json["uid"] for each in found.new] == [1, 2]
    assert subjects(found)[1] == "good"


def test_of_a_large_message_only_the_head_is_read(
    server: MailboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "MAX_BYTES", 1_000)
    cursor = look(server).cursor
    server.put(message("large", "x" * 2_000))
    [item] = look(server, cursor).new
    assert (item.json["subject"], item.json["is_cut"], item.json["text"]) == ("large", True, None)


def test_more_than_fit_are_left_for_the_next_look(
    server: MailboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "AT_ONCE", 2)
    cursor = look(server).cursor
    for subject in "abc":
        server.put(message(subject))
    first = look(server, cursor)
    assert (subjects(first), first.has_more) == (["a", "b"], True)
    second = look(server, first.cursor)
    assert (subjects(second), second.has_more) == (["c"], False)


def test_a_mailbox_that_is_numbered_anew_begins_anew(server: MailboxServer) -> None:
    cursor = look(server).cursor
    server.put(message("a"))
    server.validity = 2
    found = look(server, cursor)
    assert (found.new, place(found)) == ([], (2, 1))


def test_a_mailbox_of_somebody_else_begins_anew(server: MailboxServer) -> None:
    server.mailboxes["Orders"] = {}
    cursor = look(server).cursor
    server.put(message("old"), "Orders")
    found = look(server, cursor, name="Orders")
    assert found.new == []
    assert found.cursor["mailbox"] != cursor["mailbox"]
    assert USER not in str(cursor)


def test_a_server_that_refuses_for_a_while_loses_no_message(server: MailboxServer) -> None:
    cursor = look(server).cursor
    server.put(message("a"))
    for server.refuses in ("SEARCH", "FETCH"):
        error = failure(server, cursor)
        assert (error.code, error.retryable) == ("mailbox_refused", True)
        assert "not now" in error.message
    server.refuses = ""
    assert subjects(look(server, cursor)) == ["a"]


def test_a_message_that_is_gone_again_holds_up_no_other(server: MailboxServer) -> None:
    cursor = look(server).cursor
    for subject in "abc":
        server.put(message(subject))
    for uid in (1, 3):
        del server.mailboxes["INBOX"][uid]
    found = look(server, cursor)
    assert (subjects(found), found.has_more) == (["b"], True)
    found = look(server, found.cursor)
    assert (found.new, place(found), found.has_more) == ([], (1, 3), False)


def test_of_very_many_messages_only_the_first_are_asked_for(
    server: MailboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "SEARCHED", 2)
    cursor = look(server).cursor
    for number in range(5):
        server.put(message(str(number)))
    del server.mailboxes["INBOX"][1], server.mailboxes["INBOX"][2]
    told = []
    while True:
        found = look(server, cursor)
        told += subjects(found)
        cursor = found.cursor
        if not found.has_more:
            break
    assert told == ["2", "3", "4"]


def test_what_came_is_kept_where_the_time_runs_out(
    server: MailboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    cursor = look(server).cursor
    server.put(message("a"))
    server.put(message("b"))
    monkeypatch.setattr(mailbox, "KEPT_SHARE", 1)
    found = look(server, cursor)
    assert (subjects(found), found.has_more) == (["a"], True)


def test_another_mailbox_may_be_named_and_must_be_there(server: MailboxServer) -> None:
    server.mailboxes["Orders 2026"] = {}
    cursor = look(server, name="Orders 2026").cursor
    server.put(message("a"), "Orders 2026")
    assert subjects(look(server, cursor, name="Orders 2026")) == ["a"]
    error = failure(server, name="Nowhere")
    assert (error.code, error.message) == (
        "mailbox_unknown",
        "The mail server does not open the mailbox “Nowhere”: no such mailbox",
    )


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Entwürfe", "Entw&APw-rfe"),
        ("R&D", "R&-D"),
        ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
        ("\N{GRINNING FACE}", "&2D3eAA-"),
    ],
)
def test_a_mailbox_may_have_a_name_in_any_script(
    server: MailboxServer, name: str, written: str
) -> None:
    server.mailboxes[written] = {}
    cursor = look(server, name=name).cursor
    server.put(message("a"), written)
    assert subjects(look(server, cursor, name=name)) == ["a"]


def test_a_mailbox_has_no_name_with_lines_in_it() -> None:
    params = {"credential": "x", "mailbox": "INBOX\r\nA LOGOUT"}
    assert [fault.path for fault in type_of("email_trigger").check(params)] == ["mailbox"]


def test_nothing_is_changed_in_the_mailbox(server: MailboxServer) -> None:
    cursor = look(server).cursor
    server.put(message("a"))
    look(server, cursor)
    assert set(server.commands) == {
        "CAPABILITY",
        "LOGIN",
        "EXAMINE",
        "SEARCH",
        "FETCH",
        "LOGOUT",
    }


def test_a_wrong_login_is_told_and_may_bear_no_line_of_its_own(server: MailboxServer) -> None:
    assert failure(server, password="wrong").code == "login_refused"
    for username in ("zoë", "ada\r\nX LOGOUT"):
        assert failure(server, username=username).code == "invalid_login"


def test_a_server_that_nobody_may_reach_is_refused(server: MailboxServer) -> None:
    assert failure(server, host="127.0.0.1", policy=EgressPolicy()).code == "egress_refused"
    assert server.commands == []


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_connection_is_secure_as_the_credential_says(
    security: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = self_signed(tmp_path, "mail.test")
    with mailbox_server(security, certificate) as server:
        assert failure(server).code == "tls"
        assert "LOGIN" not in server.commands
        trusted = ssl.create_default_context(cafile=str(certificate))
        monkeypatch.setattr(imap, "tls", lambda: trusted)
        cursor = look(server).cursor
        server.put(message("secret"))
        assert subjects(look(server, cursor)) == ["secret"]


def test_a_server_that_is_not_there_or_speaks_another_tongue_is_told(
    server: MailboxServer,
) -> None:
    nobody = EgressPolicy(["127.0.0.1:1"], resolve=lambda host: ["127.0.0.1"])
    assert failure(server, security="tls").code == "tls"
    assert failure(server, port=1, policy=nobody).code == "connect"


def test_a_server_that_says_more_than_anybody_can_hold_is_left(
    server: MailboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    cursor = look(server).cursor
    server.put(message("a"))
    server.endless = True
    assert failure(server, cursor).code == "connection_lost"
    server.endless = False
    monkeypatch.setattr(imap, "MAX_READ", 100)
    assert failure(server, cursor).code == "connection_lost"


def test_a_credential_is_tried_by_a_login(server: MailboxServer) -> None:
    own = replace(services(), egress=server.policy)
    check_credential(Credential("imap", server.values), own)
    with pytest.raises(NodeError, match="refused the login"):
        check_credential(Credential("imap", server.values | {"password": "wrong horse"}), own)
