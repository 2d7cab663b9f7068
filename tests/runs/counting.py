"""What the database is asked to do, counted: transactions that write, and statements by table."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from django.db import connection

WRITES = re.compile(r'(?<!FOR )(?<!DO )(UPDATE|INSERT INTO|DELETE FROM) "?(\w+)"?')
READS = re.compile(r'(?:FROM|UPDATE) "?(\w+)"?')


@dataclass
class Counted:
    commits: int = 0
    """Transactions that wrote something: an UPDATE that met no row wrote nothing."""
    outside: int = 0
    """Statements that are no part of one."""
    writes: Counter[str] = field(default_factory=Counter)
    reads: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: "Counted") -> "Counted":
        return Counted(
            self.commits + other.commits,
            self.outside + other.outside,
            self.writes + other.writes,
            self.reads + other.reads,
        )


@contextmanager
def counting() -> Iterator[Counted]:
    """Count what this thread asks of the database; for tests that commit."""
    counted, open_ = Counted(), []
    commit = connection.commit

    def listen(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        written = WRITES.findall(sql) if context["cursor"].rowcount else []
        for deed, table in written:
            counted.writes[f"{table} {deed.split()[0].lower()}"] += 1
        if not written and (read := READS.search(sql)):
            counted.reads[read[1]] += 1
        if connection.in_atomic_block:
            open_.append(bool(written))
        elif written:
            counted.commits += 1
        elif read:
            counted.outside += 1
        return result

    def committed() -> None:
        commit()
        if any(open_):
            counted.commits += 1
        else:
            counted.outside += len(open_)
        open_.clear()

    with connection.execute_wrapper(listen), patch.object(connection, "commit", committed):
        yield counted
