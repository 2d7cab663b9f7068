"""A body, or a part of one, on its way: in a temporary file, but where it is small."""

from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from typing import Self

from django.conf import settings

from apps.triggers.bodies.room import disk
from apps.triggers.errors import too_large

IN_MEMORY_BYTES = 64 * 1024
PIECE_BYTES = 64 * 1024


class Spool:
    """Takes bytes piece by piece, for which room is taken until it is closed. Its pieces can be
    asked for again and again."""

    def __init__(self, most: int | None = None) -> None:
        self.file = SpooledTemporaryFile(IN_MEMORY_BYTES)  # noqa: SIM115 - closed by `close`
        self.size = 0
        self._most = settings.MAX_UPLOAD_BYTES if most is None else most

    @classmethod
    def of(cls, content: bytes) -> Self:
        """Raises RefusedError."""
        spool = cls()
        spool.write(content)
        return spool

    def write(self, piece: bytes) -> None:
        """Raises RefusedError where it becomes larger than it may be, or than there is room."""
        if self.size + len(piece) > self._most:
            raise too_large(self._most)
        disk.take(len(piece))
        self.size += len(piece)
        self.file.write(piece)

    def __iter__(self) -> Iterator[bytes]:
        self.file.seek(0)
        while piece := self.file.read(PIECE_BYTES):
            yield piece

    def read(self) -> bytes:
        """All of it."""
        self.file.seek(0)
        return self.file.read()

    def close(self) -> None:
        self.file.close()
        disk.give_back(self.size)
        self.size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
