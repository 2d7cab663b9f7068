"""How runs and steps look in the admin."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.engine.endings import STOPS
from apps.engine.items import Json
from apps.engine.recorder import read_time
from apps.runs.models import Run, StepRun
from apps.runs.states import RunStatus, StepStatus

COLOURS: dict[str, str] = {
    RunStatus.PENDING: "primary",
    RunStatus.RUNNING: "info",
    RunStatus.WAITING: "warning",
    RunStatus.COMPLETED: "success",
    RunStatus.FAILED: "danger",
    StepStatus.SKIPPED: "",
}
"""The label of each status; cancelled runs and stopped steps have the plain one."""

SHOWN_TEXT = 64 * 1024


def admin_link(model: str, id: UUID | None, text: object | None = None) -> SafeString | str:
    """A link to the admin page of a row (`runs_run`)."""
    if id is None:
        return "–"
    address = reverse(f"admin:{model}_change", args=[id])
    return link(address, id if text is None else text)


def link(address: str, text: object) -> SafeString:
    looks = "text-primary-600 dark:text-primary-400 underline"
    return format_html('<a class="{}" href="{}">{}</a>', looks, address, text)


def badge(status: str) -> SafeString:
    """A status as a coloured label."""
    return label(status, COLOURS.get(status, ""))


def label(text: str, colour: str, title: str = "") -> SafeString:
    """A word as a coloured label; `title` is for who points at it."""
    words = {"type": colour, "text": text, "label_title": title}
    return render_to_string("unfold/helpers/label.html", words)


def status_of(step: StepRun) -> str:
    """A step that did not fail itself, but was closed because its run ended, is `stopped`."""
    stopped = step.status == StepStatus.FAILED and step.error_code in STOPS
    return "stopped" if stopped else step.status


def tail(id: UUID) -> SafeString:
    """The end of an id: the beginning, its time, is the same for many."""
    return format_html('<span class="whitespace-nowrap" title="{}">…{}</span>', id, str(id)[-12:])


def ago(moment: datetime | None) -> SafeString | str:
    """How long ago, with the exact moment for who points at it."""
    if moment is None:
        return "–"
    return _with_exact(f"{duration(max(_seconds_since(moment), 0))} ago", moment)


def ahead(moment: datetime | None) -> SafeString | str:
    """In how long, or how long ago, with the exact moment for who points at it."""
    if moment is None or (passed := _seconds_since(moment)) >= 0:
        return ago(moment)
    return _with_exact(f"in {duration(-passed)}", moment)


def _seconds_since(moment: datetime) -> float:
    return (timezone.now() - moment).total_seconds()


def _with_exact(text: str, moment: datetime) -> SafeString:
    exact = date_format(timezone.localtime(moment), "Y-m-d H:i:s")
    return format_html('<span class="whitespace-nowrap" title="{} UTC">{}</span>', exact, text)


def waits_for(run: Run, names: Mapping[str, str] | None = None) -> str:
    """What an open run needs next; of an ended one nothing. `names`: of the nodes, by their id."""
    if not run.is_open:
        return ""
    if run.cancel_requested_at:
        return f"its end: cancel {cancel_state(run)}"
    if run.status == RunStatus.RUNNING:
        return "its steps"
    if run.status == RunStatus.PENDING:
        slot = f"one of {run.slots} slots" if run.slots != 1 else "the only slot"
        return f"a worker, and {slot}" if run.slots else "a worker"
    mark = run.marks[-1] if run.marks else {}
    node = mark.get("node", "a step")
    return f"{mark.get('for', 'a signal')} at {(names or {}).get(node, node)}{until(mark)}"


def cancel_state(run: Run) -> str:
    """How far a cancel has come."""
    if run.cancel_forced_at:
        return "forced: its owner did not let go"
    if run.cancel_acknowledged_at:
        return "acknowledged: nothing more begins"
    return "asked for"


def until(wait: dict[str, Json]) -> str:
    """Until when something waits, where that is known."""
    moment = wait.get("until")
    return f" until {date_format(read_time(moment), 'DATETIME_FORMAT')}" if moment else ""


def duration(seconds: float) -> str:
    """12 ms, 3.4 s, 5 min 6 s, 7 h 8 min, 9 d 10 h."""
    if seconds < 1:
        return f"{round(seconds * 1000)} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    spans = ((86_400, "d", 3_600, "h"), (3_600, "h", 60, "min"), (60, "min", 1, "s"))
    for large, name, small, rest in spans:
        if seconds >= large:
            return f"{seconds // large:.0f} {name} {seconds % large // small:.0f} {rest}"
    raise AssertionError("60 seconds are a minute")


def written(value: Json) -> str:
    """JSON for a page, cut where it is long."""
    return cut(json.dumps(value, indent=2, ensure_ascii=False), SHOWN_TEXT)


def shown(value: Json) -> SafeString | str:
    """JSON in a field of a page; a dash for an object without members."""
    return "–" if value == {} else preformatted(written(value))


def preformatted(text: str) -> SafeString:
    style = "white-space: pre-wrap; overflow-wrap: anywhere; max-height: 24rem; overflow: auto"
    return format_html('<pre class="text-xs" style="{}">{}</pre>', style, text)


def sentence(text: str, width_rem: int = 14) -> SafeString:
    """Several words in a list: their column is not squeezed to the width of one."""
    return format_html('<span class="block" style="min-width: {}rem">{}</span>', width_rem, text)


def cut(text: Any, length: int) -> str:
    text = str(text or "")
    return text if len(text) <= length else f"{text[:length]}… ({len(text):,} characters)"
