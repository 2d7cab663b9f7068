"""Packed bodies unpacked as they come, no further than somebody still wants to read."""

import zlib
from collections.abc import Iterable, Iterator

PIECE_BYTES = 64 * 1024
MOST_MEMBERS = 10_000
"""Of gzip: several in a row are one body. Each costs time, however little is in it."""
_GZIP, _ZLIB, _BARE = 31, 15, -15
_GZIP_BEGINS = 0x1F


class PackedError(ValueError):
    """What is wrong with a packed body, as a sentence without its subject."""


class UnknownCodingError(PackedError):
    """It is packed in a way that is not read."""


def unpacked(parts: Iterable[bytes], coding: str) -> Iterable[bytes]:
    """The parts of a body without its content coding, in pieces of at most 64 kB.

    Who stops asking stops the work: a small body that stands for a huge one costs no more than what
    is read of it. Raises PackedError.
    """
    coding = coding.strip().lower()
    if coding in ("", "identity"):
        return parts
    if coding in ("gzip", "x-gzip"):
        return _inflated(parts, _GZIP)
    if coding == "deflate":
        return _inflated(parts, _ZLIB)
    return _refused(parts, coding)


def unpacked_within(content: bytes, coding: str, most: int) -> bytes | None:
    """What a packed body holds; None where that is larger than `most` bytes, or cannot be read."""
    plain = bytearray()
    try:
        for piece in unpacked([content], coding):
            plain += piece
            if len(plain) > most:
                return None
    except PackedError:
        return None
    return bytes(plain)


def packed(content: bytes, coding: str) -> bytes:
    """A body in a content coding that is read, quickly packed."""
    format = _ZLIB if coding.strip().lower() == "deflate" else _GZIP
    return zlib.compress(content, zlib.Z_BEST_SPEED, format)


def _refused(parts: Iterable[bytes], coding: str) -> Iterator[bytes]:
    """Codings that nobody asked for; on top of each other they multiply what a body stands for."""
    for _ in parts:
        told = coding[:80]
        raise UnknownCodingError(f"is packed as “{told}”, which is not read")
    yield from ()


def _inflated(parts: Iterable[bytes], format: int) -> Iterator[bytes]:
    inflate = zlib.decompressobj(format)
    is_empty, is_over, members = True, False, 1
    try:
        for part in parts:
            if is_empty and format == _ZLIB and part and part[0] & 0x0F != zlib.DEFLATED:
                inflate = zlib.decompressobj(_BARE)  # what some servers mean by “deflate”
            is_empty = is_empty and not part
            while part and not is_over:
                if inflate.eof:
                    is_over = format != _GZIP or part[0] != _GZIP_BEGINS
                    members += 1
                    if members > MOST_MEMBERS:
                        raise PackedError("is packed in too many pieces")
                    inflate = inflate if is_over else zlib.decompressobj(format)
                    continue
                if piece := inflate.decompress(part, PIECE_BYTES):
                    yield piece
                part = inflate.unused_data if inflate.eof else inflate.unconsumed_tail
        while piece := inflate.decompress(inflate.unconsumed_tail, PIECE_BYTES):
            yield piece
    except zlib.error:
        raise PackedError("cannot be unpacked") from None
    if not (is_empty or inflate.eof):
        raise PackedError("ends before what is packed in it does")
