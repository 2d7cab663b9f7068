"""Addresses of mail, read strictly."""

from contextlib import suppress

import pytest

from apps.engine.errors import NodeError
from apps.nodes.outside.mail_addresses import read_addresses


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("", []),
        (" , ;", []),
        ([], []),
        ("ada@example.org", ["ada@example.org"]),
        ("<ada@example.org>", ["ada@example.org"]),
        (" ada@Example.ORG ", ["ada@example.org"]),
        ("a@x.test, b@x.test;c@x.test", ["a@x.test", "b@x.test", "c@x.test"]),
        (["a@x.test", "B <b@x.test>, c@x.test"], ["a@x.test", "B <b@x.test>", "c@x.test"]),
        ("Ada Lovelace <ada@x.test>", ["Ada Lovelace <ada@x.test>"]),
        # a comma in quotes divides nothing
        ('"Lovelace, Ada" <ada@x.test>, b@x.test', ['"Lovelace, Ada" <ada@x.test>', "b@x.test"]),
        (r'"A \"B\" C" <a@x.test>', [r'"A \"B\" C" <a@x.test>']),
        ("Zoë <z@x.test>", ["=?utf-8?q?Zo=C3=AB?= <z@x.test>"]),
        ("ada@münchen.example", ["ada@xn--mnchen-3ya.example"]),
        ("o'hara+tag@x.test", ["o'hara+tag@x.test"]),
    ],
)
def test_addresses_are_read_as_they_are_written(written: str | list[str], read: list[str]) -> None:
    assert [str(address) for address in read_addresses(written, "to")] == read


@pytest.mark.parametrize(
    "written",
    [
        "ada",
        "ada@",
        "@x.test",
        "ada@x y",
        "ada lovelace@x.test",
        "a@b@x.test",
        "ada@[127.0.0.1]",
        '"a b"@x.test',
        "ada@x.test b@x.test",
        "Ada <ada@x.test> <eve@x.test>",
        "Ada <ada@x.test",
        '"Ada <ada@x.test>',
        "ada..b@x.test",
        "zoë@x.test",
        f"{'a' * 65}@x.test",
        "a@x.test%0d%0aBcc: eve@x.test",
        "(comment) a@x.test",
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(written: str) -> None:
    with pytest.raises(NodeError, match=r"^to: ") as refused:
        read_addresses(written, "to")
    assert refused.value.code == "invalid_address"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x85", "\u2028", "\0", "\x0b", "\ud800"])
@pytest.mark.parametrize("place", ["a@x.test{}Bcc: e@x.test", "A{}B <a@x.test>", "a@x.t{}est"])
def test_no_line_ends_in_an_address(end: str, place: str) -> None:
    with pytest.raises(NodeError) as refused:
        read_addresses(place.format(end), "to")
    assert refused.value.code == "invalid_header"


@pytest.mark.timeout(10)  # the square of its length would take more
@pytest.mark.parametrize("piece", ['"', '"a', "<", ",", '"\\', "a<b>", '"",', "("])
def test_long_garbage_is_read_in_no_long_time(piece: str) -> None:
    with suppress(NodeError):
        read_addresses(piece * (90_000 // len(piece)), "to")


def test_too_much_is_refused() -> None:
    with pytest.raises(NodeError, match="100,000"):
        read_addresses(["a@x.test"] * 20_000, "to")
