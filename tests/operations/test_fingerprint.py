"""What makes two failures the same, and what does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.operations.groups.fingerprint import COMPARED_CHARS, fingerprint, outline

WORDS = st.text("abcdefghijklmnopqrstuvwxyzäöü", min_size=1, max_size=8)
VARYING = st.one_of(
    st.integers().map(str),
    st.uuids().map(str),
    st.datetimes().map(lambda moment: moment.isoformat()),
    st.decimals(-999, 999, places=2).map(str),
    st.ip_addresses(v=4).map(str),
    WORDS.map(lambda word: f"{word}@example.test"),
    WORDS.map(lambda word: f"https://{word}.test/{word}"),
    st.text("abcdef 0123456789.,:=", max_size=20).map(lambda text: f'"{text}"'),
    WORDS.map(lambda word: f"“{word} {word}”"),
    WORDS.map(lambda word: f"'{word}'"),
)


@pytest.mark.parametrize(
    ("message", "left"),
    [
        # numbers, times, ids and hashes
        ("Row 17 is missing", "Row … is missing"),
        ("It took 3.5 s, from 2026-11-27T05:06:07Z", "It took … s, from …"),
        ("No order ord_9f8a7.", "No order …."),
        ("commit 8e9235b1c0ffee is gone", "commit … is gone"),
        # quoted values, however they are quoted
        ("There is no table “orders”.", "There is no table …."),
        ("unknown key \"a b\" and 'c d'", "unknown key … and …"),
        # an apostrophe quotes nothing
        ("can't find O'Brien's row", "can't find O'Brien's row"),
        # addresses
        ("POST https://api.test/orders was not answered", "POST … was not answered"),
        ("connect to db.internal:5432 failed", "connect to … failed"),
        ("No such user: ada@example.test.", "No such user: …."),
        # what follows an equals sign
        ("Key (name)=(Ada) exists", "Key (name)=…) exists"),
        ("limit=none", "limit=…"),
        # a status says what kind of error it is
        ("GET https://api.test/ answered 503: busy", "GET … answered 503: busy"),
        ("HTTP/1.1 404 for the page", "… 404 for the page"),
        ("answered 12345 times", "answered … times"),
        # line breaks and masked secrets
        ("a\n  b\t***", "a b ***"),
    ],
)
def test_what_varies_is_left_out(message: str, left: str) -> None:
    assert outline(message) == left


@given(st.lists(WORDS, min_size=1, max_size=5), st.data())
def test_messages_that_differ_in_values_alone_are_the_same(
    words: list[str], data: st.DataObject
) -> None:
    def told() -> str:
        return " ".join(f"{word}: {data.draw(VARYING)}," for word in words)

    assert fingerprint("code", "type", told()) == fingerprint("code", "type", told())


@given(st.lists(WORDS, min_size=1, max_size=10))
def test_plain_words_are_all_compared(words: list[str]) -> None:
    assert outline(" ".join(words)) == " ".join(words)


@given(st.text())
def test_every_text_has_a_fingerprint_and_keeps_digits_of_a_status_alone(message: str) -> None:
    left = outline(message)
    assert len(left) <= COMPARED_CHARS
    digits = [word for word in left.split() if any(letter.isdecimal() for letter in word)]
    assert all(len(word.strip("()[]{}<>,;:!?.…")) == 3 for word in digits)
    assert len(fingerprint("code", "", message)) == 64


def test_code_and_type_of_node_tell_failures_apart() -> None:
    same = "It failed"
    assert len({fingerprint(code, type, same) for code in "ab" for type in "cd"}) == 4
    assert fingerprint("a", "bc", same) != fingerprint("ab", "c", same)
