"""Email: what its examples cannot say, over Django's mail API to real servers."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest
from django.core import mail as django_mail
from pytest_django import Settings

from apps.engine.errors import NodeError, RevokedError
from apps.engine.graph import Node, OnError
from apps.engine.items import Item, Items, Json
from apps.engine.outcomes import Done
from apps.nodes.context import Credential, Services, bound
from apps.nodes.contract import ExampleFile
from apps.nodes.credential_checks import check_credential
from apps.nodes.outside.egress import EgressPolicy
from apps.nodes.registry import library
from apps.runs import mailer
from apps.runs.mailer import DjangoMailer
from tests.nodes.certificates import self_signed
from tests.nodes.mails import MemoryMailer, told
from tests.nodes.outside import CredentialsByType
from tests.nodes.servers import trap
from tests.nodes.smtp import PASSWORD, USER, MailServer, mail_server
from tests.nodes.twins import MemoryAttempt, MemoryFiles, ReadFiles, make_call

Security = Literal["none", "starttls", "tls"]
ASKED: dict[str, Json] = {"from": "shop@x.test", "to": "ada@x.test", "subject": "Hi", "text": "Ho"}


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


def ran(
    params: dict[str, Json],
    takes: Sequence[Json] = ({},),
    on_error: OnError = "stop",
    attempt: MemoryAttempt | None = None,
) -> Items:
    type = library().find("email", 1)
    assert type is not None
    assert type.check(params) == []
    call = make_call(
        type, params, takes, node=Node("n1", "email", "Step", params, on_error=on_error)
    )
    outcome = type.prepare(call).run(attempt or MemoryAttempt())
    assert isinstance(outcome, Done)
    return outcome.outputs["main"]


def sent(params: dict[str, Json], takes: Sequence[Json] = ({},)) -> list[dict[str, Json]]:
    """What was given to a mailer."""
    keeper = MemoryMailer()
    with bound(Services(mailer=keeper)):
        ran(params, takes)
    return [told(message) for message in keeper.sent]


def failure(params: dict[str, Json], takes: Sequence[Json] = ({},)) -> NodeError:
    with pytest.raises(NodeError) as raised:
        ran(params, takes)
    return raised.value


def test_no_items_send_nothing() -> None:
    assert sent(ASKED, []) == []


def test_every_address_may_be_several() -> None:
    [message] = sent(
        {
            **ASKED,
            "to": "a@x.test, B <b@x.test>",
            "cc": ["c@x.test", "d@x.test"],
            "bcc": "e@x.test;f@x.test",
            "reply_to": "g@x.test",
        }
    )
    assert message["to"] == ["a@x.test", "B <b@x.test>"]
    assert message["cc"] == ["c@x.test", "d@x.test"]
    assert message["bcc"] == ["e@x.test", "f@x.test"]
    assert message["reply_to"] == ["g@x.test"]


def test_only_blind_copies_are_recipients_too() -> None:
    [message] = sent({**ASKED, "to": "", "bcc": "a@x.test"})
    assert (message["to"], message["bcc"]) == ([], ["a@x.test"])


def test_a_message_has_the_same_id_on_every_attempt_and_no_other_message_has_it() -> None:
    ids = [[message["message_id"] for message in sent(ASKED, [{}, {}])] for _ in range(2)]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 2
    assert ids[0][0].endswith("@x.test>")


def test_a_message_without_sender_is_from_this_flowforge() -> None:
    [message] = sent({"to": "a@x.test"})
    assert message["from"] == "flowforge@example.org"


def test_with_a_credential_a_message_is_from_who_logs_in() -> None:
    keeper = MemoryMailer()
    values = {"host": "mail.test", "port": 1, "security": "tls", "password": "p"}
    vault = CredentialsByType({"smtp": {**values, "username": "me@x.test"}})
    with bound(Services(mailer=keeper, credentials=vault)):
        ran({"to": "a@x.test", "credential": "c"})
    assert str(keeper.sent[0].sender) == "me@x.test"


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"to": ""}, "no_recipients"),
        ({"to": " , "}, "no_recipients"),
        ({"to": ["a@x.test"] * 501}, "too_many_recipients"),
        ({"from": "a@x.test, b@x.test"}, "invalid_address"),
        ({"from": "nobody"}, "invalid_address"),
        ({"subject": "a\u2028b"}, "invalid_header"),
        ({"subject": "x" * 901}, "invalid_header"),
        ({"attachments": "invoice"}, "no_file"),
        ({"text": "x" * (26 * 2**20)}, "message_too_large"),
    ],
)
def test_what_cannot_be_sent_is_a_named_error(params: dict[str, Json], code: str) -> None:
    keeper = MemoryMailer()
    with bound(Services(mailer=keeper)):
        assert failure({**ASKED, **params}).code == code
    assert keeper.sent == []


@pytest.mark.parametrize("field", ["to", "cc", "bcc", "reply_to"])
@pytest.mark.parametrize("written", ["nobody", "a@x.test\nX: y", ["a@x.test", "b"]])
def test_an_address_that_is_none_is_a_fault_before_anything_runs(field: str, written: Json) -> None:
    type = library().find("email", 1)
    assert type is not None
    assert [fault.path for fault in type.check({**ASKED, field: written})] == [field]


def test_an_item_that_fails_holds_up_no_other(services: Services) -> None:
    keeper = MemoryMailer()
    takes: list[Json] = [{"to": "a@x.test"}, {"to": "nobody"}, {"to": "c@x.test"}]
    with bound(replace(services, mailer=keeper)):
        given = ran({**ASKED, "to": "={{ $json.to }}"}, takes, "continue")
    assert [item.json.get("error", {}).get("code") for item in given] == [
        None,
        "invalid_params",
        None,
    ]
    assert len(keeper.sent) == 2


def test_a_process_without_mail_says_so() -> None:
    with bound(Services()):
        assert failure(ASKED).code == "no_mail"


# By a server of the operator


def test_without_credential_django_sends_by_the_server_of_the_operator(
    settings: Settings, services: Services
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    django_mail.outbox = []
    with bound(replace(services, mailer=DjangoMailer())):
        [item] = ran({"to": "Ada <ada@x.test>", "subject": "Hi", "html": "<p>Ho</p>"})
    [message] = django_mail.outbox
    assert message.from_email == settings.DEFAULT_FROM_EMAIL
    assert message.message()["Message-ID"] == item.json["message_id"]
    assert message.message().get_content_type() == "text/html"


# By a server of a credential


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


def test_attachments_are_read_only_as_far_as_a_message_has_room(services: Services) -> None:
    files, keeper = ReadFiles(), MemoryMailer()
    large = files.reference(ExampleFile(bytes(15 * 2**20)))
    item = Item({}, {"a": large, "b": large, "c": {**large, "fileSize": 1}})
    for names, reads in (("a, b", 1), ("a, c, c", 2)):
        files.reads = 0
        with bound(replace(services, mailer=keeper, files=files)), pytest.raises(NodeError) as no:
            ran({**ASKED, "attachments": names}, [item])
        assert (no.value.code, files.reads) == ("message_too_large", reads)
    assert keeper.sent == []


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


def test_a_private_server_is_not_connected_to(bind: Any, services: Services) -> None:
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
