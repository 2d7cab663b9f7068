"""What an answer says of itself."""

from datetime import UTC, datetime

import pytest

from apps.engine.encoding import NotJsonError
from apps.nodes.outside.http_answer import MAX_CONTAINERS, HttpResponse

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def answer(name: str = "", value: str = "", content: bytes = b"", url: str = "") -> HttpResponse:
    return HttpResponse(200, {name: value}, content, url)


@pytest.mark.parametrize(
    ("disposition", "url", "name"),
    [
        ('attachment; filename="a b.pdf"', "http://x/y", "a b.pdf"),
        ("attachment; filename=a.pdf", "http://x/y", "a.pdf"),
        ("attachment; filename*=UTF-8''%e2%82%ac.txt", "", "€.txt"),
        ('attachment; filename="../../etc/passwd"', "", "passwd"),
        ('attachment; filename="..\\\\x.txt"', "", "x.txt"),
        ('attachment; filename=".."', "http://x/files/a.csv?token=s", ""),
        ("attachment", "http://x/files/a%20b.csv?token=s", "a b.csv"),
        ("", "http://x/100%2525.csv", "100%25.csv"),
        ("", "http://x/", ""),
        ("attachment; filename*=nonsense''a", "", "a"),
        ("attachment; filename*=utf-8''%ff", "", "\ufffd"),
        ("attachment; filename*=unknown", "", "unknown"),
        ('\x00;=;"', "", ""),
    ],
)
def test_a_file_has_the_name_that_the_answer_gives_it(
    disposition: str, url: str, name: str
) -> None:
    assert answer("content-disposition", disposition, url=url).file_name == name


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("7", 7.0),
        ("Sun, 01 Mar 2026 12:00:30 GMT", 30.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("-1", None),
        ("soon", None),
        ("", None),
        ("9" * 400, None),
        ("Mon, 99 Foo 2026 99:99:99 GMT", None),
        ("Sun, 01 Mar 2026 12:00:30", None),
    ],
)
def test_it_may_ask_not_to_be_asked_again_for_a_while(told: str, seconds: float | None) -> None:
    assert answer("retry-after", told).retry_after_s(NOW) == seconds


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ("Text/HTML; charset=x", "text/html"),
        ("application/vnd.api+json", "application/vnd.api+json"),
        ("text/html\u2028x", ""),
        ("nonsense", ""),
    ],
)
def test_a_media_type_is_one_or_nothing(told: str, read: str) -> None:
    assert answer("content-type", told).media_type == read


@pytest.mark.parametrize(
    ("told", "charset"),
    [
        ("text/html; charset=ISO-8859-2", "iso8859-2"),
        ('text/html; charset="Shift_JIS"', "shift_jis"),
        ("text/html; charset=punycode", "utf-8"),
        ("text/html; charset=base64", "utf-8"),
        ("text/html; charset=x", "utf-8"),
        ("text/html", "utf-8"),
    ],
)
def test_an_answer_is_in_the_charset_that_it_names_if_texts_are(told: str, charset: str) -> None:
    assert answer("content-type", told).charset == charset


def test_a_short_answer_that_would_fill_the_memory_is_not_read() -> None:
    with pytest.raises(NotJsonError, match="lists and objects"):
        answer(content=b"[" + b"[]," * MAX_CONTAINERS + b"[]]").json()
