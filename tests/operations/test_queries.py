"""What each list and page asks of the database, held against `queries.md`.

Counted with a few rows of everything and with more, which must come to the same. Whoever makes a
page cheaper writes the table anew; whoever makes it dearer says why. A page that the table does not
name fails.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)

from apps.runs.holds import hold
from apps.runs.models import Worker
from apps.workspaces.models import Workspace
from tests.api import routes
from tests.api.admin_pages import ADMIN_MODELS
from tests.api.routes import API_ROUTES, About, Lists, Scene
from tests.clients import ApiClient
from tests.factories import make_user, make_variable, make_workspace

pytestmark = pytest.mark.django_db
REVIEWED = Path(__file__).with_name("queries.md")
MORE = 4


def periodic(number: int) -> PeriodicTask:
    interval = IntervalSchedule.objects.create(every=number + 1, period="days")
    return PeriodicTask.objects.create(name=f"Own {number}", task="runs.tidy", interval=interval)


OF_INSTALLATION: dict[str, Callable[[Scene, int], Any]] = {
    "runs.hold": lambda scene, _: hold(scene.workflow, "broken", by=None),
    "runs.worker": lambda scene, number: Worker.objects.create(host="here", pid=number),
    "django_celery_beat.periodictask": lambda scene, number: periodic(number),
    "django_celery_beat.intervalschedule": lambda scene, number: IntervalSchedule.objects.create(
        every=number + 1, period="hours"
    ),
    "django_celery_beat.crontabschedule": lambda scene, number: CrontabSchedule.objects.create(
        minute=number
    ),
    "django_celery_beat.clockedschedule": lambda scene, number: ClockedSchedule.objects.create(
        clocked_time=f"2200-01-0{number + 1}T00:00Z"
    ),
    "django_celery_beat.solarschedule": lambda scene, number: SolarSchedule.objects.create(
        event="sunrise", latitude=number, longitude=0
    ),
}
"""Rows of models of no workspace, by the number of the scene."""


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
    rows = {label: model.of(made) for label, model in ADMIN_MODELS.items()}
    return made, rows | {label: make(made, number) for label, make in OF_INSTALLATION.items()}


def pages(made: Scene, rows: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The name of each page of the admin, and its address."""
    yield "admin", reverse("admin:index")
    for model in sorted(admin.site._registry, key=lambda each: each._meta.label_lower):
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        label = model._meta.label_lower
        yield f"admin, list of {label}", reverse(f"{name}_changelist")
        yield f"admin, a {label}", reverse(f"{name}_change", args=[rows[label].pk])


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
    root = ApiClient(make_user(workspace, is_staff=True, is_superuser=True))
    member = ApiClient(make_user(workspace, "admin"))
    made, rows = scene(monkeypatch, 0)
    visits = [(root, *page) for page in pages(made, rows)]
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
