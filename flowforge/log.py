"""The process's log: one event is one line, without the secrets that this process has revealed."""

import logging
import re
import threading
import unicodedata
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

from apps.engine import masking

logger = logging.getLogger(__name__)

_CUT = "…"
"""Behind it as at the end of a text: the beginning of a secret is one here too."""

_ADDRESS = re.compile(
    r"(?P<door>(?<!/v1)/(?:wait|decide|form|files|account/(?:invitation|password-reset/[\w-]+))/)"
    r"[^\s\"'?#<>\\]+"
    r"|(?P<made>/(?:hooks|forms)/(?:test-)?)[\w-]{22}(?![\w-])"
)
"""Who knows it may act for somebody, take an account, or start runs: tokens that FlowForge signs,
and paths that it makes where none is named, by their length."""

STEPS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def line_formatter(*, as_json: bool) -> logging.Formatter:
    """Writes events as JSON, or as names and values for people."""
    renderer: Any = structlog.processors.LogfmtRenderer(
        key_order=["timestamp", "level", "logger", "event"]
    )
    if as_json:
        renderer = structlog.processors.JSONRenderer()
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=STEPS,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _without_addresses,
            _without_secrets,
            renderer,
            _on_one_line,
        ],
    )


def without_refused(record: logging.LogRecord) -> bool:
    """Tell of a request that was refused without the way through the code: whoever asked for what
    they may not have, or what is not there, found no fault of ours."""
    if getattr(record, "status_code", 500) < 500:
        record.exc_info = record.exc_text = None
    return True


def log_uncaught() -> None:
    """Log what ends a thread, instead of printing it on many lines; but where another cares."""
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _log_end


def _log_end(end: threading.ExceptHookArgs) -> None:
    if end.exc_type is SystemExit or end.exc_value is None:
        return
    name = end.thread.name if end.thread else "unknown"
    logger.error("the thread %s ended by an error", name, exc_info=end.exc_value)


def _without_addresses(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    told = {name: str(value) for name, value in event.items() if not _is_plain(value)}
    hidden = {name: _ADDRESS.sub(_door, text) for name, text in told.items()}
    return {**event, **{name: text for name, text in hidden.items() if text != told[name]}}


def _door(found: re.Match[str]) -> str:
    return f"{found['door'] or found['made']}{masking.MASK}"


def _without_secrets(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """All values at once: there are many secrets, and few lines with one."""
    texts = {name: str(value) for name, value in event.items() if not _is_plain(value)}
    whole = _CUT.join(texts.values())
    if masking.revealed.text(whole) != whole:
        texts = {name: masking.revealed.text(text) for name, text in texts.items()}
    return {**event, **texts}


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, bool | int | float)


def _on_one_line(_: WrappedLogger, __: str, line: Any) -> str:
    """Whatever begins a line somewhere, or moves the cursor, is written as its code."""
    return "".join(line if line.isprintable() else map(_printable, line))


def _printable(char: str) -> str:
    if unicodedata.category(char) not in ("Cc", "Cf", "Zl", "Zp", "Cs"):
        return char
    return char.encode("unicode_escape").decode()
