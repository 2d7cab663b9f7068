"""What was sent goes into a run: into a new one, or to the step that waits for it.

Files are stored first; the rows that let the run open them are written with what it is given.
"""

import hashlib
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from apps.engine.encoding import encode
from apps.engine.events import write_time
from apps.engine.items import Json
from apps.nodes.files import keep_as
from apps.nodes.forms.submission import Submission
from apps.runs.create import RunRequest, insert_runs, prepare_run
from apps.runs.files import own_files
from apps.runs.models import StepRun
from apps.runs.payloads import store_payload
from apps.runs.resume import resume_step
from apps.runs.states import Trigger
from apps.triggers.errors import no_room
from apps.triggers.forms.found import LiveForm
from apps.triggers.hooks.deliveries import Delivery, first_runs
from apps.workspaces.errors import NoRoomError

SAME_FOR_S = 86_400
"""How long the same page, sent again as it was, starts no other run."""


def start_run(form: LiveForm, sent: Submission[UploadedFile], once: str) -> UUID:
    """Start a run with what was sent; gives its id, or that of the first run of the same page.

    `once` tells the page from each other that was shown; empty: it is always another. Raises
    RefusedError where its workflow keeps as much as it may.
    """
    item = _item(form.version.workspace_id, sent)
    request = RunRequest(Trigger.FORM, form.node_id, [item])
    try:
        run = prepare_run(form.version, request)
    except NoRoomError:
        raise no_room() from None
    with transaction.atomic():
        if once:
            key = _key(once, sent, item)
            delivery = Delivery(form.endpoint, key, run.id, run.workspace_id, SAME_FOR_S)
            if first := first_runs([delivery]).get(run.id):
                return first
        insert_runs([run])
        own_files(run, [item])
    return run.id


def answer_step(step: StepRun, sent: Submission[UploadedFile]) -> None:
    """Let a step that waits for a page to be filled in go on with what was sent.

    Raises ConflictError where it waits no more.
    """
    item = _item(step.workspace_id, sent)
    with transaction.atomic():
        resume_step(step, "form", item)
        own_files(step.run, [item])


def _item(workspace: UUID, sent: Submission[UploadedFile]) -> dict[str, Json]:
    """What was sent, as an item in stored form."""
    values = sent.values | {"submitted_at": write_time(timezone.now())}
    item: dict[str, Json] = {"json": values}
    if sent.files:
        item["binary"] = {name: _kept(workspace, file) for name, file in sent.files.items()}
    return item


def _kept(workspace: UUID, file: UploadedFile) -> dict[str, Json]:
    def keep(media_type: str) -> str:
        assert file.file is not None
        return str(store_payload(workspace, file.file, media_type))

    return keep_as(keep, file.size or 0, file.name, file.content_type)


def _key(once: str, sent: Submission[UploadedFile], item: dict[str, Any]) -> str:
    files = {name: file["id"] for name, file in item.get("binary", {}).items()}
    return hashlib.sha256(encode([once, sent.values, files])).hexdigest()
