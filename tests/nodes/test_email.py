"""Email: what its examples cannot say: what stands in a message, and whom it is from and for."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from django.core import mail as django_mail
from pytest_django import Settings

from apps.engine.errors import NodeError
from apps.engine.items import Item, Json
from apps.nodes.context import Services, bound
from apps.nodes.contract import ExampleFile
from apps.nodes.registry import library
from apps.runs.mailer import DjangoMailer
from tests.nodes.email_steps import ASKED, failure, ran
from tests.nodes.mails import MemoryMailer, told
from tests.nodes.outside import CredentialsByType
from tests.nodes.twins import ReadFiles


def sent(params: dict[str, Json], takes: Sequence[Json] = ({},)) -> list[dict[str, Json]]:
    """What was given to a mailer."""
    keeper = MemoryMailer()
    with bound(Services(mailer=keeper)):
        ran(params, takes)
    return [told(message) for message in keeper.sent]


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
