"""RSS Read: what its examples cannot say."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from apps.engine.errors import NodeError
from apps.engine.graph import Node, OnError
from apps.engine.items import Items, Json
from apps.engine.outcomes import Done
from apps.nodes.context import Services, bound
from apps.nodes.contract import Answer
from apps.nodes.registry import library
from apps.nodes.vault import Credential
from tests.nodes.sending import sent
from tests.nodes.servers import Reply, serving
from tests.nodes.twins import MemoryAttempt, StubHttp, make_call

ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>News</title>
<entry><title type="html">A &amp;amp; B</title><id>urn:1</id>
<link href="a/1"/><link rel="enclosure" href="https://x.test/1.mp3" type="audio/mpeg" length="9"/>
<author><name>Zoë</name></author><updated>2026-03-01T10:00:00+01:00</updated>
<category term="one"/><category term="two"/>
<summary>Short</summary><content type="html">&lt;p onclick="x()"&gt;Long
&lt;script&gt;x()&lt;/script&gt;&lt;/p&gt;</content>
</entry></feed>"""
BOMB = """<?xml version="1.0"?>
<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">%s<!ENTITY f SYSTEM "file:///etc/passwd">]>
<rss version="2.0"><channel><item><title>&z; &f;</title></item></channel></rss>"""


def ran(
    answers: Sequence[Answer],
    params: dict[str, Json] | None = None,
    takes: Sequence[Json] = ({},),
    on_error: OnError = "stop",
) -> Items:
    type = library().find("rss_read", 1)
    assert type is not None
    asked = {"url": "https://news.test/feed", **(params or {})}
    node = Node("n1", "rss_read", "Step", asked, on_error=on_error)
    with bound(Services(transport=StubHttp(answers))):
        outcome = type.prepare(make_call(type, asked, takes, node=node)).run(MemoryAttempt())
    assert isinstance(outcome, Done)
    return outcome.outputs["main"]


def read(content: bytes | str, media_type: str = "application/xml") -> list[dict[str, Any]]:
    body = content if isinstance(content, bytes) else content.encode()
    return [item.json for item in ran([Answer(200, body, {"content-type": media_type})])]


def failure(answer: Answer) -> NodeError:
    with pytest.raises(NodeError) as raised:
        ran([answer])
    return raised.value


def rss(*titles: str) -> bytes:
    entries = "".join(f"<item><title>{title}</title></item>" for title in titles)
    return f'<rss version="2.0"><channel>{entries}</channel></rss>'.encode()


def test_no_items_ask_nothing() -> None:
    assert ran([], takes=[]) == []


def test_an_atom_feed_is_read_with_all_that_it_has() -> None:
    [entry] = read(ATOM)
    assert entry == {
        "title": "A &amp; B",
        "link": "https://news.test/a/1",
        "id": "urn:1",
        "published": "2026-03-01T09:00:00Z",
        "updated": "2026-03-01T09:00:00Z",
        "author": "Zoë",
        "summary": "Short",
        "content": "<p>Long\n</p>",
        "categories": ["one", "two"],
        "enclosures": [{"url": "https://x.test/1.mp3", "type": "audio/mpeg", "length": "9"}],
    }


@pytest.mark.parametrize(
    ("entry", "id", "link"),
    [
        ("<guid>1</guid>", "1", "https://news.test/1"),
        ("<guid>1</guid><link>a</link>", "1", "https://news.test/a"),
        ('<guid isPermaLink="true">b/2</guid><link>a</link>', "b/2", "https://news.test/a"),
        ("<guid>https://x.test/1</guid>", "https://x.test/1", "https://x.test/1"),
        ("<guid>http://[x</guid>", "http://[x", "http://[x"),
        ("<link>a</link>", "https://news.test/a", "https://news.test/a"),
        ("<title>x</title>", None, None),
    ],
)
def test_an_id_is_as_the_feed_writes_it(entry: str, id: str | None, link: str | None) -> None:
    [given] = read(f'<rss version="2.0"><channel><item>{entry}</item></channel></rss>')
    assert (given["id"], given["link"]) == (id, link)


