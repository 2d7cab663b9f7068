"""Email over Django's mail API to real servers: how messages arrive, and how servers fail."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest

from apps.engine.errors import NodeError, RevokedError
from apps.engine.items import Item
from apps.nodes.context import Services, bound
from apps.nodes.contract import ExampleFile
from apps.nodes.credential_checks import check_credential
from apps.nodes.outside.egress import EgressPolicy
from apps.nodes.vault import Credential
from apps.runs import mailer
from apps.runs.mailer import DjangoMailer
from tests.nodes.certificates import self_signed
from tests.nodes.email_steps import ASKED, failure, ran
from tests.nodes.outside import CredentialsByType
from tests.nodes.servers import trap
from tests.nodes.smtp import PASSWORD, USER, MailServer, mail_server
from tests.nodes.twins import MemoryAttempt, MemoryFiles

Security = Literal["none", "starttls", "tls"]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return self_signed(tmp_path_factory.mktemp("tls"), "mail.test")


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The certificate of the servers here is one that is trusted."""
    context = ssl.create_default_context(cafile=str(certificate))
    monkeypatch.setattr(mailer, "tls", lambda: context)


@pytest.fixture
def bind(services: Services) -> Any:
    @contextmanager
    def bind(server: MailServer, files: MemoryFiles | None = None, **values: Any) -> Iterator[None]:
        mine = replace(
            services,
            mailer=DjangoMailer(),
            egress=server.policy,
            credentials=CredentialsByType({"smtp": {**server.values, **values}}),
            files=files or MemoryFiles(),
        )
        with bound(mine):
            yield

    return bind


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
def test_a_message_arrives_as_it_was_made(
    security: Security, certificate: Path, trusted: None, bind: Any
) -> None:
    with mail_server(certificate, security) as server, bind(server):
        [item] = ran(
            {
                **ASKED,
                "to": "Ada <ada@x.test>",
                "bcc": "eve@x.test",
                "subject": "Grüße 👋",
                "text": "One\r\n.\nTwo ü\rThree",
                "html": "<p>Hi</p>",
                "credential": "c",
            }
        )
    [taken] = server.taken
    assert taken.is_secure == (security != "none")
    assert (taken.sender, taken.recipients) == ("shop@x.test", ["ada@x.test", "eve@x.test"])
    message = taken.message
    assert (message["Subject"], message["To"], message["Bcc"]) == (
        "Grüße 👋",
        "Ada <ada@x.test>",
        None,
    )
    assert message["Message-ID"] == item.json["message_id"]
    text, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    assert text.get_content().splitlines() == ["One", ".", "Two ü", "Three"]
    assert html.get_content().strip() == "<p>Hi</p>"
    assert item.json["accepted"] == ["ada@x.test", "eve@x.test"]


@pytest.mark.parametrize("subject", ["x" * 900, "ü" * 900, "word " * 180])
def test_long_lines_arrive(certificate: Path, bind: Any, subject: str) -> None:
    text = "x" * 5_000 + "\n" + "ü" * 5_000
    people = [f"Person Number {n} <person{n}@x.test>" for n in range(200)]
    params = {**ASKED, "to": people, "subject": subject, "text": text, "credential": "c"}
    with mail_server(certificate) as server, bind(server):
        ran(params)
    [taken] = server.taken
    assert len(taken.recipients) == 200
    assert "".join(taken.message["Subject"].split()) == "".join(subject.split())
    assert taken.message.get_content().splitlines() == text.splitlines()


def test_files_go_along(certificate: Path, bind: Any) -> None:
    files = MemoryFiles()
    invoice = files.reference(ExampleFile(b"%PDF\x00\xff", 'in"voice ü.pdf', "application/pdf"))
    odd = files.reference(ExampleFile(b"To: \xff", "a.eml", "message/rfc822"))
    text = files.reference(ExampleFile(b"a\nb\r\n\xff", "a.csv", "text/csv"))
    item = Item({}, {"invoice": invoice, "odd": odd, "text": text})
    with mail_server(certificate) as server, bind(server, files=files):
        ran({**ASKED, "attachments": "invoice, odd,text", "credential": "c"}, [item])
    [taken] = server.taken
    told = {part.get_filename(): part for part in taken.message.iter_attachments()}
    pdf = told['in"voice ü.pdf']
    assert (pdf.get_content_type(), pdf.get_content()) == ("application/pdf", b"%PDF\x00\xff")
    assert told["a.eml"].get_payload(decode=True) == b"To: \xff"
    assert told["a.csv"].get_payload(decode=True) == b"a\nb\r\n\xff"


def test_who_logs_in_is_let_in(certificate: Path, trusted: None, bind: Any) -> None:
    with (
        mail_server(certificate, "starttls") as server,
        bind(server, username=USER, password=PASSWORD),
    ):
        ran({**ASKED, "credential": "c"})
    assert server.taken[0].user == USER


@pytest.mark.parametrize("values", [{"password": "pässwörd"}, {"username": "ädä"}])
def test_a_login_that_is_not_ascii_is_refused_before_connecting(
    certificate: Path, bind: Any, values: dict[str, str]
) -> None:
    with mail_server(certificate) as server, bind(server, **values):
        refusal = failure({**ASKED, "credential": "c"})
    assert refusal.code == "invalid_login"
    assert not any(value in refusal.message for value in values.values())
    assert server.taken == []


