"""What starts a workflow."""

from collections.abc import Callable

from apps.engine.items import Json
from apps.interchange.n8n.given import Given, UnsupportedError
from apps.interchange.n8n.source import Made, Source
from apps.interchange.n8n.types.form_fields import fields_of
from apps.nodes.schedules.cron import read_cron
from apps.nodes.webhooks.paths import hook_path, plain_path

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")
_RESPOND = {
    "onReceived": "at_once",
    "lastNode": "last_node",
    "responseNode": "respond_node",
}
_ANSWERS = {
    "allEntries": "all_items",
    "firstEntryJson": "first_item",
    "firstEntryBinary": "file",
    "noData": "first_item",
}
_AUTHENTICATION = {
    "none": "none",
    "basicAuth": "basic",
    "headerAuth": "header",
    "jwtAuth": "jwt",
}


def manual(source: Source) -> Made:
    return Made("manual", {})


def error(source: Source) -> Made:
    source.warn(
        "Expressions below it may have to be changed: it gives what FlowForge tells of a failure."
    )
    return Made("error", {})


def called(source: Source) -> Made:
    return Made("called", {})


def webhook(source: Source) -> Made:
    given = source.given
    methods = given.value("httpMethod", "GET")
    listed = methods if isinstance(methods, list) else [methods]
    first, *more = [each for each in listed if each in _METHODS] or ["GET"]
    params: dict[str, Json] = {
        "path": _path(source, hook_path),
        "method": first,
        "authentication": given.choice("authentication", _AUTHENTICATION, "none"),
        "respond": given.choice("responseMode", _RESPOND, "onReceived"),
    }
    if more:
        params["more_methods"] = more
        source.warn("In n8n each of its methods has an output of its own; here all leave by one.")
    if params["respond"] == "last_node":
        params["answer"] = given.choice("responseData", _ANSWERS, "firstEntryJson")
    if given.inner("options").flag("rawBody"):
        source.warn("The raw body is not kept as a file; the body is read by its content type.")
    return Made("webhook", params, outputs=("main",) * max(1, len(listed)))


def _path(source: Source, check: Callable[[str], str]) -> str:
    path = (source.given.text("path") or source.given.inner("options").text("path")).strip("/")
    try:
        return check(path)
    except ValueError as error:
        source.warn(f"The path “{path[:80]}” is replaced by one that is made: {error}")
        return ""


def form(source: Source) -> Made:
    given = source.given
    params: dict[str, Json] = {
        "title": given.text("formTitle")[:200] or "Form",
        "description": given.text("formDescription")[:10_000],
        "fields": fields_of(source),
        "path": _path(source, plain_path),
    }
    if given.text("authentication") == "basicAuth":
        params["authentication"] = "basic"
    options = given.inner("options")
    if button := options.text("buttonLabel")[:50]:
        params["button"] = button
    told = options.inner("respondWithOptions", "values")
    if told.text("formSubmittedText") or told.text("redirectUrl"):
        params["ending"] = {
            "text": told.text("formSubmittedText")[:10_000],
            "redirect": told.text("redirectUrl"),
        }
    return Made("form", params)


def schedule(source: Source) -> Made:
    """The Schedule Trigger: rules, or one cron expression."""
    intervals = source.given.rows("rule", "interval")
    crons = [each.text("expression") for each in intervals if each.text("field") == _CRON]
    if crons:
        if len(intervals) > 1:
            source.warn("Of its rules only the first cron expression is taken over.")
        return Made("schedule", {"cron": _cron(crons[0])})
    rules = [_interval(each) for each in intervals] or [{"unit": "days"}]
    return Made("schedule", {"rules": rules[:20]})


_CRON = "cronExpression"
_COUNTED = {
    "seconds": ("secondsInterval", 30, 86_400),
    "minutes": ("minutesInterval", 5, 10_080),
    "hours": ("hoursInterval", 1, 8_760),
    "days": ("daysInterval", 1, 3_660),
    "weeks": ("weeksInterval", 1, 520),
    "months": ("monthsInterval", 1, 120),
}


