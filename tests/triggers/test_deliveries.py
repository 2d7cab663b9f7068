"""A request that comes again, by what its sender calls it, starts no second run."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from apps.nodes.webhooks.deduplication import delivery_key
from apps.runs.models import Run
from apps.triggers.hooks import receive
from apps.triggers.hooks.deliveries import delete_old_deliveries
from apps.triggers.hooks.receive import Accepted, Outcome, receive_all
from apps.triggers.hooks.request import HookRequest
from apps.triggers.models import WebhookDelivery, WebhookRequest
from tests.nodes.twins import type_of
from tests.runs.work import execute
from tests.triggers.test_door import listens_to
from tests.triggers.test_hooks import Answer, code_of, send

pytestmark = pytest.mark.django_db(transaction=True)

KEY = "={{ $json.headers['x-delivery'] }}"


def delivered(id: str, path: str = "safe", **params: Any) -> Answer:
    return send(path, x_delivery=id, **params)


def request(id: str) -> HookRequest:
    return HookRequest("POST", ("safe",), "", {"x-delivery": id}, b"{}")


def is_new(outcome: Outcome) -> bool:
    return isinstance(outcome, Accepted) and outcome.answered_by is None


def accepted_run(id: str) -> Run:
    """The run that a request starts, whose sender does not wait."""
    [outcome] = receive_all([request(id)])
    assert isinstance(outcome, Accepted)
    assert outcome.answered_by is None
    return Run.objects.get(pk=outcome.run.id)


def end_as(status: str) -> None:
    """Have all runs end, as a worker would."""
    Run.objects.update(status="running")
    Run.objects.update(status=status, finished_at=timezone.now())


def received_at_once(batches: list[list[str]]) -> list[Outcome]:
    """What becomes of requests that several processes store at the same time."""
    begin = threading.Barrier(len(batches))

    def receive_batch(ids: list[str]) -> list[Outcome]:
        begin.wait()
        try:
            return receive_all([request(id) for id in ids])
        finally:
            connection.close()

    with ThreadPoolExecutor(len(batches)) as pool:
        return [each for batch in pool.map(receive_batch, batches) for each in batch]


def test_what_comes_again_is_answered_with_its_first_run() -> None:
    listens_to(dedup_key=KEY)
    first, again, other = delivered("a"), delivered("a"), delivered("b")
    assert (again.status, again.body) == (202, {"run": first.body["run"], "duplicate": True})
    assert "duplicate" not in other.body
    assert Run.objects.count() == WebhookRequest.objects.count() == 2


def test_what_comes_again_gets_the_answer_of_the_first_run() -> None:
    listens_to(dedup_key=KEY, respond="last_node", cors_origins=["*"])
    run = accepted_run("a")
    execute(run)
    again = delivered("a", origin="https://shop.example")
    assert (again.status, again.body[0]["headers"]) == (200, {"x-delivery": "a"})
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["access-control-allow-origin"] == "*"
    assert Run.objects.count() == WebhookRequest.objects.count() == 1


def test_what_comes_again_waits_for_the_first_run_as_the_first_did() -> None:
    listens_to(dedup_key=KEY, respond="last_node", answer_timeout_s=1)
    run = accepted_run("a")
    again = delivered("a")
    assert (again.status, code_of(again), again.body["run"]) == (
        504,
        "answer_timeout",
        str(run.pk),
    )


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_after_a_run_that_failed_the_same_request_starts_another(status: str) -> None:
    listens_to(dedup_key=KEY, respond="last_node")
    first = accepted_run("a")
    end_as(status)
    second = accepted_run("a")
    assert second.pk != first.pk
    [third] = receive_all([request("a")])
    assert isinstance(third, Accepted)
    assert third.answered_by == second.pk


def test_who_was_answered_at_once_starts_no_other_run_where_it_failed() -> None:
    listens_to(dedup_key=KEY)
    first = delivered("a").body["run"]
    end_as("failed")
    assert delivered("a").body == {"run": first, "duplicate": True}


def test_after_a_run_that_failed_many_that_come_at_once_start_one() -> None:
    listens_to(dedup_key=KEY, respond="last_node")
    accepted_run("a")
    end_as("failed")
    outcomes = received_at_once([["a", "a"]] * 4)
    second = Run.objects.get(status="pending")
    assert Run.objects.count() == 2
    assert sum(map(is_new, outcomes)) == 1
    assert {each.answered_by for each in outcomes if isinstance(each, Accepted)} == {
        None,
        second.pk,
    }


def test_that_an_answer_was_deleted_is_told() -> None:
    listens_to(dedup_key=KEY, respond="last_node")
    run = accepted_run("a")
    Run.objects.all().delete()
    again = delivered("a")
    assert (again.status, code_of(again), again.body["run"]) == (410, "answer_deleted", str(run.pk))
    assert not Run.objects.exists()


def test_of_one_batch_the_first_is_taken() -> None:
    listens_to(dedup_key=KEY)
    outcomes = receive_all([request(id) for id in ("b", "a", "b", "a", "b")])
    assert [is_new(outcome) for outcome in outcomes] == [True, True, False, False, False]


def test_without_the_value_every_request_starts_a_run() -> None:
    listens_to(dedup_key=KEY)
    assert [delivered("").status, delivered("").status] == [202, 202]
    assert [send("safe").status, send("safe").status] == [202, 202]
    assert Run.objects.count() == 4


def test_a_value_is_known_again_within_its_window_alone() -> None:
    listens_to(dedup_key=KEY, dedup_window_s=60)
    first = delivered("a").body["run"]
    WebhookDelivery.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    second = delivered("a").body["run"]
    assert second != first
    assert delivered("a").body == {"run": second, "duplicate": True}


def test_each_webhook_knows_its_own() -> None:
    listens_to(dedup_key=KEY)
    listens_to(dedup_key=KEY, path="other")
    assert "duplicate" not in delivered("a").body
    assert "duplicate" not in delivered("a", "other").body


def test_the_header_that_lets_a_request_in_may_tell_it_from_others(monkeypatch: Any) -> None:
    listens_to(dedup_key="={{ $json.headers.authorization }}")
    for secret in ("one", "two", "one"):
        send("safe", authorization=secret)
    assert Run.objects.count() == 2


def test_a_run_that_was_deleted_is_not_started_again() -> None:
    listens_to(dedup_key=KEY)
    first = delivered("a").body["run"]
    Run.objects.all().delete()
    assert delivered("a").body == {"run": first, "duplicate": True}


def test_what_could_not_be_stored_did_not_come(monkeypatch: pytest.MonkeyPatch) -> None:
    listens_to(dedup_key=KEY)

    def fail(runs: Any) -> None:
        raise RuntimeError("no")

    with monkeypatch.context() as patched:
        patched.setattr(receive, "insert_runs", fail)
        assert delivered("a").status == 500
    assert "duplicate" not in delivered("a").body


def test_of_many_that_come_at_once_one_starts_a_run() -> None:
    listens_to(dedup_key=KEY)
    outcomes = received_at_once([["a", "b"], ["b", "a"], ["a", "b"], ["b", "a"]])
    assert sum(map(is_new, outcomes)) == Run.objects.count() == 2


def test_values_whose_window_is_over_are_forgotten() -> None:
    listens_to(dedup_key=KEY)
    delivered("a")
    assert delete_old_deliveries(timezone.now()) == 0
    assert delete_old_deliveries(timezone.now() + timedelta(days=2)) == 1
    assert not WebhookDelivery.objects.exists()


@pytest.mark.parametrize(
    "key", ["", KEY, "gh-={{ 1 }}", "=gh-{{ $json.body.id }}", "={{ $json.a }}{{ $json.b }}"]
)
def test_a_key_is_text_with_plain_paths(key: str) -> None:
    faults = type_of("webhook").check({"path": "a", "dedup_key": key})
    assert [fault.path for fault in faults] == ([] if "$json" in key or not key else ["dedup_key"])


@pytest.mark.parametrize(
    "key",
    [
        "the same for all",
        "={{ $json.body.id + 1 }}",
        "={{ $now }}",
        "={{ $('X').item.json.id }}",
        "={{ $json.body.id",
        "={{ 1 }}",
    ],
)
def test_a_key_that_cannot_tell_requests_apart_or_needs_javascript_is_a_fault(key: str) -> None:
    [fault] = type_of("webhook").check({"path": "a", "dedup_key": key})
    assert (fault.path, "x-github-delivery" in fault.message) == ("dedup_key", True)


def known(key: str, **json: Any) -> str | None:
    return delivery_key(key, {"json": json})


def test_no_two_values_are_taken_for_one() -> None:
    both = "={{ $json.a }}{{ $json.b }}"
    assert known(both, a="x", b="yz") != known(both, a="xy", b="z")
    whole = "={{ $json.a }}"
    assert known(whole, a={"id": 1}) != known(whole, a={"id": 2})
    assert known(whole, a="x" * 5_000) != known(whole, a="x" * 5_000 + "y")
    assert known(whole, a="\ud83d") != known(whole, a="\ud83e")
    assert known(whole, a=0) is not None
    assert known(whole, a=None) is known(whole) is None
