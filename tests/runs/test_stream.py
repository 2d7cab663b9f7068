"""`GET /runs/{id}/events`: from the start or from where one was, live, for who may see the run."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import OperationalError

from apps.runs import consumers, events, pages, watchers
from apps.runs.listeners import seen_by
from apps.runs.models import Run
from apps.workspaces.api_keys import revoke_api_key
from apps.workspaces.members import remove_member
from tests.clients import ApiClient
from tests.factories import make_api_key, make_run, make_user
from tests.runs.listening import WAIT_S, Stream, in_database
from tests.runs.work import created, execute

pytestmark = pytest.mark.django_db(transaction=True)
AT = "2026-11-24T12:00:00.000Z"


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rights are looked at again very soon."""
    monkeypatch.setattr(watchers, "TICK_S", 0.05)


def path(run: Any) -> str:
    return f"/api/v1/runs/{getattr(run, 'pk', run)}/events"


def viewer(run: Run) -> ApiClient:
    return ApiClient(make_api_key(run.workspace, "viewer")[1])


def person(run: Run) -> ApiClient:
    return ApiClient(make_user(run.workspace, "viewer"))


def listen(test: Callable[..., Awaitable[Any]], *args: Any) -> Any:
    return async_to_sync(test)(*args)


async def all_of(path: str, client: ApiClient, **headers: str) -> list[dict[str, Any]]:
    async with Stream(path, client, **headers) as stream:
        assert stream.status == 200
        return await stream.read_to_the_end()


async def status_of(path: str, client: ApiClient, **options: str) -> int:
    async with Stream(path, client, **options) as stream:
        if stream.headers["content-type"] == "application/problem+json":
            await stream.read_to_the_end()
        return stream.status


def test_an_ended_run_is_told_from_the_start_and_then_the_stream_ends() -> None:
    run = execute(created())
    told = listen(all_of, path(run), viewer(run))
    assert [event["id"] for event in told] == list(range(1, run.seq + 1))
    assert (told[0]["event"], told[-1]["event"]) == ("run_started", "run_finished")
    assert {event["run"] for event in told} == {str(run.pk)}
    assert all(event["seq"] == event["id"] for event in told)
    assert listen(all_of, f"/runs/{run.pk}/events", viewer(run)) == told


def test_a_stream_sends_a_long_run_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    run = execute(created())
    monkeypatch.setattr(events, "MOST", 2)
    told = listen(all_of, path(run), viewer(run))
    assert [event["id"] for event in told] == list(range(1, run.seq + 1))


def test_who_may_see_a_run_no_more_is_told_no_more_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    run = execute(created())
    key, text = make_api_key(run.workspace, "viewer")
    monkeypatch.setattr(events, "MOST", 2)

    def read_once(asked: Any) -> Any:
        revoke_api_key(key, by=None)
        return events.read_pages(asked)

    monkeypatch.setattr(pages, "read_pages", read_once)
    told = listen(all_of, path(run), ApiClient(text))
    assert [event["id"] for event in told] == [1, 2]


def test_a_stream_goes_on_when_the_database_is_back(
    hurried: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = execute(created())
    client, is_away = viewer(run), iter([True, True])

    def look(*asked: Any) -> Any:
        if next(is_away, False):
            raise OperationalError("the connection was closed")
        return seen_by(*asked)

    def read_when_back(asked: Any) -> Any:
        if next(is_away, False):
            raise OperationalError("the connection was closed")
        return events.read_pages(asked)

    monkeypatch.setattr(watchers, "seen_by", look)
    monkeypatch.setattr(pages, "read_pages", read_when_back)
    told = listen(all_of, path(run), client)
    assert [event["id"] for event in told] == list(range(1, run.seq + 1))


def test_who_asks_while_the_database_is_away_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    run = execute(created())

    def look(scope: Any, run: Any) -> int:
        raise OperationalError("the connection was closed")

    monkeypatch.setattr(consumers, "may_watch_run", look)
    assert listen(status_of, path(run), viewer(run)) == 503


def test_a_stream_ends_when_its_run_is_deleted(hurried: None) -> None:
    run = make_run(status="running")
    client = viewer(run)

    async def test() -> None:
        async with Stream(path(run), client) as stream:
            await stream.receive()
            await in_database(run.delete)
            assert await stream.read_to_the_end() == []

    listen(test)


def test_a_stream_goes_on_exactly_behind_where_one_was() -> None:
    run = execute(created())
    client = viewer(run)
    told = listen(all_of, path(run), client)
    for after in range(run.seq + 1):
        by_query = listen(all_of, f"{path(run)}?after={after}", client)
        by_header = async_to_sync(all_of)(path(run), client, last_event_id=str(after))
        assert by_query == by_header == told[after:]
    both = async_to_sync(all_of)(f"{path(run)}?after=0", client, last_event_id="3")
    assert both == told[3:]


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "٣", "9" * 40, "%00"])
def test_a_cursor_that_is_none_is_refused(after: str) -> None:
    run = make_run()
    assert listen(status_of, f"{path(run)}?after={after}", viewer(run)) == 400


