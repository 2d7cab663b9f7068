"""`python -m tests.bench.pages`: how long lists and pages take on the database of `DATABASE_URL`,
which `manage.py seed_runs` has filled: the median of five, and the statements of each.

`python -m tests.bench.pages FEW MANY`: the same on two databases, one with few runs and one with
many, named by their URLs, by turns of each page: what else the machine does meets both. What takes
longer than `LIMIT_MS` there, or more than `MOST_TIMES` its time with few runs, is marked.
"""

import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "flowforge.settings")

if __name__ == "__main__":
    django.setup()

from django.conf import settings
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.operations.models import ErrorGroup
from apps.runs.models import Run
from apps.triggers.models import Schedule, WebhookRequest
from apps.workspaces.models import User, Workspace

TIMES = int(os.environ.get("BENCH_TIMES", "5"))
LIMIT_MS, MOST_TIMES = 300, 1.5
API = "/api/v1"
DAY = timedelta(days=1)


def pages(workspace: Workspace) -> Iterator[str]:
    """The addresses of all pages that could grow with the runs of a workspace."""
    run = Run.objects.filter(workspace=workspace, status="failed").order_by("-id")[0]
    old = Run.objects.filter(workspace=workspace).order_by("id")[0]
    yield from _api(workspace, run, old)
    yield from _admin(workspace, run)
    yield from _rows()


def _api(workspace: Workspace, run: Run, old: Run) -> Iterator[str]:
    own: dict[str, Any] = {"workspace": workspace.pk}
    now = timezone.now()
    for asked in (
        {},
        own,
        {"workflow": run.workflow_id},
        *({"status": each} for each in ("completed", "failed", "waiting", "pending")),
        {"status": ["pending", "running"]},
        *({"trigger": each} for each in ("webhook", "child")),
        own | {"status": "failed"},
        own | {"trigger": "child"},
        {"workflow": run.workflow_id, "status": "waiting"},
        {"workflow": run.workflow_id, "status": "pending"},
        {"workflow": run.workflow_id, "trigger": "child"},
        {"workflow": run.workflow_id, "version": 1},
        {"version": 1},
        {"version": 99},
        {"retry_of": run.pk},
        {"parent_run": run.pk},
        {"started_after": _at(now - DAY)},
        {"started_after": _at(now + DAY)},
        {"started_before": _at(now - 80 * DAY)},
        {"started_before": _at(now - 1_000 * DAY)},
        {"created_after": _at(now - DAY)},
        {"created_before": _at(now - 80 * DAY)},
        {"value": "order:1"},
        {"ordering": "created_at"},
        {"ordering": "created_at", "status": "pending"},
        {"search": "Ada"},
        {"search": "No stock for order"},
        {"search": "nothing bears this"},
        {"search": str(old.pk)},
        {"workflow": run.workflow_id, "search": "nothing bears this"},
    ):
        yield f"{API}/runs?{urlencode(asked, doseq=True)}"
    yield f"{API}/runs/{run.pk}"
    yield f"{API}/runs/{run.pk}/steps?include=payloads"
    for asked in ({}, own | {"status": "active"}, own | {"search": "stock"}):
        yield f"{API}/workflows?{urlencode(asked)}"
    schedule = Schedule.objects.filter(fires__isnull=False)[0]
    for path in (
        f"workflows/{run.workflow_id}",
        f"workflows/{run.workflow_id}/versions",
        "schedules",
        f"schedules/{schedule.pk}/fires",
        "workers",
        "hooks",
        "hook-requests",
        f"hook-requests?workspace={workspace.pk}",
        f"hook-requests/{WebhookRequest.objects.order_by('-id')[0].pk}",
        "polls",
        "hold",
        f"workflows/{run.workflow_id}/hold",
        f"workspaces/{workspace.pk}/audit",
        f"workspaces/{workspace.pk}/bulk-jobs",
        f"workspaces/{workspace.pk}/error-groups",
        f"credentials?workspace={workspace.pk}&include=uses",
    ):
        yield f"{API}/{path}"


