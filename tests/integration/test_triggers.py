"""Triggers in processes that are killed: what came, failed, changed or was answered counts once."""

import re
import signal
from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest
from aiosmtpd.controller import Controller

from tests.graphs import graph, node
from tests.installation import TLS, Installation, Process
from tests.integration import sources
from tests.integration.sources import Feed, Mailbox, Source
from tests.migrated import migrated_postgres
from tests.nodes.smtp import Keeper
from tests.services import free_port, wait_for

pytestmark = pytest.mark.integration

TELL = {"mode": "json", "include": "none", "json": "={{ { url: $execution.resumeUrl } }}"}
SHOP = """
from django.apps import AppConfig

class ShopConfig(AppConfig):
    name = "shop"

    def ready(self):
        from apps.triggers.model_events.register import register_model_event
        from django.contrib.auth.models import Group

        register_model_event(Group, ["name"])
"""
SAVES = """
import sys, time
from django.contrib.auth.models import Group
from django.db import transaction

with transaction.atomic():
    Group.objects.create(name="{name}")
    print("saved", flush=True)
    time.sleep({seconds})
"""


@pytest.fixture(scope="module")
def feed() -> Iterator[Feed]:
    with sources.feed() as feed:
        yield feed


@pytest.fixture(scope="module")
def mailbox() -> Iterator[Mailbox]:
    with sources.mailbox() as mailbox:
        yield mailbox


