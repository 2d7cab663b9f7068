"""Wake-ups: few, never lost to a fault, and waited for by nobody."""

import threading
from collections.abc import Iterator

import pytest
import redis
from django.core.cache import cache

from apps.runs import dispatch
from apps.runs.dispatch import Sender


class Broker:
    """Takes messages, or does not answer until it is told to."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.answers = threading.Event()
        self.answers.set()

    def take(self, queue: str) -> None:
        assert self.answers.wait(60)
        self.sent.append(queue)


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Broker]:
    broker = Broker()
    monkeypatch.setattr(dispatch, "_send", broker.take)
    cache.clear()
    yield broker
    broker.answers.set()
    cache.clear()


@pytest.fixture
def sender() -> Sender:
    return Sender()


def test_while_one_is_on_its_way_no_second_is_sent(broker: Broker, sender: Sender) -> None:
    for _ in range(3):
        sender.ask("slow", again=False)
        sender.wait_until_idle(60)
    assert broker.sent == ["slow"]
    sender.ask("slow", again=True)
    sender.wait_until_idle(60)
    assert broker.sent == ["slow", "slow"]


def test_nobody_waits_for_a_broker_that_does_not_answer(broker: Broker, sender: Sender) -> None:
    broker.answers.clear()
    for n in range(100):
        sender.ask(f"queue-{n % 2}", again=True)
    assert broker.sent == []
    broker.answers.set()
    sender.wait_until_idle(60)
    # The one that was under way, and each queue once for all that was asked meanwhile.
    assert set(broker.sent) == {"queue-0", "queue-1"}
    assert len(broker.sent) <= 3


@pytest.mark.parametrize("error", [redis.ConnectionError("away"), ValueError("a fault of ours")])
def test_a_wake_up_that_fails_ends_no_later_one(
    broker: Broker, sender: Sender, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def refuse(queue: str) -> None:
        raise error

    with monkeypatch.context() as away:
        away.setattr(dispatch, "_send", refuse)
        sender.ask("slow", again=True)
        sender.wait_until_idle(60)
    sender.ask("slow", again=True)
    sender.wait_until_idle(60)
    assert broker.sent == ["slow"]
