"""Cron expressions, as Debian's cron reads them: five fields, or six with the seconds first.

Where the clock is put forward, what has fixed hours and minutes fires at the first moment after the
gap; where it is put back, once. What has a star in its minutes or hours goes on by the hour.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from cron_descriptor import ExpressionDescriptor, FormatException, Options
from cronsim import CronSim, CronSimError

SHORT = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)
_LONG_NUMBER = re.compile(r"[0-9]{4}")
_PLAIN_TERM = re.compile(r"([0-9]+|[a-z]{3})(-([0-9]+|[a-z]{3}))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cron:
    """An expression that fires at some time. Made by `read_cron`."""

    expression: str

    def times(self, after: datetime) -> Iterator[datetime]:
        """The moments strictly after a moment, in its time zone, each once and in order."""
        last = after.astimezone(UTC)
        for moment in CronSim(self.expression, after):
            # Around a change of the clock several fall together, or before what was.
            if (at := moment.astimezone(UTC)) > last:
                last = at
                yield moment

    def sentence(self) -> str:
        """What the expression says, in English: `At 08:00, Monday through Friday`."""
        return "; ".join(_in_words(each) for each in self._alternatives())

    def _alternatives(self) -> list[str]:
        """Two expressions where a day and a weekday are given and either is enough."""
        *times, day, month, weekday = self.expression.split()
        if day.startswith("*") or weekday.startswith("*"):
            return [self.expression]
        return [" ".join((*times, *days)) for days in ((day, month, "*"), ("*", month, weekday))]


@lru_cache(maxsize=1_024)
def _in_words(expression: str) -> str:
    options = Options()
    options.use_24hour_time_format = True
    if all(_can_be_told(field) for field in expression.split()):
        with suppress(FormatException):  # it does not know all steps
            return str(ExpressionDescriptor(expression, options).get_description())
    return f"At the times of “{expression}”"


def _can_be_told(field: str) -> bool:
    """Whether cron-descriptor reads it: lists of more than numbers, names and ranges it mistells or
    refuses."""
    terms = field.split(",")
    return len(terms) == 1 or all(_PLAIN_TERM.fullmatch(term) for term in terms)


def read_cron(text: str) -> Cron:
    """Read an expression, or one of `@daily` and its like. Raises ValueError with a sentence."""
    expression = SHORT.get(text.strip().lower(), " ".join(text.split()))
    if expression.startswith("@"):
        known = ", ".join(sorted(SHORT))
        raise ValueError(f"“{expression[:40]}” is none of {known}.")
    if len(expression.split()) not in (5, 6):
        raise ValueError(
            "A cron expression has five fields (minute hour day month weekday), or six with the "
            "seconds first."
        )
    if _LONG_NUMBER.search(expression):
        raise ValueError("No number in a cron expression has four digits.")
    try:
        next(CronSim(expression, _SOME_DAY))
    except CronSimError as error:
        raise ValueError(f"That is no cron expression: {error}.") from None
    except StopIteration:
        raise ValueError("No time ever matches this cron expression.") from None
    return Cron(expression)
