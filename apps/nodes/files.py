"""Binary data of items: kept outside of the run's rows, borne by reference.

A reference stands in an item's `binary`: `{"data": {"id", "mimeType", "fileName", "fileExtension",
"fileSize"}}`, the size in bytes. It opens only in a run that made the file or was given it.
"""

import mimetypes
import re
from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import partial
from typing import Protocol

from apps.engine.errors import NodeError
from apps.engine.items import Item, Json
from apps.engine.ports import RunInfo
from apps.nodes.formats.unused_names import UnusedNames
from apps.nodes.values.comparing import identity

OCTETS = "application/octet-stream"
MAX_NAME = 255
MAX_EXTENSION = 20
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f/\\\u2028\u2029\ud800-\udfff]+")
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]{1,127}/[\w!#$&^.+-]{1,127}")


class FileStore(Protocol):
    """Where a run's files are kept. Used from any thread."""

    def keep(self, run: RunInfo, content: bytes, media_type: str) -> str:
        """Store content durably for this run; gives its id."""

    def read(self, run: RunInfo, id: str) -> bytes | None:
        """The content of a file of this run; None where it has none of that id."""


class NoFiles:
    """The store of a process that has none."""

    def keep(self, run: RunInfo, content: bytes, media_type: str) -> str:
        raise NodeError("no_files", "Files cannot be kept here.")

    def read(self, run: RunInfo, id: str) -> bytes | None:
        return None


class Files:
    """The files of one step's run."""

    def __init__(
        self,
        run: RunInfo,
        store: FileStore,
        most_bytes: int,
        masked: Callable[[bytes], bytes] = bytes,
        count: Callable[[int], object] = int,
    ) -> None:
        self._run = run
        self._store = store
        self._most_bytes = most_bytes
        self._masked = masked
        self._count = count

    def keep(
        self, content: bytes, *, name: str | None = None, media_type: str | None = None
    ) -> dict[str, Json]:
        """Store content; gives the reference to put into an item's `binary`.

        In text the run's secrets are masked. What the name tells of the media type counts where
        that is not given. Raises NodeError `file_too_large`, or `run_output_too_large`.
        """
        if len(content) > self._most_bytes:
            raise NodeError(
                "file_too_large",
                f"The file has {len(content):,} bytes; at most {self._most_bytes:,} are kept.",
            )
        self._count(len(content))
        return keep_file(
            self._masked(content), partial(self._store.keep, self._run), name, media_type
        )

    def read(self, reference: Json) -> bytes:
        """The content behind a reference. Raises NodeError `file_not_found`."""
        id = reference.get("id") if isinstance(reference, Mapping) else None
        content = self._store.read(self._run, id) if isinstance(id, str) else None
        if content is None:
            raise NodeError("file_not_found", "This run has no file for the reference.")
        return content

    def of(self, item: Item, field: str) -> tuple[bytes, Mapping[str, Json]]:
        """The content and the reference in one field of an item's `binary`.

        Raises NodeError `no_file`, which names the fields that there are.
        """
        reference = (item.binary or {}).get(field)
        if not isinstance(reference, Mapping):
            there = ", ".join(f"“{name[:80]}”" for name in list(item.binary or {})[:10])
            told = f"It has {there}." if there else "It has no files."
            raise NodeError("no_file", f"The item has no file “{field[:80]}”. {told}")
        return self.read(reference), reference


def keep_file(
    content: bytes,
    keep: Callable[[bytes, str], str],
    name: str | None = None,
    media_type: str | None = None,
) -> dict[str, Json]:
    """Store content by `keep`, which is told its media type too, and give the reference to it."""
    return keep_as(partial(keep, content), len(content), name, media_type)


def keep_as(
    keep: Callable[[str], str],
    size: int,
    name: str | None = None,
    media_type: str | None = None,
) -> dict[str, Json]:
    """Have `keep` store what it has, `size` bytes, as a media type; give the reference to it.

    Names and types may be those that a stranger gave.
    """
    name = file_name(name or "")
    kind = plain_media_type(media_type or "") or mimetypes.guess_type(name)[0] or OCTETS
    extension = name.rpartition(".")[2] if "." in name else mimetypes.guess_extension(kind)
    return {
        "id": keep(kind),
        "mimeType": kind,
        "fileName": name,
        "fileExtension": (extension or "").lstrip(".").lower(),
        "fileSize": size,
    }


class FileRoom:
    """Reads files until they are too many bytes together, which the `refusal` tells."""

    def __init__(self, files: Files, most_bytes: int, refusal: NodeError) -> None:
        self._files = files
        self._left = most_bytes
        self._refusal = refusal

    def of(self, item: Item, field: str) -> tuple[bytes, Mapping[str, Json]]:
        """As `Files.of`, which is not asked for a file that says it is too large."""
        reference = (item.binary or {}).get(field)
        told = reference.get("fileSize") if isinstance(reference, Mapping) else None
        if isinstance(told, int | float) and told > self._left:
            raise self._refusal
        content, reference = self._files.of(item, field)
        if len(content) > self._left:
            raise self._refusal
        self._left -= len(content)
        return content, reference


def files_together(several: Iterable[Mapping[str, Json]]) -> dict[str, Json] | None:
    """The files of several items as one's; one that bears the name of another gets a number."""
    files: dict[str, Json] = {}
    names = UnusedNames(lambda name, number: f"{name}_{number}", first=1)
    seen: set[tuple[str, Hashable]] = set()
    for own in several:
        for name, file in own.items():
            if (name, identity(file)) not in seen:
                seen.add((name, identity(file)))
                files[names.unused(name)] = file
    return files or None


def bytes_of_files(items: Iterable[Mapping[str, Json]]) -> int:
    """How many bytes the files have that items bear (in stored form), as their references say."""
    return sum(
        size
        for item in items
        for reference in (item.get("binary") or {}).values()
        if isinstance(reference, Mapping)
        and isinstance(size := reference.get("fileSize"), int)
        and 0 < size < 2**53
    )


def file_name(name: str) -> str:
    """A name without folders and control characters, short enough for any file system."""
    plain = _UNFIT.sub("_", re.split(r"[/\\]", name)[-1]).strip(" .")
    stem, dot, extension = plain.rpartition(".")
    if not stem or len(extension) >= MAX_EXTENSION:
        stem, dot, extension = plain, "", ""
    room = MAX_NAME - len(f"{dot}{extension}".encode())
    return stem.encode()[:room].decode(errors="ignore") + dot + extension


def plain_media_type(written: str) -> str:
    """`text/html` of `Text/HTML; charset=utf-8`; empty where it is none."""
    kind = written.partition(";")[0].strip().lower()
    return kind if _MEDIA_TYPE.fullmatch(kind) else ""
