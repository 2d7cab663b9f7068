"""Stored JSON: what is written, what is refused, and that what is passed on is what is stored."""

import tracemalloc
from typing import Any

import pytest

from apps.engine.encoding import NotJsonError, decode, encode, normalise, read_json


def nested(depth: int) -> Any:
    value: Any = None
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        (2**63 - 1, 2**63 - 1),
        (2**64, 2**64),  # orjson refuses it; Python's own encoder does not
        (-(10**400), -(10**400)),
        ("nul \x00", "nul \x00"),
        ("\ud800x", "\ufffdx"),  # a lone surrogate is no text
        ({"\udfff": 1}, {"\ufffd": 1}),
        (float("nan"), None),
        ([float("inf"), 2**70], [None, 2**70]),  # in either encoder
        ((1, 2), [1, 2]),
        ({"b": 1, "a": 2}, {"b": 1, "a": 2}),
        (1.0, 1.0),
    ],
)
def test_a_value_is_passed_on_exactly_as_it_is_stored(value: Any, stored: Any):
    written, passed_on = normalise(value)
    assert passed_on == decode(written) == stored
    assert repr(passed_on) == repr(stored)
    assert encode(value) == written


def test_keys_keep_their_order():
    assert encode({"b": 1, "a": 2}) == b'{"b":1,"a":2}'


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ({1: "a"}, "not_json"),
        (object(), "not_json"),
        ({"a": {1, 2}}, "not_json"),
        (b"bytes", "not_json"),
        ([10**5_000], "not_json"),  # Python refuses to write it
        (nested(300), "too_deep"),
        (nested(100_000), "too_deep"),
    ],
)
def test_what_json_cannot_carry_is_refused_by_name(value: Any, code: str):
    with pytest.raises(NotJsonError) as refused:
        encode(value)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b"[1,]", "not_json"),
        (b"NaN", "not_json"),
        (b'{"a": -Infinity}', "not_json"),
        (b"1e999", "not_json"),
        (b"1" * 5_000, "not_json"),
        (b'"\xff"', "not_utf8"),
        (b"[" * 201 + b"]" * 201, "too_deep"),
        (b"[" * 1_000_000, "too_deep"),
    ],
)
def test_what_is_no_json_is_refused_at_the_door(body: bytes, code: str):
    with pytest.raises(NotJsonError) as refused:
        read_json(body)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": 1, "a": 2}', {"a": 2}),  # of duplicate keys the last counts
        (b'\xef\xbb\xbf"bom"', "bom"),
        (b'"\\u0000"', "\x00"),
        (b"123456789012345678901234567890", 123456789012345678901234567890),
        (b'"[[[["', "[[[["),  # brackets in text are no depth
    ],
)
def test_odd_json_is_read(body: bytes, value: Any):
    assert read_json(body) == value


def test_json_of_the_greatest_depth_is_read_and_stored():
    value = read_json(b"[" * 200 + b"]" * 200)
    assert decode(encode({"main": [{"json": {"body": value}}]}))["main"][0]["json"]["body"] == value


def test_looking_for_depth_takes_no_memory_for_the_characters_of_a_string():
    body = b"[" + b"[]," * 201 + b'"' + b"x" * 1_000_000 + b'"]'
    tracemalloc.start()
    try:
        read_json(body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10 * len(body)
