"""Triggers that look at a source: each new thing is a run, once, whoever looks and how often."""

import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils.timezone import now

from apps.nodes.context import bound, services
from apps.nodes.outside.egress import EgressPolicy
from apps.runs.models import Run
from apps.runs.states import RunStatus, Trigger
from apps.triggers.models import Poll
from apps.triggers.polls import look as look_module
from apps.triggers.polls.look import hold_next, look, look_when_due
from apps.versions.publish import publish_version
from apps.workflows.activate import activate_workflow, deactivate_workflow
from apps.workflows.models import Workflow
from tests.factories import make_credential, make_version, make_workflow
from tests.graphs import graph, node
from tests.nodes.servers import LocalServer, Reply, Seen, serving
from tests.runs.work import execute
from tests.services import wait_for

pytestmark = pytest.mark.django_db


class Feed:
    """A feed whose newest entry stands first."""

    def __init__(self, server: LocalServer) -> None:
        self.server = server
        self.titles: list[str] = []
        self.status = 200
        self.headers: dict[str, str] = {}
        self.named = ""
        """How it calls its state, where it does (`ETag`)."""

    def reply(self, seen: Seen) -> Reply:
        if self.named and seen.header("If-None-Match") == self.named:
            return Reply(304, {"ETag": self.named})
        headers = {"Content-Type": "application/rss+xml", "ETag": self.named, **self.headers}
        entries = "".join(
            f"<item><title>{title}</title><guid>{title}</guid></item>" for title in self.titles
        )
        body = f'<rss version="2.0"><channel>{entries}</channel></rss>'
        return Reply(self.status, headers, body.encode())


@pytest.fixture
def feed() -> Iterator[Feed]:
    with serving(lambda seen: made.reply(seen)) as server:
        made = Feed(server)
        allowed = EgressPolicy([f"127.0.0.1:{server.port}"])
        with bound(replace(services(), egress=allowed)):
            yield made


def published(workflow: Workflow, url: str, **params: Any) -> None:
    nodes = [node("new", "rss_trigger", params={"url": url, **params}), node("end")]
    publish_version(make_version(workflow, graph(nodes, ["new -> end"])), by=None)
    workflow.refresh_from_db()


def watching(feed: Feed, **params: Any) -> Workflow:
    """An active workflow that has looked at the feed once."""
    workflow = make_workflow()
    published(workflow, feed.server.url, **params)
    activate_workflow(workflow, by=None)
    look_now()
    return workflow


def make_due() -> None:
    Poll.objects.update(due_at=now() - timedelta(seconds=1))


def look_now() -> int:
    """Look at everything that is due by now; gives how often."""
    looks = 0
    while poll := hold_next():
        look(poll)
        looks += 1
    return looks


def look_again() -> int:
    make_due()
    return look_now()


def told(workflow: Workflow) -> list[str]:
    runs = Run.objects.filter(workflow=workflow, trigger=Trigger.POLL).order_by("id")
    return [run.input_json[0]["json"]["title"] for run in runs]


def test_each_new_entry_starts_a_run_in_the_order_in_which_they_came(feed: Feed) -> None:
    feed.titles = ["old"]
    workflow = watching(feed)
    feed.titles = ["c", "b", "old"]
    look_again()
    feed.titles = ["d", "c", "b"]
    look_again()
    assert told(workflow) == ["b", "c", "d"]
    run = execute(Run.objects.order_by("id")[0])
    assert run.status == RunStatus.COMPLETED


def test_what_is_there_when_it_begins_is_not_new(feed: Feed) -> None:
    feed.titles = ["b", "a"]
    workflow = watching(feed)
    look_again()
    assert told(workflow) == []


def test_an_entry_that_is_left_out_for_a_while_is_not_new_when_it_comes_back(feed: Feed) -> None:
    feed.titles = ["a"]
    workflow = watching(feed)
    for titles in (["b"], [], ["b", "a"]):
        feed.titles = titles
        look_again()
    assert told(workflow) == ["b"]


def test_it_looks_when_it_is_due_and_not_before(feed: Feed) -> None:
    watching(feed, every_minutes=30)
    poll = Poll.objects.get()
    assert poll.looked_at is not None
    assert poll.due_at - poll.looked_at == timedelta(minutes=30)
    assert look_now() == 0


def test_a_poll_is_held_by_one_look_at_a_time(feed: Feed) -> None:
    workflow = watching(feed)
    feed.titles = ["a"]
    make_due()
    first = hold_next()
    assert first is not None
    assert hold_next() is None
    make_due()  # the first stood still for so long that another may look
    second = hold_next()
    assert second is not None
    look(second)
    look(first)
    assert told(workflow) == ["a"]


