"""The steps in partitions, by the month in which their runs were made: on PostgreSQL, if wanted.

A run's id begins with the time at which it was made, so a range of ids is one of time. `runs` stays
one table: that no slot is held twice is known of all runs at once.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from apps.engine.errors import FlowForgeError
from apps.runs import sql
from apps.runs.models import Run, StepRun
from apps.workspaces.ids import first_id_at

STEPS = StepRun._meta.db_table
FIRST = f"{STEPS}_before"
"""What there was when the table was divided."""
REST = f"{STEPS}_rest"
"""What no other partition takes: empty, unless a month was not made in time."""
AHEAD = 3
"""So many coming months have a partition."""


class Partition(NamedTuple):
    """Holds the steps of the runs from one id on, up to another; the rest where it says neither."""

    name: str
    begin: UUID | None
    end: UUID | None


def is_partitioned() -> bool:
    """Whether the steps of this database lie in partitions."""
    if not sql.is_postgres():
        return False
    return bool(_ask("SELECT relkind = 'p' FROM pg_class WHERE oid = %s::regclass", STEPS)[0][0])


def partition_steps(now: datetime) -> None:
    """Make the table a partitioned one, whose first partition it is; all or nothing.

    Nobody can use it meanwhile: some seconds for each million steps, for an index that it needs.
    Raises FlowForgeError where the database cannot do it.
    """
    if not sql.is_postgres():
        raise FlowForgeError("no_partitions", "Only PostgreSQL can keep steps in partitions.")
    if is_partitioned():
        return
    with transaction.atomic(), connection.cursor() as cursor:
        sql.allow_long_statements()
        for statement in _division(next(_months(now, 1))):
            cursor.execute(statement)


def make_coming(now: datetime) -> int:
    """Make the partitions of the coming months that are missing; gives how many."""
    if not is_partitioned():
        return 0
    made = 0
    with transaction.atomic(), connection.cursor() as cursor:
        # One does it at a time; who reads and writes steps does not wait.
        cursor.execute(f"LOCK TABLE {STEPS} IN SHARE UPDATE EXCLUSIVE MODE")
        known = {each.name for each in partitions()}
        for begin, end in pairwise(_months(now, AHEAD + 1)):
            name = f"{STEPS}_{begin:%Y_%m}"
            if name not in known:
                cursor.execute(f"CREATE TABLE {name} (LIKE {STEPS} INCLUDING ALL)")
                cursor.execute(_attached(name, f"'{first_id_at(begin)}'", f"'{first_id_at(end)}'"))
                made += 1
    return made


def drop_steps(before: datetime) -> tuple[list[str], list[str]]:
    """Drop the partitions of steps whose runs were all made before; gives their names, and those of
    the partitions that stay, for a run of theirs has not ended.

    The runs themselves stay, without steps. What only steps referred to is deleted by the clean-up.
    """
    dropped, kept = [], []
    for each in partitions():
        if each.end is None or each.end > first_id_at(before):
            continue
        runs = Run.objects.filter(pk__gte=each.begin or UUID(int=0), pk__lt=each.end)
        if runs.filter(finished_at=None).exists():
            kept.append(each.name)
            continue
        with transaction.atomic(), connection.cursor() as cursor:
            sql.allow_long_statements()
            for forget in _FORGOTTEN:
                cursor.execute(forget.format(name=each.name))
            cursor.execute(f"DROP TABLE {each.name}")
        dropped.append(each.name)
    return dropped, kept


_FORGOTTEN = (
    "DELETE FROM run_signals WHERE step_id IN (SELECT id FROM {name})",
    "UPDATE runs SET parent_step_id = NULL WHERE parent_step_id IN (SELECT id FROM {name})",
    "UPDATE step_runs SET copied_from_id = NULL WHERE copied_from_id IN (SELECT id FROM {name})",
)
"""What deleting a step does to the rows that name it: no foreign key knows of them any more."""


def partitions() -> list[Partition]:
    """The partitions, oldest first."""
    rows = _ask(
        r"""
        SELECT relname, substring(bound FROM 'FROM \(''([^'']+)'''),
               substring(bound FROM 'TO \(''([^'']+)''')
          FROM (SELECT relname, pg_get_expr(relpartbound, oid) AS bound FROM pg_class
                 WHERE oid IN (SELECT inhrelid FROM pg_inherits
                                WHERE inhparent = %s::regclass)) AS parts
         ORDER BY 3 NULLS LAST
        """,
        STEPS,
    )
    return [Partition(name, *(each and UUID(each) for each in ids)) for name, *ids in rows]


def _division(end: datetime) -> Iterator[str]:
    """The statements that divide the table, which is defined as migrations have left it."""
    indexes, own, foreign = _definition()
    # A foreign key names a unique column, and over partitions `id` alone cannot be one.
    yield from (f"ALTER TABLE {table} DROP CONSTRAINT {name}" for name, table in foreign)
    yield f"ALTER TABLE {STEPS} DROP CONSTRAINT {STEPS}_pkey"
    yield f"ALTER TABLE {STEPS} RENAME TO {FIRST}"
    for name, _ in indexes:
        yield f"ALTER INDEX {name} RENAME TO {_of_first(name)}"
    for name, kind, _ in own:
        if kind == "u":
            yield f"ALTER TABLE {FIRST} RENAME CONSTRAINT {name} TO {_of_first(name)}"
    yield (
        f"CREATE TABLE {STEPS} (LIKE {FIRST} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"
        " PARTITION BY RANGE (run_id)"
    )
    yield f"ALTER TABLE {STEPS} ADD CONSTRAINT {STEPS}_pkey PRIMARY KEY (id, run_id)"
    yield from (f"ALTER TABLE {STEPS} ADD CONSTRAINT {name} {text}" for name, _, text in own)
    yield from (text for _, text in indexes)
    yield _attached(FIRST, "MINVALUE", f"'{first_id_at(end)}'")
    yield f"CREATE TABLE {REST} PARTITION OF {STEPS} DEFAULT"


class _Definition(NamedTuple):
    indexes: list[tuple[Any, ...]]
    """Name and text."""
    own: list[tuple[Any, ...]]
    """Constraints: name, kind and text."""
    foreign: list[tuple[Any, ...]]
    """Foreign keys to the table: name and whose."""


def _definition() -> _Definition:
    return _Definition(
        _ask(
            """
            SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
             WHERE indrelid = %s::regclass AND indexrelid NOT IN (
                SELECT conindid FROM pg_constraint WHERE contype IN ('p', 'u'))
            """,
            STEPS,
        ),
        _ask(
            """
            SELECT conname, contype::text, pg_get_constraintdef(oid) FROM pg_constraint
             WHERE conrelid = %s::regclass AND contype IN ('f', 'u') AND confrelid <> conrelid
            """,
            STEPS,
        ),
        _ask(
            """
            SELECT conname, conrelid::regclass::text FROM pg_constraint
             WHERE confrelid = %s::regclass
            """,
            STEPS,
        ),
    )


def _of_first(name: str) -> str:
    return f"{FIRST}{name.removeprefix(STEPS)}"


def _attached(name: str, begin: str, end: str) -> str:
    return f"ALTER TABLE {STEPS} ATTACH PARTITION {name} FOR VALUES FROM ({begin}) TO ({end})"


def _months(now: datetime, count: int) -> Iterator[datetime]:
    """The first moments of so many coming months."""
    this = now.astimezone(UTC)
    for month in range(count):
        years, months = divmod(this.month + month, 12)
        yield datetime(this.year + years, months + 1, 1, tzinfo=UTC)


def _ask(query: str, *params: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