def test_events_come_as_they_happen() -> None:
    run = created()
    client = viewer(run)

    async def test() -> None:
        async with Stream(path(run), client) as stream:
            await stream.receive()
            assert stream.text.startswith(": ")
            assert "retry: " in stream.text
            assert stream.events == []
            ended = await in_database(execute, run)
            told = await stream.read_to_the_end()
        assert [event["id"] for event in told] == list(range(1, ended.seq + 1))

    listen(test)


def test_many_listeners_of_one_run_hear_the_same() -> None:
    run = created()
    client = viewer(run)

    async def test() -> None:
        async with Stream(path(run), client) as one, Stream(path(run), client) as other:
            await in_database(execute, run)
            assert await one.read_to_the_end() == await other.read_to_the_end()

    listen(test)


def test_what_no_nudge_told_comes_with_the_next_look(hurried: None) -> None:
    run = make_run(status="running")
    client = viewer(run)

    async def test() -> None:
        async with Stream(path(run), client) as stream:
            await stream.receive()
            marks = [{"seq": 1, "name": "run_started", "at": AT}]
            await in_database(Run.objects.filter(pk=run.pk).update, seq=1, marks=marks)
            assert len(await stream.read_until("run_started")) == 1

    listen(test)


def test_a_quiet_stream_says_that_it_is_alive(hurried: None) -> None:
    run = make_run(status="running")
    client = viewer(run)

    async def test() -> None:
        async with Stream(path(run), client) as stream:
            while ": still here" not in stream.text:
                await stream.receive()

    listen(test)


def test_a_stream_is_kept_by_nobody_in_between() -> None:
    run = make_run(status="running")
    client = viewer(run)

    async def headers() -> dict[str, str]:
        async with Stream(path(run), client) as stream:
            return stream.headers

    told = listen(headers)
    assert told["content-type"].startswith("text/event-stream")
    assert told["cache-control"] == "no-cache, no-transform"
    assert told["x-accel-buffering"] == "no"


def is_listened_to(run: Run) -> bool:
    return any(str(run.workspace_id) in group for group in get_channel_layer().groups)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_S):
        while not condition():
            await asyncio.sleep(0.01)


def test_a_listener_that_leaves_is_forgotten() -> None:
    run = make_run(status="running")
    client = viewer(run)

    async def test() -> None:
        async with Stream(path(run), client) as stream:
            await stream.receive()
            await until(lambda: is_listened_to(run))
        await until(lambda: not is_listened_to(run))

    listen(test)


# --- Who may listen -------------------------------------------------------------------------------


def test_strangers_see_nothing() -> None:
    run, foreign = make_run(), make_run()
    assert listen(status_of, path(run), ApiClient()) == 401
    assert listen(status_of, path(run), ApiClient("ff_00000000_nonsense")) == 401
    assert listen(status_of, path(foreign), viewer(run)) == 404
    assert listen(status_of, path(uuid4()), viewer(run)) == 404


def test_a_refusal_is_a_problem() -> None:
    run = make_run()

    async def refused() -> tuple[str, str]:
        async with Stream(path(run), ApiClient()) as stream:
            await stream.read_to_the_end()
            return stream.headers["content-type"], stream.text

    kind, text = listen(refused)
    assert kind == "application/problem+json"
    assert '"status":401' in text


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://evil.example", 403),
        ("http://localhost.evil.example", 403),
        ("null", 403),
        ("http://localhost", 200),
    ],
)
def test_a_cookie_speaks_only_for_our_own_pages(origin: str, status: int) -> None:
    run = make_run(status="running")
    assert async_to_sync(status_of)(path(run), person(run), origin=origin) == status


def test_a_key_speaks_for_whoever_holds_it() -> None:
    run = make_run(status="running")
    client = viewer(run)
    assert async_to_sync(status_of)(path(run), client, origin="https://elsewhere.example") == 200


def test_a_stream_can_only_be_read() -> None:
    run = make_run()
    assert async_to_sync(status_of)(path(run), viewer(run), method="POST") == 405


def test_who_asks_only_for_the_head_gets_no_stream() -> None:
    run = make_run(status="running")
    client = viewer(run)

    async def test() -> None:
        async with Stream(path(run), client, method="HEAD") as stream:
            assert stream.status == 200
            assert await stream.read_to_the_end() == []
            assert stream.text == ""

    listen(test)


def test_a_revoked_key_ends_the_stream(hurried: None) -> None:
    run = make_run(status="running")
    key, text = make_api_key(run.workspace, "viewer")

    async def test() -> None:
        async with Stream(path(run), ApiClient(text)) as stream:
            await stream.receive()
            await in_database(revoke_api_key, key)
            await stream.read_to_the_end()

    listen(test)


def test_who_is_no_member_any_more_hears_nothing_any_more(hurried: None) -> None:
    run = make_run(status="running")
    user = make_user(run.workspace, "viewer")
    client, membership = ApiClient(user), user.memberships.get()

    async def test() -> None:
        async with Stream(path(run), client) as stream:
            await stream.receive()
            await in_database(remove_member, membership, by=None)
            await stream.read_to_the_end()

    listen(test)