def test_a_source_that_fails_is_told_and_looked_at_again(feed: Feed) -> None:
    workflow = watching(feed)
    feed.titles, feed.status = ["a"], 503
    look_again()
    poll = Poll.objects.get()
    assert "answered 503" in poll.error
    assert poll.due_at > now()
    feed.status = 200
    look_again()
    assert told(workflow) == ["a"]
    assert Poll.objects.get().error == ""


def pause() -> timedelta:
    """Until the next look, after one that has just been."""
    before = now()
    make_due()
    look_now()
    return timedelta(minutes=round((Poll.objects.get().due_at - before) / timedelta(minutes=1)))


def test_a_source_that_fails_again_and_again_is_looked_at_less_often(feed: Feed) -> None:
    watching(feed, every_minutes=10)
    feed.status = 503
    assert [pause().seconds // 60 for _ in range(5)] == [10, 20, 40, 60, 60]
    assert Poll.objects.get().failures == 5
    feed.status = 200
    assert pause() == timedelta(minutes=10)
    assert Poll.objects.get().failures == 0


def test_a_source_that_is_looked_at_once_a_day_is_no_sooner_looked_at_when_it_fails(
    feed: Feed,
) -> None:
    watching(feed, every_minutes=24 * 60)
    feed.status = 503
    assert [pause(), pause()] == [timedelta(days=1)] * 2


def test_a_source_that_asks_for_patience_is_given_it_up_to_a_day(feed: Feed) -> None:
    watching(feed)
    feed.status = 429
    feed.headers = {"Retry-After": "7200"}
    assert pause() == timedelta(hours=2)
    feed.headers = {"Retry-After": "999999999"}
    assert pause() == timedelta(days=1)


def test_publishing_looks_at_once_where_the_node_was_changed(feed: Feed) -> None:
    workflow = watching(feed, every_minutes=7 * 24 * 60)
    feed.status = 503
    look_again()
    due_at = Poll.objects.get().due_at
    published(workflow, feed.server.url, every_minutes=7 * 24 * 60)
    assert Poll.objects.get().due_at == due_at
    published(workflow, feed.server.url, every_minutes=1)
    poll = Poll.objects.get()
    assert (poll.due_at <= now(), poll.failures, poll.error) == (True, 0, "")


def test_a_look_at_the_old_source_is_of_no_use_once_another_is_published(feed: Feed) -> None:
    workflow = watching(feed)
    feed.titles = ["a"]
    make_due()
    held = hold_next()
    assert held is not None
    published(workflow, f"{feed.server.url}/other")
    look(held)
    look_now()
    assert told(workflow) == []


def test_a_feed_that_stayed_as_it_was_is_not_sent_again(feed: Feed) -> None:
    feed.titles, feed.named = ["a"], '"1"'
    workflow = watching(feed)
    look_again()
    feed.titles, feed.named = ["b", "a"], '"2"'
    look_again()
    look_again()
    asked = [seen.header("If-None-Match") for seen in feed.server.seen]
    assert asked == [None, '"1"', '"1"', '"2"']
    assert told(workflow) == ["b"]
    assert Poll.objects.get().error == ""


def test_a_feed_with_more_than_fit_is_sent_again_though_it_stayed_as_it_was(feed: Feed) -> None:
    workflow = watching(feed)
    feed.titles, feed.named = [f"{number:03}" for number in reversed(range(150))], '"1"'
    assert look_again() == 2
    assert told(workflow) == [f"{number:03}" for number in range(150)]


@pytest.mark.parametrize("mark", ['"' + "x" * 1_000 + '"', '"\x80"'])
def test_a_state_that_is_named_in_an_unfit_way_is_not_asked_for(feed: Feed, mark: str) -> None:
    feed.headers = {"ETag": mark}
    watching(feed)
    look_again()
    assert [seen.header("If-None-Match") for seen in feed.server.seen] == [None, None]
    assert Poll.objects.get().error == ""


def test_a_feed_that_wants_a_password_is_given_it_and_it_is_hidden(feed: Feed) -> None:
    workflow = make_workflow()
    secret = {"name": "X-Key", "value": "correct horse battery"}
    credential = make_credential(workflow.workspace, "http_header", secret)
    published(workflow, feed.server.url, credential=str(credential.pk))
    activate_workflow(workflow, by=None)
    look_now()
    assert feed.server.seen[-1].header("X-Key") == "correct horse battery"
    feed.titles = ["You sent correct horse battery"]
    look_again()
    [title] = told(workflow)
    assert title.startswith("You sent ")
    assert "horse" not in title
    feed.status = 401
    look_again()
    assert "answered 401" in Poll.objects.get().error
    assert "horse" not in Poll.objects.get().error


def test_a_secret_in_the_address_of_a_feed_is_in_no_link_of_its_entries(feed: Feed) -> None:
    workflow = make_workflow()
    secret = {"name": "key", "value": "correct-horse-battery"}
    credential = make_credential(workflow.workspace, "http_query", secret)
    published(workflow, feed.server.url, credential=str(credential.pk))
    activate_workflow(workflow, by=None)
    look_now()
    feed.titles = ["a</title><link>#a</link><title>a"]
    look_again()
    assert feed.server.seen[-1].path.endswith("key=correct-horse-battery")
    assert "horse" not in str(Run.objects.get().input_json)


def test_a_fault_of_ours_is_no_end_either(
    feed: Feed, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    watching(feed)

    def fail(*_: Any) -> None:
        raise ZeroDivisionError

    broken = replace(look_module.SOURCES["rss_trigger"], look=fail)
    monkeypatch.setitem(look_module.SOURCES, "rss_trigger", broken)
    with caplog.at_level(logging.CRITICAL, "apps.triggers.polls.look"):
        look_again()
    assert Poll.objects.get().error == "FlowForge failed to look: ZeroDivisionError."


def test_what_nodes_may_not_reach_is_not_looked_at() -> None:
    workflow = make_workflow()
    with serving(Reply()) as server:
        published(workflow, server.url)
        activate_workflow(workflow, by=None)
        look_now()
        assert server.seen == []
    assert Poll.objects.get().error != ""


def test_publishing_goes_on_where_it_was_unless_the_source_is_another(feed: Feed) -> None:
    workflow = watching(feed)
    feed.titles = ["a"]
    published(workflow, feed.server.url, every_minutes=60)
    look_again()
    assert told(workflow) == ["a"]
    feed.titles = ["b", "a"]
    published(workflow, f"{feed.server.url}/other")
    look_again()
    assert told(workflow) == ["a"]


def test_the_run_is_of_the_version_that_is_published(feed: Feed) -> None:
    workflow = watching(feed)
    published(workflow, feed.server.url, every_minutes=60)
    feed.titles = ["a"]
    look_again()
    assert Run.objects.get().version.version == workflow.version


def test_a_workflow_that_is_not_active_does_not_look_and_begins_anew(feed: Feed) -> None:
    workflow = watching(feed)
    make_due()
    held = hold_next()
    assert held is not None
    feed.titles = ["a"]
    deactivate_workflow(workflow, by=None)
    look(held)
    assert look_again() == 0
    activate_workflow(workflow, by=None)
    look_now()
    feed.titles = ["b", "a"]
    look_again()
    assert told(workflow) == ["b"]


def test_more_than_fit_are_told_look_by_look(feed: Feed) -> None:
    workflow = watching(feed)
    feed.titles = [f"{number:03}" for number in reversed(range(230))]
    assert look_again() == 3
    assert told(workflow) == [f"{number:03}" for number in range(230)]


def test_a_database_that_was_away_is_asked_again_however_often(
    feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    watching(feed)
    make_due()

    def fail() -> None:
        raise OperationalError("gone away")

    with monkeypatch.context() as away:
        away.setattr(look_module, "hold_next", fail)
        for _ in range(look_module.AT_ONCE + 1):
            with pytest.raises(OperationalError):
                look_when_due()
    assert look_module._free.acquire(blocking=False)
    look_module._free.release()


@pytest.mark.django_db(transaction=True)
def test_a_worker_looks_on_a_thread_of_its_own(feed: Feed) -> None:
    workflow = watching(feed)
    feed.titles = ["a"]
    make_due()
    look_when_due()
    wait_for(lambda: told(workflow) == ["a"])
    wait_for(lambda: all(thread.name != "poll" for thread in threading.enumerate()))


def test_why_a_look_failed_is_kept_whatever_the_server_said(feed: Feed) -> None:
    watching(feed)
    feed.status, feed.titles = 400, ["a\0b"]
    look_again()
    poll = Poll.objects.get()
    assert (poll.held_by, poll.failures) == (None, 1)
    assert "a\ufffdb" in poll.error
