"""What the sender of a hook is answered: at once, when the run ends, or as a step of it says.

Who waits for a run holds no thread and no connection: it hears of the run's progress as streams do,
and looks at the rows, which are the truth.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from uuid import UUID

import orjson
from django.core.files.storage import default_storage

from apps.engine.encoding import encode
from apps.engine.errors import Fault
from apps.engine.items import Item
from apps.nodes.files import plain_media_type
from apps.nodes.webhooks.disposition import content_disposition
from apps.nodes.webhooks.params import WebhookParams
from apps.runs.models import Payload, Run, RunAnswer, RunFile
from apps.runs.nudges import nudges
from apps.runs.reading import outages_borne, read
from apps.runs.results import items_of, last_output
from apps.runs.states import OPEN, RunStatus
from apps.triggers.errors import RefusedError, failed
from apps.workspaces.problems import CONTENT_TYPE, problem

logger = logging.getLogger(__name__)

LOOK_S = 2.0
"""How long a nudge may be lost before the rows are looked at all the same; each time twice as long,
for a thousand who wait must not keep the database busy by nothing but looking."""
LONGEST_LOOK_S = 16.0
PIECE = 64 * 1024
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class HookAnswer:
    """What is sent; a body in pieces where it is long."""

    status: int
    body: bytes | AsyncIterator[bytes] = b""
    headers: dict[str, str] = field(default_factory=dict)


def accepted(run: UUID, **more: bool) -> HookAnswer:
    """202: the run is durable."""
    return HookAnswer(202, orjson.dumps({"run": run} | more), {"Content-Type": JSON})


def refusal(refused: RefusedError, **more: str) -> HookAnswer:
    """Why there is no other answer, as a problem."""
    fault = Fault("", refused.code, refused.message)
    told = problem(HTTPStatus(refused.status), refused.message, [fault]) | more
    return HookAnswer(
        refused.status, orjson.dumps(told), {"Content-Type": CONTENT_TYPE, **refused.headers}
    )


async def answer_of(workspace: UUID, run: UUID, params: WebhookParams) -> HookAnswer:
    """Wait for what the run answers; 500 where it fails or answers nothing, 410 where it is there
    no more, 504 where that takes too long."""
    try:
        async with asyncio.timeout(params.answer_timeout_s):
            return await _awaited(workspace, run, params)
    except TimeoutError:
        sentence = f"The run gave no answer within {params.answer_timeout_s} seconds; it goes on."
        return refusal(RefusedError(504, "answer_timeout", sentence), run=str(run))
    except Exception:
        # A fault of ours: its sender is told that, and no more.
        logger.exception("the answer of run %s cannot be told", run)
        return refusal(failed(), run=str(run))


async def _awaited(workspace: UUID, run: UUID, params: WebhookParams) -> HookAnswer:
    look_s = LOOK_S
    async with nudges(workspace, run) as nudged:
        while True:
            try:
                async with asyncio.timeout(look_s):
                    await nudged.wait()
            except TimeoutError:
                look_s = min(2 * look_s, LONGEST_LOOK_S)
            nudged.clear()
            with outages_borne():
                if (made := await read(_made, run, params)) is not None:
                    return made


def _made(run: UUID, params: WebhookParams) -> HookAnswer | None:
    """The answer, if there is one by now."""
    found = Run.objects.filter(pk=run).values_list("status", "workspace").first()
    if found is None:
        sentence = "This request came before; its run, and what that answered, was deleted."
        return refusal(RefusedError(410, "answer_deleted", sentence), run=str(run))
    status, workspace = found
    if params.respond == "respond_node":
        answer = RunAnswer.objects.filter(run=run).first()
        if answer is not None:
            body: Any = bytes(answer.body)
            if answer.payload_id is not None:
                body = _pieces(_file_of(answer.payload_id))
            return HookAnswer(answer.status, body, dict(answer.headers))
    if status in OPEN:
        return None
    if status != RunStatus.COMPLETED:
        told = RefusedError(500, f"run_{status}", "The workflow could not answer.")
    elif params.respond == "respond_node":
        told = RefusedError(500, "no_answer", "The workflow ended and answered nothing.")
    else:
        return _ended(run, workspace, params)
    return refusal(told, run=str(run))


def _ended(run: UUID, workspace: UUID, params: WebhookParams) -> HookAnswer:
    """What the last step gave, as the params want it."""
    items = items_of(last_output(run))
    if params.answer == "all_items":
        return _json([item.json for item in items])
    first = items[0] if items else Item({})
    if params.answer == "first_item":
        return _json(first.json)
    reference = next(iter((first.binary or {}).values()), None)
    payload = _payload_of(run, workspace, reference)
    if payload is None:
        told = RefusedError(500, "no_file", "The first item that the workflow gave bears no file.")
        return refusal(told, run=str(run))
    # Code may have written anything there.
    media_type = plain_media_type(str((reference or {}).get("mimeType"))) or payload.content_type
    name = str((reference or {}).get("fileName") or "")
    headers = {
        "Content-Type": media_type,
        "Content-Length": str(payload.size),
        "Content-Disposition": content_disposition("inline", name),
    }
    return HookAnswer(200, _pieces(payload.file), headers)


def _json(value: Any) -> HookAnswer:
    return HookAnswer(200, encode(value), {"Content-Type": JSON})


def _payload_of(run: UUID, workspace: UUID, reference: Any) -> Payload | None:
    """The file that an item of the run bears, if the run may open it."""
    try:
        id = UUID(str((reference or {}).get("id")))
    except ValueError:
        return None
    file = RunFile.objects.filter(run=run, workspace=workspace, payload=id)
    found = file.select_related("payload").first()
    return found.payload if found else None


def _file_of(payload: UUID) -> str:
    return str(Payload.objects.values_list("file", flat=True).get(pk=payload))


async def _pieces(file: str) -> AsyncIterator[bytes]:
    opened = await read(default_storage.open, file)
    try:
        piece: Callable[[int], bytes] = opened.read
        while content := await read(piece, PIECE):
            yield content
    finally:
        opened.close()
