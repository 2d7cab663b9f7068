"""A webhook takes so many requests a minute, and says when it takes the next."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from time_machine import travel

from apps.runs.models import Run
from apps.triggers.hooks.receive import Accepted, receive_all
from apps.triggers.hooks.request import HookRequest
from apps.triggers.models import WebhookRequest
from tests.triggers.test_door import listens_to
from tests.triggers.test_hooks import code_of, send

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


def sent(body: bytes = b"{}") -> int:
    return send("safe", body).status


def asked(count: int, path: str = "safe") -> list[HookRequest]:
    return [HookRequest("POST", (path,), "", {}, b"{}")] * count


def taken(count: int) -> int:
    """How many of a batch of requests are taken."""
    return sum(isinstance(outcome, Accepted) for outcome in receive_all(asked(count)))


def test_what_is_over_the_limit_is_refused_and_makes_no_run() -> None:
    listens_to(rate_per_minute=2)
    assert [sent(), sent()] == [202, 202]
    refused = send("safe")
    assert (refused.status, code_of(refused)) == (429, "rate_limited")
    assert Run.objects.count() == 2


def test_the_limit_holds_within_a_batch_and_over_all_of_them() -> None:
    listens_to(rate_per_minute=5)
    assert [taken(3), taken(9), taken(1)] == [3, 2, 0]


def test_another_webhook_has_a_limit_of_its_own() -> None:
    listens_to(rate_per_minute=1)
    listens_to(rate_per_minute=1, path="other")
    listens_to(path="free")
    outcomes = receive_all([*asked(2), *asked(2, "other"), *asked(2, "free")])
    assert [isinstance(outcome, Accepted) for outcome in outcomes] == [
        True,
        False,
        True,
        False,
        True,
        True,
    ]


def test_what_was_refused_for_its_body_does_not_count() -> None:
    listens_to(rate_per_minute=1)
    assert [sent(b"{"), sent(b"{"), sent(), sent()] == [400, 400, 202, 429]


@pytest.mark.parametrize(("second", "retry_after"), [(45, "15"), (59, "1"), (61, None), (79, None)])
def test_who_is_refused_hears_when_the_next_is_taken(second: int, retry_after: str | None) -> None:
    listens_to(rate_per_minute=2)
    for came_at in (0, 20):
        send("safe")
        newest = WebhookRequest.objects.order_by("received_at").last()
        assert newest is not None
        moment = NOON + timedelta(seconds=came_at)
        # The moment that the ids are ordered by.
        at = UUID(int=int(moment.timestamp() * 1_000) << 80)
        WebhookRequest.objects.filter(pk=newest.pk).update(id=at)
    with travel(NOON + timedelta(seconds=second), tick=False):
        answer = send("safe")
    assert answer.headers.get("retry-after") == retry_after
    assert answer.status == (429 if retry_after else 202)