def _interval(written: Given) -> Json:
    unit = written.text("field", "days")
    if unit not in _COUNTED:
        raise UnsupportedError(f"The interval “{unit[:40]}” has no counterpart.")
    key, default, most = _COUNTED[unit]
    rule: dict[str, Json] = {
        "unit": unit,
        "every": int(written.plain_number(key, default, 1, most)),
    }
    minute = int(written.plain_number("triggerAtMinute", 0, 0, 59))
    hour = int(written.plain_number("triggerAtHour", 0, 0, 23))
    if unit == "hours":
        rule["minute"] = minute
    elif unit in ("days", "weeks", "months"):
        rule["at"] = f"{hour:02}:{minute:02}"
    if unit == "weeks":
        days = written.value("triggerAtDay", [0])
        rule["on"] = _weekdays(days if isinstance(days, list) else [days])
    elif unit == "months":
        rule["on"] = [int(written.plain_number("triggerAtDayOfMonth", 1, 1, 31))]
    return rule


def _weekdays(days: list[Json]) -> list[Json]:
    """n8n counts from Sunday, 0; we from Monday, 1."""
    numbers = {int(day) for day in days if isinstance(day, int | float) and 0 <= day <= 7}
    return [*sorted({(day - 1) % 7 + 1 for day in numbers})]


def cron(source: Source) -> Made:
    """The older Cron and Interval nodes."""
    given = source.given
    if given.text("cronExpression"):
        return Made("schedule", {"cron": _cron(given.text("cronExpression"))})
    if given.text("unit"):
        value = int(given.plain_number("interval", given.plain_number("value", 1, 1, 999), 1, 999))
        return Made("schedule", {"rules": [_interval_of(given.text("unit"), value)]})
    times = given.rows("triggerTimes", "item") or [Given({})]
    crons = [each.text(_CRON) for each in times if each.text("mode") == "custom"]
    if crons:
        return Made("schedule", {"cron": _cron(crons[0])})
    return Made("schedule", {"rules": [_time(each) for each in times[:20]]})


def interval(source: Source) -> Made:
    every = int(source.given.plain_number("interval", 1, 1, 10_000))
    return Made("schedule", {"rules": [_interval_of(source.given.text("unit", "seconds"), every)]})


def _interval_of(unit: str, every: int) -> Json:
    if unit not in _COUNTED:
        raise UnsupportedError(f"The unit “{unit[:40]}” has no counterpart.")
    return {"unit": unit, "every": min(every, _COUNTED[unit][2])}


def _time(written: Given) -> Json:
    mode = written.text("mode", "everyDay")
    minute = int(written.plain_number("minute", 0, 0, 59))
    at = f"{int(written.plain_number('hour', 14, 0, 23)):02}:{minute:02}"
    weekday = int(written.plain_number("weekday", 1, 0, 7))
    day = int(written.plain_number("dayOfMonth", 1, 1, 31))
    if mode == "everyX":
        every = int(written.plain_number("value", 1, 1, 999))
        return _interval_of(written.text("unit", "hours"), every)
    known: dict[str, Json] = {
        "everyMinute": {"unit": "minutes", "every": 1},
        "everyHour": {"unit": "hours", "every": 1, "minute": minute},
        "everyDay": {"unit": "days", "every": 1, "at": at},
        "everyWeek": {"unit": "weeks", "every": 1, "at": at, "on": _weekdays([weekday])},
        "everyMonth": {"unit": "months", "every": 1, "at": at, "on": [day]},
    }
    if mode not in known:
        raise UnsupportedError(f"The mode “{mode[:40]}” has no counterpart.")
    return known[mode]


def _cron(text: str) -> str:
    """A cron expression that we read. n8n's seconds stand first, as ours."""
    text = text.removeprefix("=").strip()
    try:
        read_cron(text)
    except ValueError as error:
        raise UnsupportedError(f"The cron expression “{text[:80]}” is not read: {error}") from None
    return text


def rss(source: Source) -> Made:
    return Made("rss_trigger", {"url": source.given.text("feedUrl"), "every_minutes": 5})


def mailbox(source: Source) -> Made:
    return Made(
        "email_trigger", {"credential": "", "mailbox": source.given.text("mailbox", "INBOX")}
    )
