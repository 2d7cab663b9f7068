"""Group commit: ends of runs that one thread executes one after the other are written together."""

import logging
import time
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from apps.engine.encoding import encode
from apps.engine.journal import Batch, Signal
from apps.runs import sql
from apps.runs.claim import Claim
from apps.runs.journal import UPSERT_RECORDS, DatabaseJournal
from apps.runs.states import RunStatus
from apps.runs.writes import has_more

logger = logging.getLogger(__name__)

MOST_BYTES = 100_000
"""Of what the steps of a run gave that waits for others."""


@dataclass(frozen=True, slots=True)
class End:
    """All that a run was, in one batch that is still to be written."""

    claim: Claim
    journal: DatabaseJournal
    batch: Batch


class GroupCommit:
    """Keeps ends back until `commit`. A run whose end could not be written as it was is in `failed`
    then, by what its journal said of it: nothing of it was written."""

    def __init__(self) -> None:
        self.failed: dict[UUID, Exception] = {}
        self._ends: list[End] = []
        self._since = 0.0

    def take(self, end: End) -> bool:
        """Keep it back, if it may wait: nothing was done outside, nobody has asked anything of the
        run, and to execute it once more would do no harm."""
        claim, batch = end.claim, end.batch
        change = batch.change
        may_wait = (
            change is not None
            and change.status == RunStatus.COMPLETED
            and change.if_signals == 0
            and batch.seq_before == claim.seq == 0
            and claim.crashes == 0
            and not batch.consumed
            and batch.output_bytes <= MOST_BYTES
            and not has_more(claim, batch)
        )
        if may_wait:
            self._since = self._since or time.monotonic()
            # The recorder lets go of what its rows hold once they are written.
            steps = tuple(copy(row) for row in batch.steps)
            self._ends.append(replace(end, batch=replace(batch, steps=steps)))
        return may_wait

    @property
    def is_due(self) -> bool:
        return bool(self._ends) and time.monotonic() - self._since > settings.GROUP_COMMIT_S

    def commit(self) -> None:
        """Write what was kept back; what is not written with the others, by itself."""
        ends, self._ends, self._since = self._ends, [], 0.0
        written: set[UUID] = set()
        if len(ends) > 1:
            try:
                written = _write(ends)
            except Exception as error:
                # Whatever it was, and whether it was written or not: each journal finds out.
                logger.warning("%d runs are recorded one by one: %s", len(ends), error)
        for end in ends:
            try:
                if end.claim.run in written:
                    end.journal.committed(end.batch)
                else:
                    end.journal.commit(end.batch)
            except Exception as error:
                # Whoever executes the run sees to it; the ends behind it are to be written too.
                self.failed[end.claim.run] = error


class GroupedJournal:
    """The journal of one claim, in a group."""

    def __init__(self, claim: Claim, journal: DatabaseJournal, group: GroupCommit) -> None:
        self._claim = claim
        self._journal = journal
        self._group = group

    def commit(self, batch: Batch) -> None:
        if not self._group.take(End(self._claim, self._journal, batch)):
            # What may follow can take long: the others must not wait for it.
            self._group.commit()
            self._journal.commit(batch)

    def read_signals(self) -> tuple[int, Sequence[Signal]]:
        return self._journal.read_signals()

    def read_output(self, step: UUID) -> bytes:
        return self._journal.read_output(step)


def _write(ends: Sequence[End]) -> set[UUID]:
    """Write the ends of runs whose claim, state and place are as expected; gives those."""
    if not sql.is_postgres():
        with transaction.atomic():
            return {end.claim.run for end in ends if end.journal.write(end.batch)}
    proofs = [
        {
            "id": end.claim.run,
            "fence": end.claim.fence,
            "seq": end.batch.seq,
            "output_bytes": end.batch.output_bytes,
            "marks": encode(list(end.batch.marks or ())).decode(),
            "finished_at": timezone.now(),
        }
        for end in ends
    ]
    steps = [record for end in ends for record in end.journal.records(end.batch)]
    params: list[Any] = [orjson.dumps(each).decode() for each in (proofs, steps)]
    with sql.planned_anew(), connection.cursor() as cursor:
        cursor.execute(_WRITE, params)
        return {id for (id,) in cursor.fetchall()}


_WRITE = f"""
    WITH proof AS (
        UPDATE runs
           SET status = 'completed', seq = ended.seq, output_bytes = ended.output_bytes,
               marks = ended.marks::json, finished_at = ended.finished_at,
               worker_id = NULL, slot = NULL, wake_at = NULL, error_code = '', error_message = NULL
          FROM json_to_recordset(%s::json) AS ended(id uuid, fence bigint, seq bigint,
               output_bytes bigint, marks text, finished_at timestamptz)
         WHERE runs.id = ended.id AND runs.fence = ended.fence AND runs.status = 'running'
           AND runs.seq = 0 AND runs.signals = 0
        RETURNING runs.id, runs.workspace_id),
    written AS ({UPSERT_RECORDS})
    SELECT id FROM proof
"""  # noqa: S608 - constants
