"""What a run needs beside a worker, as the claim asks it in SQL: no hold, a free slot, its rate.

Each part names the run that it is about as `{run}`, and the moment as `{now}`. A run of which
`UNLIMITED` is true is kept back by holds alone.
"""

from functools import cache

from apps.runs import sql
from apps.runs.models import EVERYTHING

NEEDED = (
    "id, workspace_id, workflow_id, cancel_requested_at, deadline_at, started_at, slots, limit_key,"
    " rate_limit, rate_s, rate_key"
)
"""The columns that the parts ask for."""

UNLIMITED = "({run}.slots IS NULL AND {run}.rate_limit IS NULL)"

ONLY_TO_END = """({run}.cancel_requested_at IS NOT NULL
    OR ({run}.deadline_at IS NOT NULL AND {run}.deadline_at <= {now}))"""
"""Such a run is claimed in spite of all that follows, and does nothing but end."""

IS_HELD = f"""EXISTS (SELECT 1 FROM holds
    WHERE holds.id IN ({{run}}.workflow_id, {{run}}.workspace_id, '{EVERYTHING.hex}'))"""  # noqa: S608 - constants

WAITS_BY_WISH = f"(NOT {ONLY_TO_END} AND {IS_HELD})"
"""Somebody holds it: no worker could take it."""

HOLDERS = """runs AS held WHERE held.slot IS NOT NULL
    AND held.workflow_id = {run}.workflow_id AND held.limit_key = {run}.limit_key"""
"""The runs that hold a slot of the run's limit."""

HAS_SLOT = f"({{run}}.slots IS NULL OR (SELECT count(*) FROM {HOLDERS}) < {{run}}.slots)"  # noqa: S608 - constants

LOWEST_FREE_SLOT = f"""CASE WHEN NOT EXISTS (SELECT 1 FROM {HOLDERS} AND held.slot = 1) THEN 1
    ELSE (SELECT min(held.slot) + 1 FROM {HOLDERS} AND NOT EXISTS (
        SELECT 1 FROM runs AS next WHERE next.workflow_id = held.workflow_id
           AND next.limit_key = held.limit_key AND next.slot = held.slot + 1)) END"""  # noqa: S608 - constants

LAST_START = """COALESCE((SELECT max(begun.start_no) FROM runs AS begun
    WHERE begun.workflow_id = {run}.workflow_id AND begun.rate_key = {run}.rate_key), 0)"""
"""The starts of a rate are numbered, each number once: who reads the last one has read them all."""

MAY_START = f"""({{run}}.rate_limit IS NULL OR {{run}}.started_at IS NOT NULL OR NOT EXISTS (
    SELECT 1 FROM runs AS before WHERE before.workflow_id = {{run}}.workflow_id
       AND before.rate_key = {{run}}.rate_key
       AND before.start_no = {LAST_START} + 1 - {{run}}.rate_limit
       AND before.started_at > {{window}}))"""  # noqa: S608 - constants
"""With this start there are no more than `rate_limit` since that one: it must be out of the window.
A run that goes on has started already."""

CLAIMABLE = f"({ONLY_TO_END} OR (NOT {IS_HELD} AND {HAS_SLOT} AND {MAY_START}))"

SLOT = f"""CASE WHEN {{run}}.slots IS NULL OR {ONLY_TO_END} THEN NULL
    ELSE {LOWEST_FREE_SLOT} END"""
"""The slot that a run takes when it is claimed."""

START_NO = f"""CASE WHEN {{run}}.rate_limit IS NULL OR {{run}}.started_at IS NOT NULL
         OR {ONLY_TO_END} THEN {{run}}.start_no ELSE {LAST_START} + 1 END"""
"""Its number among the starts of its rate: what only ends is none of them."""

WAITS_FOR = f"""CASE WHEN {IS_HELD} THEN 'hold' WHEN NOT {MAY_START} THEN 'rate' ELSE 'slot' END"""
"""The kind of line for a run that is not claimable; of both its rate: a slot comes free at
any time, and who may not start has no use of it."""


@cache
def of(part: str, run: str) -> str:
    """A part, about the run of that name or alias."""
    return part.format(run=run, now=sql.now_sql(), window=_ago(f"{run}.rate_s"))


def _ago(seconds: str) -> str:
    if sql.is_postgres():
        return f"clock_timestamp() - {seconds} * interval '1 second'"
    return f"strftime('%%Y-%%m-%%d %%H:%%M:%%f000', 'now', '-' || {seconds} || ' seconds')"
