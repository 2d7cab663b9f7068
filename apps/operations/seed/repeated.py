"""Rows that FlowForge itself has made, repeated inside the database with other ids, at other times.

A million rows that a program sends one by one take a quarter of an hour; a statement that makes
them where they are to lie takes a fraction of that.
"""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Field, Model

from apps.runs.models import StepRun

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SCATTER = 0x9E_3779_B97F
"""Odd, so that no two numbers share a product: ids that follow each other do not look alike."""
ID_BITS = 60


@dataclass(frozen=True, slots=True)
class Moments:
    """When the repetitions begin: number N so many times `each` after the first."""

    begin: datetime
    each: timedelta


@dataclass(frozen=True, slots=True)
class Numbers:
    """Which repetitions: in each of these cycles those at these places."""

    cycles: range
    length: int
    """Of a cycle."""
    places: Sequence[int]


Expression = tuple[str, Sequence[Any]]
"""SQL, and its parameters."""


class Sample:
    """Rows that belong together, of which the first tells when they began: a run and its steps."""

    def __init__(self, began: datetime, rows: Sequence[Model]) -> None:
        self._began = began
        self._rows = rows
        self._ids = {row.pk: place for place, row in enumerate(rows)}
        self.steps = sum(isinstance(row, StepRun) for row in rows)

    def repeat(self, numbers: Numbers, moments: Moments) -> None:
        """Insert the rows again and again. What none of them is, they share with the sample."""
        salt = random.getrandbits(ID_BITS)
        first_ms, each_us = _ms(moments.begin - EPOCH), moments.each // timedelta(microseconds=1)
        places = ", ".join(f"({place:d})" for place in numbers.places)
        source = f"""
            WITH RECURSIVE cycles(cycle) AS (
                SELECT {numbers.cycles.start:d} UNION ALL
                SELECT cycle + 1 FROM cycles WHERE cycle < {numbers.cycles.stop - 1:d}
            ), places(place) AS (VALUES {places}), numbers(n) AS (
                SELECT CAST(cycle AS bigint) * {numbers.length:d} + place FROM cycles, places
            ), each_of(n, ms) AS (SELECT n, {first_ms:d} + n * {each_us:d} / 1000 FROM numbers)
        """  # noqa: S608 - numbers
        begun = {row.pk: _begun(row, self._began) for row in self._rows}
        ids = {id: self._id(place, begun[id], salt) for id, place in self._ids.items()}
        with connection.cursor() as cursor:
            for row in self._rows:
                fields = row._meta.concrete_fields
                told = [self._column(field, row, ids) for field in fields]
                names = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
                cursor.execute(
                    f"INSERT INTO {row._meta.db_table} ({names}) {source} "  # noqa: S608 - our own names
                    f"SELECT {', '.join(sql for sql, _ in told)} FROM each_of",
                    [param for _, params in told for param in params],
                )

    def _id(self, place: int, begun: datetime, salt: int) -> str:
        """A UUIDv7 of the moment at which this row of the repetition began."""
        ms = self._moved(begun)
        tail = f"((n * {SCATTER} + {salt}) & {2**ID_BITS - 1})"
        if connection.vendor == "postgresql":
            made = (
                f"lpad(to_hex({ms}), 12, '0') || '7{place:03x}8' || lpad(to_hex({tail}), 15, '0')"
            )
            return f"({made})::uuid"
        return f"printf('%%012x7{place:03x}8%%015x', {ms}, {tail})"

    def _column(self, field: "Field[Any, Any]", row: Model, ids: Mapping[UUID, str]) -> Expression:
        value = getattr(row, field.attname)
        if isinstance(value, UUID) and value in ids:
            return ids[value], ()
        if isinstance(value, datetime):
            return _time(self._moved(value)), ()
        stored = field.get_db_prep_save(value, connection)
        if isinstance(stored, str) and (times := TIME.findall(stored)):
            return _typed(field, *self._text(times, TIME.split(stored)))
        return _typed(field, "%s", (stored,))

    def _text(self, times: Sequence[str], pieces: Sequence[str]) -> Expression:
        """A text in which times are written."""
        moved = [_written_time(self._moved(datetime.fromisoformat(each))) for each in times]
        text = "CAST(%s AS text)"
        return f"{text} || " + " || ".join(f"{each} || {text}" for each in moved), pieces

    def _moved(self, moment: datetime) -> str:
        return f"(ms + {_ms(moment - self._began)})"


def _begun(row: Model, otherwise: datetime) -> datetime:
    begun: datetime = getattr(row, "started_at", None) or otherwise
    return max(begun, otherwise)


def _ms(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)


def _time(ms: str) -> str:
    if connection.vendor == "postgresql":
        return f"(timestamptz 'epoch' + {ms} * interval '1 millisecond')"
    return f"strftime('%%Y-%%m-%%d %%H:%%M:%%f', {ms} / 1000.0, 'unixepoch')"


def _written_time(ms: str) -> str:
    """As JSON tells it."""
    if connection.vendor == "postgresql":
        return f"""to_char({_time(ms)} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"""
    return f"strftime('%%Y-%%m-%%dT%%H:%%M:%%fZ', {ms} / 1000.0, 'unixepoch')"


def _typed(field: "Field[Any, Any]", sql: str, params: Sequence[Any]) -> Expression:
    if connection.vendor != "postgresql":
        return sql, params
    return f"({sql})::{field.db_type(connection)}", params
