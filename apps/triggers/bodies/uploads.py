"""Bodies that may be large or are packed: what they hold, their files stored."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import IO
from uuid import UUID

from django.conf import settings

from apps.engine.items import Json
from apps.nodes.formats.packed import PackedError, UnknownCodingError, unpacked
from apps.runs.files import store_file
from apps.triggers.bodies.multipart import read_multipart
from apps.triggers.bodies.read import coding_of, kind_of, read_body
from apps.triggers.bodies.spool import Spool
from apps.triggers.errors import RefusedError


@dataclass(frozen=True, slots=True)
class Content:
    """What a body holds: as JSON, and references to its files, which are stored."""

    body: Json
    files: dict[str, Json]


def read_upload(headers: Mapping[str, str], spool: Spool, workspace: UUID) -> Content:
    """Read a body of any kind, by its headers, and store its files for a run to come.

    A form with files is its fields and files; what is no text, or in no encoding that it says, is
    the file `data`. Raises RefusedError.
    """
    content_type = headers.get("content-type", "")
    kind = kind_of(content_type)
    most = settings.MAX_UPLOAD_BYTES if kind in ("multipart", "file") else settings.MAX_BODY_BYTES
    with ExitStack() as opened:
        if coding := coding_of(headers):
            packed, spool = spool, opened.enter_context(Spool(most))
            _unpack(packed, coding, spool)
        if spool.size == 0:
            return Content({}, {})
        if kind == "multipart":
            fields, files = read_multipart(spool, content_type, partial(_keep, workspace))
            return Content(fields, files)
        if kind != "file":
            try:
                return Content(read_body(spool.read(), content_type), {})
            except UnicodeDecodeError:
                pass
        return Content({}, {"data": _keep(workspace, spool.file, "", content_type)})


def _unpack(packed: Spool, coding: str, plain: Spool) -> None:
    try:
        for piece in unpacked(packed, coding):
            plain.write(piece)
    except UnknownCodingError as error:
        raise RefusedError(415, "unsupported_encoding", f"The body {error}.") from None
    except PackedError as error:
        raise RefusedError(400, "cannot_unpack", f"The body {error}.") from None


def _keep(workspace: UUID, file: IO[bytes], name: str, media_type: str) -> Json:
    return store_file(workspace, file, name=name, media_type=media_type)
