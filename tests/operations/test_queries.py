"""What each list and page asks of the database, held against `queries.md`.

Counted with a few rows of everything and with more, which must come to the same. Whoever makes a
page cheaper writes the table anew; whoever makes it dearer says why. A page that the table does not
name fails.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.workspaces import sessions
from apps.workspaces.models import Workspace
from tests.api import routes
from tests.api.admin_pages import admin_reads, rows_of
from tests.api.routes import API_ROUTES, About, Lists, Scene
from tests.clients import ApiClient
from tests.factories import make_user, make_variable, make_workspace

pytestmark = pytest.mark.django_db
REVIEWED = Path(__file__).with_name("queries.md")
MORE = 4


@pytest.fixture
def workspace(monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The workspace of all scenes, so that its lists grow."""
    workspace = make_workspace()
    monkeypatch.setattr(routes, "make_workspace", lambda: workspace)
    return workspace


def scene(monkeypatch: pytest.MonkeyPatch, number: int) -> tuple[Scene, dict[str, Any]]:
    """One more of everything, and the row of each model that the admin shows."""
    monkeypatch.setattr(routes, "make_variable", lambda of: make_variable(of, f"shop_{number}"))
    made = Scene()
    return made, rows_of(made, number)


def reads(client: ApiClient, made: Scene) -> Iterator[tuple[str, str]]:
    """The name of each thing and list that the API reads as JSON, and its address."""
    for name, route in sorted(API_ROUTES.items()):
        if not isinstance(route.methods.get("GET"), Lists | About):
            continue
        kwargs = dict(route.kwargs(made))
        query = kwargs.pop("query", "")
        address = f"{reverse(name, kwargs=kwargs)}?{query}"
        answer = client.get(address)
        if answer.status_code == 200 and answer["Content-Type"] == "application/json":
            yield f"GET {name}", address


def counted(client: ApiClient, address: str) -> int:
    """The queries of the second visit: the first fills what a process keeps."""
    for _ in range(2):
        cache.clear()
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
    return sum(each["sql"].startswith("SELECT") for each in asked.captured_queries)


def test_pages_ask_as_often_as_was_reviewed_however_many_rows_there_are(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    # When a session was last seen is noted every five minutes: no page's own question.
    monkeypatch.setattr(sessions, "SEEN_IS_NOTED_EVERY_S", 1e9)
    root = ApiClient(make_user(workspace, is_staff=True, is_superuser=True))
    member = ApiClient(make_user(workspace, "admin"))
    made, rows = scene(monkeypatch, 0)
    visits = [(root, *page) for page in admin_reads(rows)]
    visits += [(member, *page) for page in reads(member, made)]
    few = {name: counted(client, address) for client, name, address in visits}
    for number in range(1, MORE):
        scene(monkeypatch, number)
    many = {name: counted(client, address) for client, name, address in visits}

    grown = {name: (few[name], many[name]) for name in few if few[name] != many[name]}
    assert not grown, "these ask more often where there are more rows"
    assert table(many) == REVIEWED.read_text()


def table(counts: dict[str, int]) -> str:
    lines = [f"| {name} | {count} |" for name, count in counts.items()]
    return "| page | queries |\n|---|---|\n" + "\n".join(lines) + "\n"
