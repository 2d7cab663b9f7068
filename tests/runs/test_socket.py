"""`/ws/workspaces/{id}`: the runs of a workspace, with one connection."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync

from apps.runs import consumers, events, pages, watchers
from apps.runs.holds import hold, lift
from apps.runs.models import EVERYTHING, Run
from apps.runs.signals import send_signal
from apps.runs.states import SignalKind
from apps.workspaces.api_keys import revoke_api_key
from tests.clients import ApiClient
from tests.factories import make_api_key, make_run, make_user, make_version
from tests.runs.listening import Socket, in_database
from tests.runs.work import created, execute

pytestmark = pytest.mark.django_db(transaction=True)


def person(run: Run) -> ApiClient:
    return ApiClient(make_user(run.workspace, "viewer"))


def listen(test: Callable[[], Awaitable[None]]) -> None:
    async_to_sync(test)()


def follow(run: Run, after: int = 0) -> dict[str, Any]:
    return {"follow": str(run.pk), "after": after}


def test_who_follows_an_ended_run_gets_its_events_from_where_they_were() -> None:
    run = execute(created())
    client = person(run)

    async def test() -> None:
        async with Socket(run.workspace_id, client) as socket:
            await socket.send(follow(run))
            told = await socket.receive_until("run_finished")
            assert [event["seq"] for event in told] == list(range(1, run.seq + 1))
            assert {event["run"] for event in told} == {str(run.pk)}
            await socket.send(follow(run, after=run.seq - 1))
            assert [event["seq"] for event in await socket.receive_until("run_finished")] == [
                run.seq
            ]

    listen(test)


def test_a_long_run_is_told_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    run = execute(created())
    client = person(run)
    monkeypatch.setattr(events, "MOST", 2)

    async def test() -> None:
        async with Socket(run.workspace_id, client) as socket:
            await socket.send(follow(run))
            told = await socket.receive_until("run_finished")
            assert [event["seq"] for event in told] == list(range(1, run.seq + 1))

    listen(test)


def test_who_may_watch_no_more_is_told_no_more_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    run = execute(created())
    key, text = make_api_key(run.workspace, "viewer")
    monkeypatch.setattr(events, "MOST", 2)

    def read_once(asked: Any) -> Any:
        revoke_api_key(key, by=None)
        return events.read_pages(asked)

    monkeypatch.setattr(pages, "read_pages", read_once)

    async def test() -> None:
        async with Socket(run.workspace_id, ApiClient(text)) as socket:
            await socket.send(follow(run))
            assert [(await socket.receive())["seq"] for _ in range(2)] == [1, 2]
            assert await socket.closing_code() == 4403

    listen(test)


def test_a_run_that_is_deleted_while_it_is_followed_disturbs_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watchers, "TICK_S", 0.05)
    marks = [{"seq": 1, "name": "run_started", "at": "2026-11-24T12:00:00.000Z"}]
    gone = make_run(status="running", seq=1, marks=marks)
    other = make_run(gone.version, "running")
    client = person(gone)

    async def test() -> None:
        async with Socket(gone.workspace_id, client) as socket:
            await socket.send(follow(gone))
            await socket.send(follow(other))
            assert (await socket.receive())["run"] == str(gone.pk)
            await in_database(gone.delete)
            assert await socket.is_silent()
            await in_database(Run.objects.filter(pk=other.pk).update, seq=1, marks=marks)
            assert (await socket.receive())["run"] == str(other.pk)

    listen(test)


def test_a_followed_run_is_told_as_it_happens_beside_its_status() -> None:
    earlier = execute(created())
    run = created(earlier.version)
    client = person(run)

    async def test() -> None:
        async with Socket(run.workspace_id, client) as socket:
            await socket.send(follow(run))
            await in_database(execute, run)
            events: list[int] = []
            status = "running"
            while len(events) < earlier.seq or status == "running":
                told = await socket.receive()
                if told["event"] == "run_status":
                    status = told["status"]
                else:
                    events.append(told["seq"])
        assert status == "completed"
        assert events == list(range(1, earlier.seq + 1))

    listen(test)


async def until_completed(socket: Socket) -> dict[str, Any]:
    """The message that the run is completed; that it is running may go unsaid."""
    told = await socket.receive()
    if told["event"] == "run_status" and told["status"] == "running":
        told = await socket.receive()
    return told


def test_changes_of_status_in_the_workspace_are_told_without_following() -> None:
    run = created()
    client = person(run)
    foreign = created(make_version())

    async def test() -> None:
        async with Socket(run.workspace_id, client) as socket:
            await in_database(execute, run)
            told = await until_completed(socket)
            assert told == {
                "event": "run_status",
                "run": str(run.pk),
                "workflow": str(run.workflow_id),
                "status": "completed",
                "at": told["at"],
            }
            assert await socket.is_silent()

    assert foreign.workspace_id != run.workspace_id
    listen(test)


def test_who_watches_a_workspace_is_told_of_pauses_of_it_and_of_everything() -> None:
    run = created()
    client = person(run)
    other = make_version().workflow
    holds = (run.workflow, run.workspace, None)

    async def test() -> None:
        async with Socket(run.workspace_id, client) as socket:
            await in_database(hold, other, by=None)
            for what in holds:
                await in_database(hold, what, "upgrade", by=None)
                *_, told = await socket.receive_until("hold")
                about = EVERYTHING if what is None else what.pk
                assert told["id"] == str(about)
                await in_database(lift, what, by=None)
                *_, again = await socket.receive_until("hold")
                assert again == told

    listen(test)


def test_a_run_that_is_followed_no_more_is_told_no_more() -> None:
    run = created()
    client = person(run)

    async def test() -> None:
        async with Socket(run.workspace_id, client) as socket:
            await socket.send(follow(run))
            await socket.send({"unfollow": str(run.pk)})
            assert await socket.is_silent()
            await in_database(execute, run)
            assert (await until_completed(socket))["event"] == "run_status"
            assert await socket.is_silent()

    listen(test)


def test_a_run_that_waits_and_goes_on_is_told_to_the_end() -> None:
    run = make_run(status="waiting", seq=1, marks=[MARK])
    client = person(run)

    async def test() -> None:
        async with Socket(run.workspace_id, client) as socket:
            await socket.send(follow(run))
            assert (await socket.receive())["event"] == "run_waiting"
            await in_database(send_signal, run, SignalKind.CANCEL)
            await in_database(execute, run)
            events = [e for e in await socket.receive_until("run_finished") if "seq" in e]
            assert events[-1]["status"] == "cancelled"

    listen(test)


MARK = {"seq": 1, "name": "run_waiting", "at": "2026-11-24T12:00:00.000Z", "for": "delay"}


# --- What a client may send -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "message",
    [
        {},
        [],
        "follow",
        7,
        None,
        {"follow": "no uuid"},
        {"follow": None},
        {"follow": {"a": 1}},
        {"follow": str(uuid4()), "after": -1},
        {"follow": str(uuid4()), "after": "1"},
        {"follow": str(uuid4()), "after": True},
        {"follow": str(uuid4()), "after": 10**40},
        {"unfollow": 1},
    ],
)
def test_nonsense_is_answered_and_ends_nothing(message: Any) -> None:
    run = execute(created())
    client = person(run)

    async def test() -> None:
        async with Socket(run.workspace_id, client) as socket:
            await socket.send(message)
            assert (await socket.receive())["event"] == "error"
            await socket.send(follow(run))
            assert (await socket.receive_until("run_finished"))[0]["event"] == "run_started"

    listen(test)


@pytest.mark.parametrize("text", ["{", "NaN", "\ud800", "[" * 100_000])
def test_what_is_no_json_is_answered_and_ends_nothing(text: str) -> None:
    run = execute(created())
    client = person(run)

    async def test() -> None:
        async with Socket(run.workspace_id, client) as socket:
            await socket.asked.send_to(text_data=text)
            assert (await socket.receive())["event"] == "error"
            await socket.send(follow(run))
            await socket.receive_until("run_finished")

    listen(test)


def test_bytes_are_answered_and_end_nothing() -> None:
    run = execute(created())
    client = person(run)

    async def test() -> None:
        async with Socket(run.workspace_id, client) as socket:
            await socket.asked.send_to(bytes_data=b"\xff\x00")
            assert (await socket.receive())["event"] == "error"
            await socket.send(follow(run))
            await socket.receive_until("run_finished")

    listen(test)


def test_a_foreign_or_unknown_run_cannot_be_followed() -> None:
    run, foreign = make_run(), execute(created(make_version()))
    client = person(run)

    async def test() -> None:
        async with Socket(run.workspace_id, client) as socket:
            for id in (foreign.pk, uuid4()):
                await socket.send({"follow": str(id)})
                told = await socket.receive()
                assert (told["event"], told["run"]) == ("error", str(id))
            assert await socket.is_silent()

    listen(test)


def test_a_run_of_another_workspace_of_ones_own_is_not_followed_here() -> None:
    run, other = make_run(), execute(created(make_version()))
    user = make_user(run.workspace, "viewer")
    other.workspace.memberships.create(user=user, role="viewer")
    client = ApiClient(user)

    async def test() -> None:
        async with Socket(run.workspace_id, client) as socket:
            await socket.send(follow(other))
            assert (await socket.receive())["event"] == "error"

    listen(test)


def test_there_is_an_end_to_what_one_connection_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers.WorkspaceSocket, "MAX_FOLLOWED", 2)
    run = make_run()
    runs = [run, make_run(run.version), make_run(run.version)]
    client = person(run)

    async def test() -> None:
        async with Socket(run.workspace_id, client) as socket:
            for each in [*runs[:2], runs[0]]:
                await socket.send(follow(each))
            assert await socket.is_silent()
            await socket.send(follow(runs[2]))
            assert (await socket.receive())["event"] == "error"
            await socket.send({"unfollow": str(runs[0].pk)})
            await socket.send(follow(runs[2]))
            assert await socket.is_silent()

    listen(test)


# --- Who may listen -------------------------------------------------------------------------------


async def is_let_in(workspace: Any, client: ApiClient, **headers: str) -> bool:
    async with Socket(workspace, client, **headers) as socket:
        return bool(socket.is_open)


def test_strangers_are_not_let_in() -> None:
    run, foreign = make_run(), make_run()
    let_in = async_to_sync(is_let_in)
    assert let_in(run.workspace_id, person(run))
    assert not let_in(run.workspace_id, ApiClient())
    assert not let_in(run.workspace_id, ApiClient("ff_00000000_nonsense"))
    assert not let_in(foreign.workspace_id, person(run))
    assert not let_in(uuid4(), person(run))


def test_a_cookie_speaks_only_for_our_own_pages() -> None:
    run = make_run()
    let_in = async_to_sync(is_let_in)
    assert not let_in(run.workspace_id, person(run), origin="https://evil.example")
    key = ApiClient(make_api_key(run.workspace, "viewer")[1])
    assert let_in(run.workspace_id, key, origin="https://elsewhere.example")


def test_a_revoked_key_ends_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchers, "TICK_S", 0.05)
    run = make_run()
    key, text = make_api_key(run.workspace, "viewer")

    async def test() -> None:
        async with Socket(run.workspace_id, ApiClient(text)) as socket:
            assert socket.is_open
            await in_database(revoke_api_key, key)
            assert await socket.closing_code() == 4403

    listen(test)
