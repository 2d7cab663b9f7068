"""Packed bodies: read as they come, however they were cut, and no further than wanted."""

import gzip
import itertools
import zlib

import pytest

from apps.nodes.formats.packed import (
    MOST_MEMBERS,
    PIECE_BYTES,
    PackedError,
    UnknownCodingError,
    unpacked,
)

PLAIN = bytes(range(256)) * 2_000


def bare(content: bytes) -> bytes:
    deflate = zlib.compressobj(wbits=-15)
    return deflate.compress(content) + deflate.flush()


@pytest.mark.parametrize("size", [1, 7, 10**9])
@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", gzip.compress(PLAIN)),
        ("X-GZIP", gzip.compress(PLAIN)),
        # some senders pack what they gather bit by bit
        ("gzip", gzip.compress(PLAIN[:1_000]) + gzip.compress(b"") + gzip.compress(PLAIN[1_000:])),
        ("deflate", zlib.compress(PLAIN)),
        ("deflate", bare(PLAIN)),
        ("", PLAIN),
        ("identity", PLAIN),
    ],
)
def test_a_body_is_the_same_however_it_was_cut(coding: str, packed: bytes, size: int) -> None:
    parts = [packed[start : start + size] for start in range(0, len(packed), size)]
    assert b"".join(unpacked(parts, coding)) == PLAIN


def test_what_follows_a_packed_body_and_is_none_is_left_alone() -> None:
    packed = gzip.compress(PLAIN)
    for rest in ([bytes(100)], [b"\x00", b"\x1f nonsense"]):
        assert b"".join(unpacked([packed, *rest], "gzip")) == PLAIN


def test_a_body_of_very_many_packed_pieces_is_not_unpacked() -> None:
    several = [gzip.compress(b"")] * (MOST_MEMBERS + 1)
    assert b"".join(unpacked(several[1:], "gzip")) == b""
    with pytest.raises(PackedError, match="too many pieces"):
        b"".join(unpacked(several, "gzip"))


def test_a_bomb_costs_no_more_than_what_is_read_of_it() -> None:
    pieces = unpacked([gzip.compress(bytes(50_000_000))], "gzip")
    assert [len(piece) for piece in itertools.islice(pieces, 3)] == [PIECE_BYTES] * 3


def test_nothing_is_nothing_in_every_coding() -> None:
    assert [b"".join(unpacked([], coding)) for coding in ("gzip", "deflate", "br", "")] == [b""] * 4


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_what_cannot_be_unpacked_is_an_error(coding: str) -> None:
    with pytest.raises(PackedError, match="cannot be unpacked"):
        b"".join(unpacked([b"\xffnonsense"], coding))


@pytest.mark.parametrize("coding", ["br", "gzip, gzip"])
def test_a_coding_that_nobody_reads_is_named(coding: str) -> None:
    with pytest.raises(UnknownCodingError, match=f"is packed as “{coding}”"):
        b"".join(unpacked([b"nonsense"], coding))


@pytest.mark.parametrize(
    ("coding", "packed"),
    [("gzip", gzip.compress(PLAIN)), ("deflate", zlib.compress(PLAIN)), ("deflate", bare(PLAIN))],
    ids=["gzip", "deflate", "bare"],
)
def test_a_body_that_ends_too_early_is_no_body(coding: str, packed: bytes) -> None:
    for cut in (packed[:1], packed[:-1], packed[: len(packed) // 2]):
        with pytest.raises(PackedError, match="ends before"):
            b"".join(unpacked([cut], coding))
