"""Forms with files: fields are read, each file is handed on as soon as it is whole."""

from collections.abc import Callable
from typing import IO, Any

from django.core.exceptions import (
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.core.files.uploadhandler import FileUploadHandler
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils.http import parse_header_parameters

from apps.engine.items import Json
from apps.nodes.formats.text_files import encoding_named
from apps.nodes.formats.unused_names import UnusedNames
from apps.triggers.bodies.read import add, charset
from apps.triggers.bodies.spool import Spool
from apps.triggers.errors import RefusedError

END_BYTES = 4 * 1024
"""How far before its end the last boundary of a form must stand."""
Keep = Callable[[IO[bytes], str, str], Json]
"""Stores a file, which is told its name and its media type; gives the reference to it."""


def read_multipart(
    body: Spool, content_type: str, keep: Keep
) -> tuple[dict[str, Json], dict[str, Json]]:
    """The fields of a form, and references to its files; of one name they get numbers.

    The names are the sender's. Raises RefusedError.
    """
    kind, _, parameters = content_type.partition(";")
    content_type = f"{kind.strip().lower()};{parameters}"
    files = _Files(keep)
    file: Any = body.file  # the stubs know fewer files than the parser reads
    meta = {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": body.size}
    try:
        parser = MultiPartParser(meta, file, [files], _encoding(content_type))
        _check_end(body, parse_header_parameters(content_type)[1]["boundary"])
        file.seek(0)
        sent, _ = parser.parse()
    except RequestDataTooBig:
        raise RefusedError(413, "too_large", "The fields of the form are too large.") from None
    except (TooManyFieldsSent, TooManyFilesSent):
        raise RefusedError(413, "too_many_parts", "The form has too many parts.") from None
    except (MultiPartParserError, SuspiciousOperation, LookupError, ValueError) as error:
        raise _unreadable(str(error)) from None
    finally:
        files.close()
    fields: dict[str, Json] = {}
    for name, values in sent.lists():
        for value in values:
            add(fields, name, str(value))
    return fields, files.found


class _Files(FileUploadHandler):
    """Keeps one file after the other, so that there is never more than one beside the body."""

    def __init__(self, keep: Keep) -> None:
        super().__init__()
        self.found: dict[str, Json] = {}
        self._keep = keep
        self._names = UnusedNames(lambda name, number: f"{name}_{number}", first=1)
        self._file: Spool | None = None

    def new_file(self, *given: Any, **more: Any) -> None:
        super().new_file(*given, **more)
        self._file = Spool()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        assert self._file is not None
        self._file.write(raw_data)

    def file_complete(self, file_size: int) -> None:
        assert self._file is not None
        reference = self._keep(self._file.file, self.file_name or "", self.content_type or "")
        self.found[self._names.unused(self.field_name or "")] = reference
        self.close()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _check_end(body: Spool, boundary: str) -> None:
    """Refuse what was cut off: the parser would take what there is."""
    body.file.seek(max(0, body.size - END_BYTES))
    if f"--{boundary}--".encode() not in body.file.read():
        raise _unreadable("it does not end with its boundary")


def _encoding(content_type: str) -> str:
    try:
        return encoding_named(charset(content_type))
    except ValueError:
        return "utf-8"


def _unreadable(why: str) -> RefusedError:
    return RefusedError(400, "invalid_multipart", f"The form cannot be read: {why.rstrip('.')}.")