def test_a_wrong_password_is_refused_and_not_told(certificate: Path, bind: Any) -> None:
    with (
        mail_server(certificate) as server,
        bind(server, username=USER, password="wrong horse battery"),
    ):
        error = failure({**ASKED, "credential": "c"})
    assert (error.code, error.retryable) == ("login_refused", False)
    assert "wrong" not in f"{error!r} {error.message} {error.hint}"
    assert server.taken == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_of_another_is_no_connection(
    security: Security, certificate: Path, trusted: None, bind: Any
) -> None:
    with (
        mail_server(certificate, security) as server,
        bind(server, host="other.test", username=USER, password=PASSWORD),
    ):
        error = failure({**ASKED, "credential": "c"})
    assert (error.code, server.taken) == ("tls", [])


def test_a_server_that_speaks_no_tls_is_sent_nothing(certificate: Path, bind: Any) -> None:
    with mail_server(certificate, "none") as server:
        for security in ("starttls", "tls"):
            with bind(server, security=security, username=USER, password=PASSWORD):
                assert failure({**ASKED, "credential": "c"}).code == "tls"
    assert server.taken == []


def test_a_recipient_that_is_refused_is_told_beside_those_that_are_not(
    certificate: Path, bind: Any
) -> None:
    with mail_server(certificate) as server, bind(server):
        [item] = ran({**ASKED, "cc": "eve@refused.test", "credential": "c"})
    assert item.json["accepted"] == ["ada@x.test"]
    assert item.json["rejected"] == {"eve@refused.test": "550 No such user"}


def test_a_message_that_nobody_takes_fails(certificate: Path, bind: Any) -> None:
    with mail_server(certificate) as server, bind(server):
        error = failure({**ASKED, "to": "eve@refused.test", "credential": "c"})
    assert (error.code, error.retryable) == ("recipients_refused", False)
    assert "eve@refused.test: 550 No such user" in error.message


@pytest.mark.parametrize(("answer", "retryable"), [("451 Later", True), ("554 Never", False)])
def test_a_message_that_is_not_taken_fails(
    certificate: Path, bind: Any, answer: str, retryable: bool
) -> None:
    with mail_server(certificate, answer=answer) as server, bind(server):
        error = failure({**ASKED, "credential": "c"})
    assert (error.code, error.retryable) == ("message_refused", retryable)
    assert answer in error.message


def test_a_private_server_is_not_connected_to(services: Services) -> None:
    with trap() as listener:
        values = server_at(listener.port, "127.0.0.1")
        vault = CredentialsByType({"smtp": values})
        with bound(replace(services, mailer=DjangoMailer(), credentials=vault)):
            assert failure({**ASKED, "credential": "c"}).code == "egress_refused"
        assert listener.connections() == 0


@pytest.mark.parametrize("host", ["a b", "", "127.1", "x/y", "a,b", "[::1", "a\r\nb"])
def test_what_is_no_host_is_not_connected_to(host: str, services: Services) -> None:
    vault = CredentialsByType({"smtp": server_at(25, host)})
    with bound(replace(services, mailer=DjangoMailer(), credentials=vault)):
        assert failure({**ASKED, "credential": "c"}).code == "invalid_host"


def server_at(port: int, host: str = "mail.test") -> dict[str, Any]:
    return {"host": host, "port": port, "security": "none", "username": "", "password": ""}


@contextmanager
def odd_server(services: Services, says: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that does with its one connection what the test says, and a mailer for it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with suppress(OSError), listener.accept()[0] as connection:
                says(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        port = listener.getsockname()[1]
        policy = EgressPolicy([f"127.0.0.1:{port}"], resolve=lambda host: ["127.0.0.1"])
        vault = CredentialsByType({"smtp": server_at(port)})
        with bound(replace(services, mailer=DjangoMailer(), egress=policy, credentials=vault)):
            yield port
    thread.join()


def test_an_answer_without_end_is_no_answer(services: Services) -> None:
    def talk(connection: socket.socket) -> None:
        while True:
            connection.sendall(b"220-and so on\r\n" * 1000)

    with odd_server(services, talk):
        assert failure({**ASKED, "credential": "c"}).code == "connection_lost"


def test_a_server_that_leaves_is_a_lost_connection(services: Services) -> None:
    with odd_server(services, lambda connection: connection.sendall(b"220 hi\r\n")):
        error = failure({**ASKED, "credential": "c"})
    assert (error.code, error.retryable) == ("connection_lost", True)


def test_a_revoked_attempt_does_not_wait_for_its_server(services: Services) -> None:
    attempt, is_there = MemoryAttempt(), threading.Event()

    def wait(connection: socket.socket) -> None:
        is_there.set()
        connection.recv(1)

    def revoke() -> None:
        is_there.wait()
        attempt.revoke()

    threading.Thread(target=revoke, daemon=True).start()
    with odd_server(services, wait), pytest.raises(RevokedError):
        ran({**ASKED, "credential": "c"}, attempt=attempt)


def test_a_revoked_attempt_sends_nothing(certificate: Path, bind: Any) -> None:
    attempt = MemoryAttempt()
    attempt.revoke()
    with mail_server(certificate) as server, bind(server), pytest.raises(RevokedError):
        ran({**ASKED, "credential": "c"}, attempt=attempt)
    assert server.taken == []


def test_a_credential_is_tried_by_logging_in(
    certificate: Path, trusted: None, services: Services
) -> None:
    with mail_server(certificate, "starttls") as server:
        tried = replace(services, mailer=DjangoMailer(), egress=server.policy)
        values = {**server.values, "username": USER}
        check_credential(Credential("smtp", {**values, "password": PASSWORD}), tried)
        with pytest.raises(NodeError) as refused:
            check_credential(Credential("smtp", {**values, "password": "wrong one"}), tried)
    assert (refused.value.code, server.taken) == ("login_refused", [])
