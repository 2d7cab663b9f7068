"""Packed answers unpacked as they come, no further than somebody still wants to read."""

import zlib
from collections.abc import Iterable, Iterator

from apps.engine.errors import NodeError

PIECE_BYTES = 64 * 1024
_GZIP, _ZLIB, _BARE = 31, 15, -15


def unpacked(parts: Iterable[bytes], coding: str) -> Iterable[bytes]:
    """The parts of a body without its content coding, in pieces of at most 64 kB.

    Who stops asking stops the work: a small body that stands for a huge one costs no more than what
    is read of it. Raises NodeError `bad_response`.
    """
    coding = coding.strip().lower()
    if coding in ("", "identity"):
        return parts
    if coding in ("gzip", "x-gzip"):
        return _inflated(parts, _GZIP)
    if coding == "deflate":
        return _inflated(parts, _ZLIB)
    return _refused(parts, coding)


def _refused(parts: Iterable[bytes], coding: str) -> Iterator[bytes]:
    """Codings that nobody asked for; on top of each other they multiply what a body stands for."""
    for _ in parts:
        told = coding[:80]
        raise NodeError("bad_response", f"The answer is packed as “{told}”, which is not read.")
    yield from ()


def _inflated(parts: Iterable[bytes], format: int) -> Iterator[bytes]:
    inflate = zlib.decompressobj(format)
    is_empty = True
    try:
        for part in parts:
            if is_empty and format == _ZLIB and part and part[0] & 0x0F != zlib.DEFLATED:
                inflate = zlib.decompressobj(_BARE)  # what some servers mean by “deflate”
            is_empty = is_empty and not part
            while part and not inflate.eof:
                if piece := inflate.decompress(part, PIECE_BYTES):
                    yield piece
                part = inflate.unconsumed_tail
        while piece := inflate.decompress(inflate.unconsumed_tail, PIECE_BYTES):
            yield piece
    except zlib.error:
        raise NodeError("bad_response", "The answer cannot be unpacked.") from None
    if not (is_empty or inflate.eof):
        raise NodeError(
            "bad_response",
            "The answer ends before what is packed in it does.",
            "Where its server always ends so, send the header Accept-Encoding: identity.",
        )
