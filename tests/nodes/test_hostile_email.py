"""What hostile params make an Email send: nothing, or what was meant."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from apps.engine.errors import FlowForgeError
from apps.engine.items import Json
from apps.nodes.context import Services, bound
from apps.nodes.contract import NodeType
from apps.nodes.registry import library
from apps.runs.mailer import written
from tests.nodes.hostile import cases
from tests.nodes.mails import MemoryMailer
from tests.nodes.twins import run_step


@pytest.mark.parametrize(
    "case", cases("injection.jsonl", lambda case: case["family"].startswith("email-"))
)
def test_a_hostile_param_is_refused_or_sent_clean(case: Any, services: Services) -> None:
    email = library().find("email", 1)
    assert email is not None
    mailer = MemoryMailer()
    params = {"to": "a@test", "subject": "s", **case["params"]}
    with bound(replace(services, mailer=mailer)):
        error = error_of(email, params)
    if error is not None:
        assert error.code in {"invalid_header", "invalid_params"}
        assert mailer.sent == []
        return
    [message] = mailer.sent
    assert case["never_rcpt"] not in [each.address for each in message.recipients]
    sent = written(message).message()
    assert sent["To"] == "a@test"
    assert sent["Bcc"] is None


def error_of(type: NodeType, params: Mapping[str, Json]) -> FlowForgeError | None:
    try:
        run_step(type, params)
    except FlowForgeError as error:
        return error
    return None