def test_each_entry_comes_from_its_item_and_each_item_has_its_limit() -> None:
    answers = [Answer(200, rss("A", "B")), Answer(200, rss("C", "D", "E"))]
    given = ran(answers, {"limit": "={{ $json.n }}"}, [{"n": 1}, {"n": 2}])
    assert [item.json["title"] for item in given] == ["A", "C", "D"]
    assert [pair.item for item in given for pair in item.paired or ()] == [0, 1, 1]


def test_a_feed_without_entries_gives_none() -> None:
    assert read(rss()) == []


def test_a_feed_in_another_encoding_is_read_as_it_says() -> None:
    [entry] = read(rss("Zoë").decode().encode("latin-1"), "text/xml; charset=iso-8859-1")
    assert entry["title"] == "Zoë"


def test_a_feed_with_a_mistake_is_read_as_far_as_it_goes() -> None:
    [entry] = read(b'<rss version="2.0"><channel><item><title>A & B</title></item></channel>')
    assert entry["title"] == "A & B"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"<html></html>",
        b"\xff\xfe\x00",
        b"https://evil.test/feed",
        b"/etc/passwd",
        b"[",
    ],
)
def test_what_is_no_feed_is_a_named_error(content: bytes) -> None:
    assert failure(Answer(200, content, {"content-type": "text/xml"})).code == "not_a_feed"


def test_entities_neither_grow_nor_read_files() -> None:
    names = "abcdefghijklmnopqrstuvwxyz"
    grow = "".join(f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in pairwise(names))
    for entry in read(BOMB % grow):
        assert len(entry["title"] or "") < 100
        assert "root:" not in (entry["title"] or "")


def test_deep_nesting_is_no_crash() -> None:
    deep = b"<rss version='2.0'><channel><item>" + b"<div>" * 100_000
    try:
        read(deep)
    except NodeError as error:
        told = error.code
    else:
        told = "read"
    assert told in {"read", "too_costly", "unreadable", "not_a_feed"}


@pytest.mark.parametrize(("status", "retryable"), [(404, False), (429, True), (503, True)])
def test_a_status_says_whether_another_attempt_may_help(status: int, retryable: bool) -> None:
    error = failure(Answer(status, b"no"))
    assert (error.code, error.retryable) == ("http_status", retryable)


def test_a_feed_that_is_too_large_is_refused() -> None:
    assert failure(Answer(200, b"x" * (9 * 2**20))).code == "response_too_large"


def test_an_item_that_fails_holds_up_no_other() -> None:
    answers = [Answer(200, rss("A")), Answer(200, b"no feed"), Answer(200, rss("C"))]
    given = ran(answers, takes=[{}, {}, {}], on_error="continue")
    assert [item.json.get("error", {}).get("code") for item in given] == [None, "not_a_feed", None]


def test_each_entry_comes_from_the_item_that_named_its_feed() -> None:
    answers = [Answer(200, rss("A", "B")), Answer(200, rss("C"))]
    given = ran(answers, takes=[{}, {}])
    assert [pair.item for item in given for pair in item.paired or ()] == [0, 0, 1]


def test_a_feed_that_wants_a_password_is_given_it() -> None:
    known = {"c": Credential("http_basic", {"username": "ada", "password": "pw"})}
    with serving(Reply(200, {"Content-Type": "application/rss+xml"}, rss("A"))) as server:
        params = {"url": server.url, "credential": "c"}
        [item] = sent("rss_read", params, ({},), server, known=known)
    assert server.seen[0].header("authorization") == "Basic YWRhOnB3"
    assert item.json["title"] == "A"


def test_a_private_address_is_refused(services: Services) -> None:
    type = library().find("rss_read", 1)
    assert type is not None
    with bound(replace(services)), pytest.raises(NodeError) as raised:
        type.prepare(make_call(type, {"url": "http://127.0.0.1:1/feed"})).run(MemoryAttempt())
    assert raised.value.code == "egress_refused"