def _admin(workspace: Workspace, run: Run) -> Iterator[str]:
    own, workflow = f"workspace__id__exact={workspace.pk}", f"workflow__id__exact={run.workflow_id}"
    hook = WebhookRequest.objects.order_by("-id")[0]
    group = ErrorGroup.objects.order_by("pk")[0]
    for path in (
        "",
        "board/",
        "board/day/",
        "search/?s=stock",
        "runs/run/?p=100",
        *(f"runs/run/?status__exact={each}" for each in ("failed", "waiting", "pending")),
        f"runs/run/?{workflow}",
        f"runs/run/?{workflow}&status__exact=pending",
        f"runs/run/?finished_after={_minute(2)}&finished_before={_minute(1)}",
        f"runs/run/?status__exact=failed&finished_after={_minute(2)}&finished_before={_minute(1)}",
        "runs/run/?trigger__exact=webhook",
        "runs/run/?trigger__exact=child",
        f"runs/run/?{own}",
        f"runs/run/?error_group={group.pk}",
        f"runs/run/?q={run.pk}",
        f"runs/run/?q={run.pk.hex[-8:]}",
        "runs/run/?q=00000000",
        f"runs/run/{run.pk}/change/",
        f"runs/run/{run.pk}/timeline/",
        f"runs/run/{run.pk}/events/",
        f"runs/run/grid/{run.workflow_id}/",
        *(f"runs/steprun/?status__exact={each}" for each in ("failed", "waiting", "running")),
        f"runs/steprun/?{own}",
        "workflows/workflow/?q=stock",
        f"workflows/workflow/{run.workflow_id}/change/",
        f"triggers/webhookrequest/?{own}",
        f"triggers/webhookrequest/?endpoint__id__exact={hook.endpoint_id}",
        f"workspaces/auditentry/?{own}",
        "workspaces/auditentry/?action=run.start",
        "workspaces/auditentry/?action=run.delete",
        "workspaces/auditentry/?q=start",
        "workspaces/auditentry/?q=nothing+bears+this",
    ):
        yield f"/admin/{path}"


def _rows() -> Iterator[str]:
    """Each list of the admin, and the page of a row where there is one."""
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        if (row := model._default_manager.order_by("-pk").first()) is not None:
            yield reverse(f"{name}_change", args=[row.pk])


def _minute(days_ago: int) -> str:
    return f"{timezone.now() - days_ago * DAY:%Y-%m-%dT%H:%M}"


def _at(moment: datetime) -> str:
    return moment.isoformat()


def measure() -> Iterator[str]:
    """A line for each page: milliseconds, statements, status, name."""
    settings.ALLOWED_HOSTS = ["testserver"]
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.filter(is_superuser=True)[0])
    for page in pages(Workspace.objects.get(name="Load")):
        times = []
        for _ in range(TIMES):
            with CaptureQueriesContext(connection) as asked:
                begun = time.perf_counter()
                answer = client.get(page)
                times.append((time.perf_counter() - begun) * 1000)
        told = f"{statistics.median(times):7.0f} ms {len(asked):4d} statements"
        yield f"{told} {answer.status_code} {page}"


def compare(few: str, many: str) -> None:
    """Measure both side by side, page by page, and print what each page takes on either."""
    ways = [_measuring(url) for url in (few, many)]
    print(f"{'few':>7} {'many':>7}    ratio   page")
    for beside in zip(*ways, strict=True):
        (a, page), (b, other) = ((float(line.split()[0]), line.split()[-1]) for line in beside)
        assert _shape(page) == _shape(other), (page, other)
        marks = "slow " * (b > LIMIT_MS) + "grows" * (b > MOST_TIMES * a)
        print(f"{a:7.0f} {b:7.0f} {b / max(a, 1):7.2f} {marks:11}{_shape(other)}", flush=True)


def _measuring(url: str) -> Iterator[str]:
    """The lines of `measure` on that database, each measured when it is asked for."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.pages", "--by-turns"],
        env=os.environ | {"DATABASE_URL": url},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    while True:
        process.stdin.write("\n")
        process.stdin.flush()
        if not (line := process.stdout.readline().strip()):
            return
        yield line


def _shape(page: str) -> str:
    """The address without the ids and moments in it."""
    ids = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=[/=])\d+(?=/|$)|(?<==)[0-9a-f]{8}$", "…", page)
    return re.sub(r"=\d{4}-\d\d-\d\dT[^&]*", "=…", ids)


def main() -> None:
    if len(sys.argv) == 3:
        compare(*sys.argv[1:])
        return
    for line in measure():
        if "--by-turns" in sys.argv:
            input()
        print(line, flush=True)
    if "--by-turns" in sys.argv:
        input()
        print(flush=True)


if __name__ == "__main__":
    main()
