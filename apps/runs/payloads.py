"""Large values, stored once a workspace through Django's storage API."""

import hashlib
import os
from functools import reduce
from io import BytesIO
from operator import or_
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from apps.engine.encoding import decode
from apps.engine.items import Json
from apps.runs.models import Payload

JSON = "application/json"
PIECE_BYTES = 256 * 1024


def store_payload(workspace: UUID, content: bytes | IO[bytes], content_type: str = JSON) -> UUID:
    """Store content, or touch it where it is stored already; gives the payload's id.

    An open file is stored whole, wherever it stands, and read in pieces. What is stored is written
    and synced before the row, so a row never points to nothing.
    """
    source = BytesIO(content) if isinstance(content, bytes) else content
    sha256, size = _measured(source)
    same = Payload.objects.filter(workspace=workspace, sha256=sha256)
    # Touched before it is looked for: from then on the clean-up lets it be.
    if same.update(touched_at=timezone.now()):
        known = same.get()
        if default_storage.exists(known.file):
            return known.pk
    file = default_storage.save(f"{workspace}/{sha256[:2]}/{sha256}", File(source))
    _sync(file)
    new = {"size": size, "content_type": content_type, "file": file}
    with transaction.atomic():
        rows = Payload.objects.select_for_update()
        payload, is_new = rows.get_or_create(workspace_id=workspace, sha256=sha256, defaults=new)
        if not is_new and payload.file != file and default_storage.exists(payload.file):
            # Somebody else stored the same just now: one file is enough.
            default_storage.delete(file)
            file = payload.file
        rows.filter(pk=payload.pk).update(touched_at=timezone.now(), file=file)
    return payload.pk


def payload_if_large(workspace: UUID, content: bytes) -> UUID | None:
    """Store JSON that is too large for a row; None where it is not."""
    if len(content) <= settings.INLINE_PAYLOAD_BYTES:
        return None
    return store_payload(workspace, content)


def is_referred_to() -> Q:
    """Whether any row refers to the payload: a condition for queries of payloads."""
    id = OuterRef("pk")
    referring: Any = [
        relation.remote_field
        for relation in Payload._meta.get_fields(include_hidden=True)
        if relation.one_to_many
    ]
    return reduce(
        or_,
        (Q(Exists(field.model._default_manager.filter(**{field.name: id}))) for field in referring),
    )


def read_payload(id: UUID) -> bytes:
    """The content of a payload."""
    file = Payload.objects.values_list("file", flat=True).get(pk=id)
    with default_storage.open(file) as opened:
        content: bytes = opened.read()
    return content


def read_json_payload(id: UUID) -> Json:
    return decode(read_payload(id))


def _measured(source: IO[bytes]) -> tuple[str, int]:
    """The SHA-256 of what is in a file, and its size."""
    digest, size = hashlib.sha256(), 0
    source.seek(0)
    while piece := source.read(PIECE_BYTES):
        digest.update(piece)
        size += len(piece)
    return digest.hexdigest(), size


def _sync(file: str) -> None:
    try:
        path = Path(default_storage.path(file))
    except NotImplementedError:
        return  # a storage elsewhere: durable once `save` has returned
    # The folders that lead there too: they may have been made for it.
    for each in (path, *path.parents[:3]):
        descriptor = os.open(each, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