@pytest.fixture(scope="module")
def post() -> Iterator[Controller]:
    server = Controller(Keeper(), hostname="127.0.0.1", port=free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def installed(
    tmp_path_factory: pytest.TempPathFactory,
    postgres_url: str,
    feed: Feed,
    mailbox: Mailbox,
    post: Controller,
) -> Iterator[Installation]:
    """A one-process server on PostgreSQL, which has a model registered."""
    folder = tmp_path_factory.mktemp("triggers")
    shop = folder / "shop"
    shop.mkdir()
    (shop / "__init__.py").touch()
    (shop / "apps.py").write_text(SHOP)
    database = migrated_postgres(postgres_url)
    with Installation(folder, database) as house:
        house.environment |= {
            "EGRESS_ALLOW": f"{feed.address},{mailbox.address}",
            "EMAIL_URL": f"smtp://127.0.0.1:{post.port}",
            "EXTRA_APPS": "shop",
            "PYTHONPATH": str(folder),
            # The process that saves rows is another one: what it sends here nobody hears.
            "UNHEARD_AFTER_S": "1",
        }
        yield house


def servers(house: Installation) -> list[Process]:
    return [each for each in house.processes if "flowforge.serve" in list(each.popen.args)]


@pytest.fixture
def house(installed: Installation) -> Installation:
    """It runs, whatever the test before did to it."""
    if not any(server.popen.poll() is None for server in servers(installed)):
        installed.serve()
    return installed


def asked(house: Installation, statement: str) -> list[Any]:
    """What the database says to this."""
    with psycopg.connect(house.environment["DATABASE_URL"], autocommit=True) as database:
        cursor = database.execute(statement)
        return cursor.fetchall() if cursor.description else []


def kill(house: Installation) -> None:
    servers(house)[-1].end(signal.SIGKILL)


def runs_of(house: Installation, workflow: str) -> list[dict[str, Any]]:
    """The runs of a workflow, the oldest first."""
    found: list[dict[str, Any]] = house.api("GET", f"runs?workflow={workflow}&limit=200")["results"]
    return sorted(found, key=lambda run: run["id"])


def given(house: Installation, run: str) -> dict[str, Any]:
    """The item that a run began with."""
    steps = house.api("GET", f"runs/{run}/steps?include=payloads")["results"]
    [item] = next(step["output_json"]["main"] for step in steps if step["node"] == "start")
    return dict(item)


def started_by(house: Installation, workflow: str) -> list[dict[str, Any]]:
    """The items with which each run of a workflow began, once it has completed."""
    items = []
    for run in runs_of(house, workflow):
        assert house.ended(run["id"])["status"] == "completed"
        items.append(given(house, run["id"]))
    return items


def watching(house: Installation, feed: Feed, mailbox: Mailbox) -> dict[str, str]:
    """A workflow that looks at the feed, and one that looks at the mailbox; both have looked."""
    workspace = house.api("GET", "workspaces")["results"][0]["id"]
    known = {"workspace": workspace, "name": "Mail", "type": "imap", "values": mailbox.login}
    credential = house.api("POST", "credentials", known)["id"]
    starts = {
        "title": node("start", "rss_trigger", params={"url": f"http://{feed.address}/"}),
        "subject": node("start", "email_trigger", params={"credential": credential}),
    }
    made = {
        name: house.workflow(graph([start, node("end")], ["start -> end"]), name)
        for name, start in starts.items()
    }
    wait_for(lambda: not asked(house, "SELECT 1 FROM polls WHERE looked_at IS NULL"))
    return made


def look(house: Installation) -> None:
    """Let the time pass after which the triggers look again."""
    asked(house, "UPDATE polls SET due_at = now()")


def looked(house: Installation) -> None:
    """Let them look, and wait until they have."""
    look(house)
    wait_for(
        lambda: not asked(house, "SELECT 1 FROM polls WHERE due_at <= now() OR held_by IS NOT NULL")
    )


def test_what_comes_starts_one_run_each_whoever_is_killed_when(
    house: Installation, feed: Feed, mailbox: Mailbox
) -> None:
    outside: list[Source] = [feed, mailbox]
    for source in outside:
        source.put("old")
    workflows = watching(house, feed, mailbox)

    for source in outside:
        source.put("a")
    looked(house)
    for source in outside:
        source.put("b")
        source.free.clear()
    look(house)
    wait_for(lambda: all(source.is_waited_for() for source in outside))
    kill(house)
    for source in outside:
        source.put("c")
        source.free.set()
    house.serve()
    looked(house)
    looked(house)

    for name, workflow in workflows.items():
        items = started_by(house, workflow)
        assert [item["json"][name] for item in items] == ["a", "b", "c"]
    files = [item["binary"]["attachment_0"] for item in items]
    assert [(file["fileName"], file["fileSize"]) for file in files] == [("a.pdf", 8)] * 3


def alarmed(house: Installation, path: str) -> str:
    """A workflow that fails when it is told of the failures of another, at that path, and names
    itself for its own."""
    says = {"message": "No stock."}
    breaks = node("break", "stop_and_error", params=says)
    nodes, edges = [node("start", "error"), breaks], ["start -> break"]
    alarm = house.workflow(graph(nodes, edges), "Alarm")
    itself = {"graph": graph(nodes, edges, error_workflow=alarm)}
    version = house.api("POST", f"workflows/{alarm}/versions", itself)["version"]
    house.api("POST", f"workflows/{alarm}/publish", {"version": version})
    hook = node("hook", "webhook", params={"path": path})
    house.workflow(graph([hook, breaks], ["hook -> break"], error_workflow=alarm), "Fails")
    return alarm


@pytest.mark.parametrize("is_lost", [True, False], ids=["lost", "kept"])
def test_a_failure_is_told_once_though_who_tells_it_is_killed(
    house: Installation, is_lost: bool
) -> None:
    path = f"fails-{is_lost}"
    alarm = alarmed(house, path)
    blocked = (
        "FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    untold = "SELECT 1 FROM runs WHERE failure_due_at IS NOT NULL"
    with psycopg.connect(house.environment["DATABASE_URL"]) as database:
        # A run of it cannot be committed as long as this lasts.
        database.execute("SELECT 1 FROM workflows WHERE id = %s FOR UPDATE", [alarm])
        run = house.hook(path, {})
        assert house.ended(run)["status"] == "failed"
        wait_for(lambda: asked(house, f"SELECT 1 {blocked}"))
        kill(house)
        if is_lost:
            asked(house, f"SELECT pg_terminate_backend(pid) {blocked}")
            assert asked(house, untold)
    house.serve()

    wait_for(lambda: runs_of(house, alarm))
    [told] = runs_of(house, alarm)
    assert house.ended(told["id"])["status"] == "failed"
    wait_for(lambda: not asked(house, untold))
    assert len(runs_of(house, alarm)) == 1
    item = given(house, told["id"])["json"]
    assert (item["run"], item["node"]["id"], item["error"]["message"]) == (
        run,
        "break",
        "No stock.",
    )


def test_a_row_that_another_process_saves_starts_a_run_when_it_is_committed(
    house: Installation,
) -> None:
    start = node("start", "model_event", params={"model": "auth.Group", "events": ["created"]})
    workflow = house.workflow(graph([start, node("end")], ["start -> end"]), "Groups")
    saves = house.start("manage.py", "shell", "-v0", "-c", SAVES.format(name="lost", seconds=600))
    wait_for(lambda: "saved" in saves.output())
    assert runs_of(house, workflow) == []
    saves.end(signal.SIGKILL)
    house.manage("shell", "-v0", "-c", SAVES.format(name="kept", seconds=0))
    [item] = started_by(house, workflow)
    assert item["json"]["fields"] == {"name": "kept"}
    assert asked(house, "SELECT name FROM auth_group") == [("kept",)]


def test_who_waits_outlives_the_worker_and_is_answered_once(
    house: Installation, post: Controller
) -> None:
    asks = {"question": "Refund?", "to": "ada@example.org", "from": "shop@example.org"}
    nodes = [
        node("hook", "webhook", params={"path": "waits"}),
        node("ask", "approval", params=asks),
        node("tell", "set_fields", params=TELL),
        node("wait", "wait_for_webhook"),
        node("end"),
    ]
    lines = ["hook -> ask", "hook -> tell", "tell -> wait", "ask.approved -> end"]
    house.workflow(graph(nodes, lines), "Waits")
    run = house.hook("waits", {})
    wait_for(lambda: house.run(run)["status"] == "waiting")
    kill(house)
    house.serve()

    [mail] = post.handler.taken
    [link] = re.findall(r"http://\S+/decide/\S+", mail.message.get_content())
    steps = house.api("GET", f"runs/{run}/steps?include=payloads")["results"]
    [told] = next(step["output_json"]["main"] for step in steps if step["node"] == "tell")
    address = told["json"]["url"]
    assert httpx.get(link, verify=TLS).status_code == 200
    assert {wait["node"] for wait in house.run(run)["waiting_for"]} == {"ask", "wait"}
    approve = {"decision": "approve"}
    assert httpx.post(link, data=approve, verify=TLS).is_success
    assert httpx.post(address, json={}, verify=TLS).is_success
    assert house.ended(run)["status"] == "completed"
    assert httpx.post(link, data=approve, verify=TLS).status_code == 410
    assert httpx.post(address, json={}, verify=TLS).status_code == 410
    steps = house.api("GET", f"runs/{run}/steps")["results"]
    assert sorted(step["node"] for step in steps) == ["ask", "end", "hook", "tell", "wait"]
    assert len(post.handler.taken) == 1
