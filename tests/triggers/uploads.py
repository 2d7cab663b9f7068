"""Hooks that take files, and forms to send to them."""

from typing import Any
from uuid import UUID

from apps.runs.models import Run, RunFile
from apps.runs.payloads import read_payload
from apps.versions.publish import publish_version
from apps.workflows.activate import activate_workflow
from apps.workflows.models import Workflow
from tests.factories import make_credential, make_version, make_workflow
from tests.graphs import graph, node

FORM = "multipart/form-data; boundary=cut"
PNG = b"\x89PNG\r\n\x1a\n\x00\xff"


def listening(secret: tuple[str, dict[str, str]] | None = None, **params: Any) -> Workflow:
    """An active workflow that listens at POST /hooks/orders, to whom knows a secret."""
    workflow = make_workflow()
    if secret is not None:
        params["credential"] = str(make_credential(workflow.workspace, *secret).pk)
    hook = node("in", "webhook", params={"path": "orders", **params})
    document = graph([hook, node("end")], ["in -> end"])
    workflow.draft_graph = document
    workflow.save()
    publish_version(make_version(workflow, document), by=None)
    workflow.refresh_from_db()
    activate_workflow(workflow, by=None)
    return workflow


def part(head: str, content: bytes | str = b"", boundary: str = "cut") -> bytes:
    content = content.encode() if isinstance(content, str) else content
    return f"--{boundary}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + content


def form(*parts: bytes, boundary: str = "cut") -> bytes:
    return b"\r\n".join([*parts, f"--{boundary}--\r\n".encode()])


def item() -> dict[str, Any]:
    """What the one run was given."""
    [given] = Run.objects.get().input_json
    return dict(given)


def content_of(reference: dict[str, Any]) -> bytes:
    """What is in a file that the one run may open."""
    payload = UUID(reference["id"])
    assert RunFile.objects.filter(run=Run.objects.get(), payload=payload).exists()
    return read_payload(payload)
