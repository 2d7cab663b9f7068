"""The process's log: one event is one line, and tells no secret that was revealed."""

import logging
import resource
import sys
import threading
from collections.abc import Iterator
from io import StringIO
from logging import StreamHandler

import pytest
from django.contrib import admin
from django.core.exceptions import PermissionDenied, SuspiciousOperation

from apps.engine import masking
from apps.engine.masking import MASK, Masker
from apps.runs.models import Run
from flowforge.log import line_formatter, log_uncaught
from tests.clients import ApiClient
from tests.factories import make_user, make_workspace

SECRET = "tok-7Yq2Lx93Vb"
BREAKS = {
    "CR": "\r", "LF": "\n", "CRLF": "\r\n", "VT": "\v", "FF": "\f", "FS": "\x1c", "GS": "\x1d",
    "RS": "\x1e", "NEL": "\x85", "LS": "\u2028", "PS": "\u2029",
}  # fmt: skip


@pytest.fixture(autouse=True)
def revealed() -> Iterator[None]:
    """A process that has revealed the secret, and no other."""
    before = masking.revealed
    masking.revealed = Masker([SECRET])
    yield
    masking.revealed = before


@pytest.fixture(params=[False, True], ids=["logfmt", "json"])
def formatter(request: pytest.FixtureRequest) -> logging.Formatter:
    """For people, and for programs."""
    return line_formatter(as_json=request.param)


def record(message: str, *args: object, **members: object) -> logging.LogRecord:
    made = logging.makeLogRecord(
        {"name": "flowforge.x", "levelno": 20, "levelname": "INFO", "msg": message, "args": args}
    )
    made.__dict__.update(members)
    return made


def failure(text: str) -> object:
    try:
        raise RuntimeError(text)
    except RuntimeError:
        return sys.exc_info()


@pytest.mark.parametrize("mark", BREAKS.values(), ids=BREAKS)
def test_one_event_is_one_line(formatter: logging.Formatter, mark: str):
    for made in (
        record(f"a{mark}2026-01-01 CRITICAL forged"),
        record("a %s", f"b{mark}level=critical"),
        record("failed", exc_info=failure(f"a{mark}forged")),
    ):
        [line] = formatter.format(made).splitlines()
        assert "forged" in line or "critical" in line


def test_nothing_in_a_line_moves_the_cursor(formatter: logging.Formatter):
    line = formatter.format(record("a\x1b[2Jb\x00c\x08d\u202ee\x9bf"))
    assert line.isprintable()


@pytest.mark.parametrize("text", [SECRET, f'{{"key": "{SECRET.upper()}"}}', f"x={SECRET}&y"])
def test_revealed_secrets_are_masked_wherever_they_stand(formatter: logging.Formatter, text: str):
    for made in (
        record(f"sent {text}"),
        record("sent %s to %r", text, [text]),
        record("sent", exc_info=failure(text)),
    ):
        line = formatter.format(made)
        assert SECRET.lower() not in line.lower()
        assert MASK in line or "\\u2022" in line


def test_what_else_an_event_bears_is_masked():
    event = {"event": "sent", "to": f"x {SECRET}", "count": 3, "all": {"k": [SECRET]}}
    line = line_formatter(as_json=False).format(record(event, _logger=None, _name="info"))  # type: ignore[arg-type]
    assert SECRET not in line
    assert "count=3" in line


def test_the_beginning_of_a_secret_is_masked_at_the_end_of_each_value():
    event = {"event": f"cut {SECRET[:9]}", "more": f"also {SECRET[:10]}", "last": f"{SECRET[:5]} x"}
    line = line_formatter(as_json=False).format(record(event, _logger=None, _name="info"))  # type: ignore[arg-type]
    assert f'event="cut {MASK}"' in line
    assert f'more="also {MASK}"' in line
    assert f'last="{SECRET[:5]} x"' in line


def test_a_line_without_a_secret_is_searched_once(monkeypatch: pytest.MonkeyPatch):
    searched: list[str] = []
    hide = masking.revealed.text

    def text(told: str) -> str:
        searched.append(told)
        return hide(told)

    monkeypatch.setattr(masking.revealed, "text", text)
    event = {"event": "sent", "to": "x", "from": "y"}
    line_formatter(as_json=False).format(record(event, _logger=None, _name="info"))  # type: ignore[arg-type]
    assert len(searched) == 1


