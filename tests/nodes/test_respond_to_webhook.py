"""Respond to Webhook: what it says that the webhook answers."""

from contextlib import suppress
from typing import Any

import pytest

from apps.engine.errors import NodeError
from apps.engine.items import Item
from apps.engine.outcomes import Done
from apps.nodes.context import Services, bound
from apps.nodes.contract import ExampleFile
from apps.nodes.inner import AnswerHook
from apps.nodes.registry import library
from tests.nodes.hostile import cases
from tests.nodes.twins import MemoryFiles, run_step

TYPE = library().find("respond_to_webhook", 1)
ITEMS = [{"id": 7}, {"id": 8}]


def answer(takes: Any = ITEMS, **params: Any) -> AnswerHook:
    assert TYPE is not None
    outcome = run_step(TYPE, params, takes).outcome
    assert isinstance(outcome, Done)
    [write] = outcome.writes
    assert isinstance(write, AnswerHook)
    return write


JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({}, (200, JSON, b'{"id":7}')),
        ({"answer": "first_item"}, (200, JSON, b'{"id":7}')),
        ({"answer": "all_items"}, (200, JSON, b'[{"id":7},{"id":8}]')),
        ({"answer": "json", "body": {"a": [1]}}, (200, JSON, b'{"a":[1]}')),
        ({"answer": "json", "body": '={"n": {{ $json.id }}}'}, (200, JSON, b'{"n": 7}')),
        (
            {"answer": "text", "body": "=Order {{ $json.id }}", "status": 201},
            (201, {"content-type": "text/plain; charset=utf-8"}, b"Order 7"),
        ),
        ({"answer": "nothing"}, (204, {}, b"")),
        (
            {"answer": "redirect", "url": "https://shop.test/{{ x }}".replace("{{ x }}", "7")},
            (302, {"location": "https://shop.test/7"}, b""),
        ),
        (
            {"answer": "text", "body": "<p>", "headers": {"Content-Type": "text/html", "X-A": 1}},
            (200, {"content-type": "text/html", "x-a": "1"}, b"<p>"),
        ),
    ],
)
def test_the_answer_is_what_the_params_say(params: Any, told: Any) -> None:
    made = answer(**params)
    assert (made.status, made.headers, made.content) == told


def test_no_items_answer_an_empty_object_and_an_empty_list() -> None:
    assert answer([]).content == b"{}"
    assert answer([], answer="all_items").content == b"[]"


def test_a_file_is_answered_as_what_it_is() -> None:
    files = MemoryFiles()
    item = Item({}, {"pdf": files.reference(ExampleFile(b"%PDF", "a.pdf"))})
    with bound(Services(files=files)):
        made = answer([item], answer="file", file="pdf")
    headers = {
        "content-type": "application/pdf",
        "content-disposition": 'inline; filename="a.pdf"',
    }
    assert (made.headers, made.content) == (headers, b"%PDF")


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (
            'attachment; filename="ä.txt"',
            "attachment; filename=\"_.txt\"; filename*=UTF-8''%C3%A4.txt",
        ),
        ("inline; filename=ä b", "inline; filename=\"_ b\"; filename*=UTF-8''%C3%A4%20b"),
        ('attachment; filename="a.txt"', 'attachment; filename="a.txt"'),
        ("inline", "inline"),
    ],
)
def test_a_file_name_in_any_script_reaches_the_client(written: str, told: str) -> None:
    made = answer(headers={"Content-Disposition": written})
    assert made.headers["content-disposition"] == told


def test_a_header_that_is_not_ascii_is_refused_with_what_to_do() -> None:
    with pytest.raises(NodeError, match="“x-city” may hold ASCII") as refused:
        answer(headers={"X-City": "Zürich"})
    assert refused.value.code == "invalid_header"
    assert "encodeURIComponent" in (refused.value.hint or "")


@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("https://example.org/?q=a b", "https://example.org/?q=a%20b"),
        ("https://example.org/ä?q=ö%20&r=1#ü", "https://example.org/%C3%A4?q=%C3%B6%20&r=1#%C3%BC"),
        ("https://münchen.test/", "https://xn--mnchen-3ya.test/"),
        (" https://example.org ", "https://example.org/"),
    ],
)
def test_a_redirect_is_encoded_as_browsers_would(url: str, location: str) -> None:
    assert answer(answer="redirect", url=url).headers["location"] == location


def test_what_is_no_url_is_named_whole() -> None:
    assert TYPE is not None
    [fault] = TYPE.check({"answer": "redirect", "url": "https://me:s3cret@shop.test/?q=a\\b"})
    assert "“https://shop.test/?q=a\\b” is no URL" in fault.message
    assert "s3cret" not in fault.message


def test_headers_that_no_client_takes_are_refused() -> None:
    answer(headers={"X-Long": "x" * 8_000})
    with pytest.raises(NodeError, match="8,193 bytes") as refused:
        answer(headers={"X-Long": "x" * 8_000, "X-More": "x" * 181})
    assert refused.value.code == "invalid_header"


@pytest.mark.parametrize(
    "name",
    ["Set-Cookie", "Content-Security-Policy", "strict-transport-security", "X-Content-Type-Options",
     "Clear-Site-Data", "Service-Worker-Allowed", "Alt-Svc", "NEL", "Report-To",
     "Transfer-Encoding", "a b"],
)  # fmt: skip
def test_what_would_act_for_the_whole_site_is_a_fault(name: str) -> None:
    assert TYPE is not None
    [fault] = TYPE.check({"headers": {"X-A": "={{ $json.id }}", name: "x"}})
    assert fault.path == "headers"
    assert name.lower() in fault.message.lower()
    with pytest.raises(NodeError, match="headers:"):
        answer(headers={name: "x"})


@pytest.mark.parametrize("value", ["a\r\nSet-Cookie: b", "a\nb", "\x00", "a\u2028b"])
def test_no_value_leaves_its_line(value: str) -> None:
    with pytest.raises(NodeError) as failure:
        answer(headers={"X-A": value})
    assert failure.value.code == "invalid_header"


def test_an_answer_over_the_limit_is_refused_with_both_sizes() -> None:
    with pytest.raises(NodeError, match="16,777,217 bytes; at most 16,777,216"):
        answer(answer="text", body="x" * (16 * 2**20 + 1))


@pytest.mark.parametrize(
    ("params", "path"),
    [
        ({"answer": "redirect"}, "url"),
        ({"answer": "redirect", "url": "javascript:alert(1)"}, "url"),
        ({"answer": "redirect", "url": "https://a.test", "status": 200}, "status"),
        ({"answer": "text", "body": 7}, "body"),
        ({"answer": "json", "body": "{"}, "body"),
        ({"status": 199}, "status"),
    ],
)
def test_what_does_not_fit_is_a_fault(params: Any, path: str) -> None:
    assert TYPE is not None
    [fault] = TYPE.check(params)
    assert path in fault.path + fault.message


def test_missing_files_are_named_errors() -> None:
    with pytest.raises(NodeError) as failure:
        answer(answer="file")
    assert failure.value.code == "no_file"


@pytest.mark.parametrize(
    "case", cases("injection.jsonl", lambda case: case.get("node") == "webhook-response")
)
def test_a_hostile_header_is_refused_or_stays_in_its_line(case: Any) -> None:
    made: AnswerHook | None = None
    with suppress(NodeError):
        made = answer(**case["params"])
    headers = made.headers if made else {}
    assert case["never_header"].lower() not in headers
    assert not any(set(value) & set("\r\n\0") for value in headers.values())
