"""The files of a run: binary data that its steps made, or that it was given with its items."""

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from os import SEEK_END
from typing import IO
from uuid import UUID

from apps.engine.items import Json
from apps.engine.ports import RunInfo
from apps.nodes.files import keep_as
from apps.runs.create import NewRun
from apps.runs.models import Run, RunFile
from apps.runs.payloads import read_payload, store_payload
from apps.workspaces.lent import database_lent


class DatabaseFiles:
    """`nodes.files.FileStore` on the payloads: a reference opens only in a run that has it."""

    def keep(self, run: RunInfo, content: bytes, media_type: str) -> str:
        with database_lent():
            # What nothing refers to yet, the clean-up spares for a day.
            payload = store_payload(run.workspace, content, media_type)
            RunFile.objects.get_or_create(
                run_id=run.id, payload_id=payload, defaults={"workspace_id": run.workspace}
            )
        return str(payload)

    def read(self, run: RunInfo, id: str) -> bytes | None:
        try:
            payload = UUID(id)
        except ValueError:
            return None
        with database_lent():
            if not RunFile.objects.filter(run=run.id, payload=payload).exists():
                return None
            try:
                return read_payload(payload)
            except FileNotFoundError:
                return None


def give_files(source: UUID, run: Run | NewRun, items: Sequence[Json] | None = None) -> None:
    """Let a run open the files of another one, whose items it is given: all, or those of `items`
    (in stored form)."""
    files = RunFile.objects.filter(run=source)
    if items is not None:
        ids = _named_in(items)
        if not ids:
            return
        files = files.filter(payload__in=ids)
    payloads = files.values_list("payload", flat=True)
    RunFile.objects.bulk_create(
        (
            RunFile(workspace_id=run.workspace_id, run_id=run.id, payload_id=id)
            for id in payloads.iterator()
        ),
        batch_size=500,
        ignore_conflicts=True,
    )


def store_file(
    workspace: UUID, file: IO[bytes], *, name: str = "", media_type: str = ""
) -> dict[str, Json]:
    """Store an open file, in pieces, before there is its run; gives the reference for an item.

    Name and type may be a stranger's. `own_files` lets a run open it; what no run gets is cleaned
    up after a day.
    """
    file.seek(0, SEEK_END)
    return keep_as(partial(_stored, workspace, file), file.tell(), name, media_type)


def _stored(workspace: UUID, file: IO[bytes], media_type: str) -> str:
    return str(store_payload(workspace, file, media_type))


def own_files(run: Run | NewRun, items: Sequence[Json]) -> None:
    """Let a run open the files of these items (in stored form), which were stored for it."""
    RunFile.objects.bulk_create(
        (
            RunFile(workspace_id=run.workspace_id, run_id=run.id, payload_id=id)
            for id in _named_in(items)
        ),
        ignore_conflicts=True,
    )


def _named_in(items: Sequence[Json]) -> set[UUID]:
    """The ids of the files that items bear."""
    ids = set()
    for item in items:
        for reference in (item.get("binary") or {}).values():
            with suppress(TypeError, KeyError, ValueError, AttributeError):
                ids.add(UUID(reference["id"]))
    return ids
