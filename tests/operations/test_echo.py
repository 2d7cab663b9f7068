from django.test import Client

from apps.operations.echo import MOST_BYTES


def test_it_says_what_it_was_sent() -> None:
    answer = Client().post("/echo?a=1", {"text": "hello"}, content_type="application/json")
    assert answer.json() == {"method": "POST", "query": {"a": "1"}, "body": {"text": "hello"}}


def test_what_is_no_json_comes_back_as_text() -> None:
    answer = Client().put("/echo", b"\xffhello", content_type="text/plain")
    assert answer.json()["body"] == "\N{REPLACEMENT CHARACTER}hello"


def test_it_takes_no_large_bodies() -> None:
    answer = Client().post("/echo", b"x" * (MOST_BYTES + 1), content_type="text/plain")
    assert answer.status_code == 413
    answer = Client().post("/echo", b"x" * MOST_BYTES, content_type="text/plain")
    assert answer.status_code == 200


def test_it_never_shows_a_page_that_can_act_here() -> None:
    answer = Client().get("/echo")
    assert answer["Content-Security-Policy"] == "sandbox"
    assert answer["Content-Type"] == "application/json"
    assert answer["X-Content-Type-Options"] == "nosniff"
