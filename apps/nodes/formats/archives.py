"""Archives and packed files: written, and unpacked no further than the limits."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from apps.engine.errors import NodeError
from apps.nodes.formats.unused_names import UnusedNames

MAX_MEMBERS = 1_000
MAX_ENTRIES = 50_000
"""In the directory of an archive and in those of archives in it: reading them takes memory."""
MAX_UNPACKED = 256 * 1024 * 1024
MAX_RATIO = 200
FREE_BYTES = 10 * 1024 * 1024
"""So much may be unpacked of anything, however small it was."""
CHUNK = 1 << 20
WHEN = (1980, 1, 1, 0, 0, 0)  # the first that ZIP can tell: the same files make the same archive


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive."""

    name: str
    content: bytes


def write_zip(members: Sequence[Member]) -> bytes:
    """An archive of the members; of those that have one name, the later get a number."""
    written = io.BytesIO()
    names = UnusedNames(_numbered)
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in members:
            info = zipfile.ZipInfo(names.unused(member.name), WHEN)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, member.content)
    return written.getvalue()


def _numbered(name: str, number: int) -> str:
    stem, dot, extension = name.rpartition(".")
    return f"{stem} ({number}){dot}{extension}" if stem else f"{name} ({number})"


def write_gzip(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def unpack(content: bytes, name: str) -> list[Member]:
    """The files in an archive of ZIP, or the one in a file of gzip, told apart by how they begin.

    Raises NodeError `no_archive`, `broken_archive`, `encrypted_archive`, `unsupported_archive`,
    `too_many_members`, `too_large`.
    """
    if content.startswith(b"\x1f\x8b"):
        return [Member(_plain_name(name), _gunzip(content))]
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _unzip(content)
    raise NodeError("no_archive", "The file is neither a ZIP archive nor packed by gzip.")


def _plain_name(name: str) -> str:
    for ending, plain in ((".tgz", ".tar"), (".gz", "")):
        if name.lower().endswith(ending):
            return name[: -len(ending)] + plain
    return name


class _Allowance:
    """How much may still be unpacked of a file."""

    def __init__(self, packed_bytes: int) -> None:
        self._by_ratio = max(FREE_BYTES, packed_bytes * MAX_RATIO)
        self._left = min(MAX_UNPACKED, self._by_ratio)

    def read(self, source: Callable[[int], bytes]) -> bytes:
        """All that the source gives. Raises NodeError `too_large`."""
        chunks = []
        while chunk := source(CHUNK):
            self._left -= len(chunk)
            if self._left < 0:
                raise NodeError(
                    "too_large",
                    f"The archive unpacks to more than {MAX_UNPACKED:,} bytes, or to more than "
                    f"{MAX_RATIO} times its size.",
                )
            chunks.append(chunk)
        return b"".join(chunks)


def _gunzip(content: bytes) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as packed:
            return _Allowance(len(content)).read(packed.read)
    except (OSError, EOFError, zlib.error):
        raise NodeError("broken_archive", "The file packed by gzip is broken.") from None


def _unzip(content: bytes) -> list[Member]:
    # Counted, not read where the archive tells of it: that may be a lie.
    if content.count(b"PK\x01\x02") > MAX_ENTRIES:
        told = f"The archive has more than {MAX_ENTRIES:,} entries; at most {MAX_MEMBERS:,} files "
        raise NodeError("too_many_members", told + "are unpacked.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            if len(infos) > MAX_MEMBERS:
                raise NodeError(
                    "too_many_members",
                    f"The archive has {len(infos):,} files; at most {MAX_MEMBERS:,} are unpacked.",
                )
            return list(_members(archive, infos, _Allowance(len(content))))
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, zlib.error):
        raise NodeError("broken_archive", "The ZIP archive is broken.") from None
    except NotImplementedError:
        raise NodeError("unsupported_archive", "The archive cannot be read.") from None


def _members(
    archive: zipfile.ZipFile, infos: Sequence[zipfile.ZipInfo], allowance: _Allowance
) -> Iterator[Member]:
    for info in infos:
        if info.flag_bits & 1:
            raise NodeError("encrypted_archive", "The files in the archive are encrypted.")
        # The others take a memory that the archive chooses.
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            told = "The archive is packed in another way than ZIP's usual one (deflate)."
            raise NodeError("unsupported_archive", told)
        with archive.open(info) as member:
            yield Member(info.filename, allowance.read(member.read))