def test_a_thread_that_dies_is_told_of_in_the_log(caplog: pytest.LogCaptureFixture):
    def die() -> None:
        raise RuntimeError("boom")

    before, threading.excepthook = threading.excepthook, threading.__excepthook__
    try:
        log_uncaught()
        thread = threading.Thread(target=die, name="beat")
        thread.start()
        thread.join()
    finally:
        threading.excepthook = before
    [made] = caplog.records
    assert made.getMessage() == "the thread beat ended by an error"
    assert "boom" in caplog.text


def test_a_process_that_dies_leaves_no_image_of_its_memory():
    assert resource.getrlimit(resource.RLIMIT_CORE)[0] == 0


TOKEN = "0dZ9-x_Q:1vT3Xa:k2mN8"
MADE = "AbCdEfGhIjKlMnOpQrSt_-"


@pytest.mark.parametrize(
    "path",
    [f"/form/{TOKEN}", f"/wait/{TOKEN}", f"/decide/{TOKEN}", f"/files/{TOKEN}",
     f"https://flow.test/decide/{TOKEN}?by=7", f"/hooks/test-{MADE}", f"/hooks/{MADE}",
     f"/forms/{MADE}", f"/account/invitation/{TOKEN}", f"/account/password-reset/MDE5/{TOKEN}"],
)  # fmt: skip
def test_an_address_by_which_anybody_may_act_is_hidden(formatter: logging.Formatter, path: str):
    for made in (
        record("Bad Request: %s", path),
        record("%r", {"request": f"<ASGIRequest: POST '{path}'>"}),
        record("failed", exc_info=failure(f"at {path}")),
    ):
        line = formatter.format(made)
        assert TOKEN not in line
        assert MADE not in line
        assert path.split("?")[0].removesuffix(TOKEN).removesuffix(MADE) in line


@pytest.mark.parametrize(
    "path",
    [
        "/hooks/orders",
        "/forms/contact-us",
        "/hooks/test-me",
        "/api/v1/files/0190a",
        "/hooks/a/b",
        "/account/password-reset/sent",
    ],
)
def test_an_address_that_somebody_named_is_told(formatter: logging.Formatter, path: str):
    assert path in formatter.format(record("Not Found: %s", path))


@pytest.mark.parametrize("library", ["daphne", "celery", "httpx", "psycopg.pool"])
def test_libraries_that_tell_of_each_thing_they_do_tell_of_what_goes_wrong_only(library: str):
    assert logging.getLogger(library).getEffectiveLevel() >= logging.WARNING


@pytest.mark.parametrize(
    ("refusal", "status"), [(PermissionDenied, 403), (SuspiciousOperation, 400)]
)
@pytest.mark.django_db
def test_a_refused_request_is_one_line_without_a_traceback(
    refusal: type[Exception], status: int, monkeypatch: pytest.MonkeyPatch
):
    lines = logged(monkeypatch, refusal, status)
    assert len(lines) == 1
    assert "Traceback" not in lines[0]


@pytest.mark.django_db
def test_a_fault_of_ours_is_told_with_its_traceback(monkeypatch: pytest.MonkeyPatch):
    lines = logged(monkeypatch, RuntimeError, 500)
    assert "Traceback" in lines[0]


def logged(monkeypatch: pytest.MonkeyPatch, error: type[Exception], status: int) -> list[str]:
    """What the process's log says of a request whose view raises this."""
    [handler] = [each for each in logging.getLogger().handlers if type(each) is StreamHandler]
    written = StringIO()
    monkeypatch.setattr(handler, "stream", written)

    def refuse(*args: object, **kwargs: object) -> None:
        raise error("no")

    monkeypatch.setattr(admin.site.get_model_admin(Run), "get_queryset", refuse)
    user = make_user(make_workspace(), is_staff=True)
    assert ApiClient(user).get("/admin/runs/run/").status_code == status
    return written.getvalue().splitlines()
