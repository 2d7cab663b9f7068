"""What is shown or sent beside a run's own data while a secret is there: pages, messages, logs."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import celery
import pytest
from channels.layers import InMemoryChannelLayer

from apps.credentials.models import Credential
from apps.runs import dispatch, publish
from apps.versions.save import save_version
from tests.clients import ApiClient
from tests.credentials.canaries import FORMS, World, call, code
from tests.factories import make_user, make_version, make_workflow
from tests.graphs import Document, graph, node

Patch = pytest.MonkeyPatch


def pages(*paths: str) -> Callable[[World, Patch], None]:
    """Ask for these pages while a workflow names the credential, which somebody has changed."""

    def ask(world: World, patch: Patch) -> None:
        root = make_user(world.workspace, is_staff=True, is_superuser=True)
        client = ApiClient(root)
        id = world.credential()
        values = {"token": world.secret}
        body = {"revision": 1, "name": "Renamed", "values": values}
        world.told.append(client.patch(f"credentials/{id}", body).content.decode())
        workflow = make_workflow(world.workspace)
        old = make_version(workflow, graph=naming(world, id, "body"), is_published=True)
        new, _ = save_version(workflow, naming(world, id, "header"), by=None)
        names = {
            "credential": id,
            "workflow": workflow.pk,
            "workspace": world.workspace.pk,
            "old": old.version,
            "new": new.version,
        }
        for path in paths:
            answer = client.get(path.format(**names))
            assert answer.status_code in (200, 503), path  # no worker is ready here
            world.told.append(answer.content.decode())

    return ask


def naming(world: World, credential: str, way: str) -> Document:
    nodes = [node("start", "manual"), call(world.echo.at(way), credential)]
    return graph(nodes, ["start -> call"])


def failing_task(world: World, patch: Patch) -> None:
    """A run that FlowForge itself fails to execute: the worker logs how."""

    def fail(*args: Any) -> None:
        raise RuntimeError(f"failed with {FORMS[world.form](world.secret)}")

    patch.setattr("apps.runs.execute.walk", fail)
    patch.setattr("apps.runs.execute.execute_alone", fail)  # or a process of its own would begin
    world.run(call(world.echo.at("body"), world.credential()))


def failing_view(world: World, patch: Patch) -> None:
    """A request that FlowForge itself fails to answer: the web process logs how."""

    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError(f"failed with {FORMS[world.form](world.secret)}")

    world.credential()
    client = ApiClient(make_user(world.workspace))
    patch.setattr("apps.credentials.api.detail", fail)
    answer = client.get(f"credentials/{Credential.objects.get().pk}")
    assert answer.status_code == 500
    world.told.append(answer.content.decode())


def messages(world: World, patch: Patch) -> None:
    """What goes over broker and channel layer while a run uses the secret."""
    sent: list[str] = []
    send_task, group_send = celery.Celery.send_task, InMemoryChannelLayer.group_send

    def note_task(self: Any, *args: Any, **options: Any) -> Any:
        sent.append(str((args, options)))
        return send_task(self, *args, **options)

    async def note_message(self: Any, *args: Any) -> None:
        sent.append(str(args))
        await group_send(self, *args)

    patch.setattr(celery.Celery, "send_task", note_task)
    patch.setattr(InMemoryChannelLayer, "group_send", note_message)
    told = patch_publish(patch)
    world.run(call(world.echo.at("body"), world.credential()), code("console.log($json.body)"))
    dispatch.let_wake_ups_leave()
    world.told += [*sent, *told]
    assert told


def patch_publish(patch: Patch) -> list[str]:
    """Note what is to be told to listeners, whether a loop is there to tell it or not."""
    told: list[str] = []
    send = publish._send

    def note(*args: Any, **more: Any) -> None:
        told.append(str((args, more)))
        send(*args, **more)

    patch.setattr(publish, "_send", note)
    return told


def processes(world: World, patch: Patch) -> None:
    """The arguments and environment of what a run starts, and our own."""
    world.run(call(world.echo.at("body"), world.credential()), code("return {n: 1}"))
    for pid in [os.getpid(), *children(os.getpid())]:
        for name in ("cmdline", "environ"):
            world.told.append(Path(f"/proc/{pid}/{name}").read_text(errors="replace"))


def children(of: int) -> list[int]:
    return [
        int(pid)
        for tasks in Path(f"/proc/{of}/task").iterdir()
        for pid in (tasks / "children").read_text().split()
    ]


SURFACES: dict[str, Callable[[World, Patch], None]] = {
    "admin": pages(
        "/admin/",
        "/admin/credentials/credential/",
        "/admin/credentials/credential/{credential}/change/",
        "/admin/credentials/credential/{credential}/rotate/",
        "/admin/workspaces/auditentry/",
        # Where its history leads to.
        "/admin/workspaces/auditentry/?of={credential}",
        "/admin/versions/workflowversion/",
    ),
    "api": pages(
        "credentials",
        "credentials/{credential}",
        "credential-types",
        "workspaces/{workspace}/audit",
        "workflows/{workflow}",
        "workflows/{workflow}/versions/{new}",
        "workflows/{workflow}/versions/{new}/diff?against={old}",
        "node-types",
    ),
    "public": pages("/healthz", "/readyz", "schema"),
    "failing task": failing_task,
    "failing view": failing_view,
    "messages": messages,
    "processes": processes,
}
