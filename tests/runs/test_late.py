"""An effect that ends after the claim of its run was lost."""

from datetime import UTC, datetime
from typing import Any

import pytest

from apps.engine.journal import StepRow
from apps.runs.late import send_late
from apps.runs.models import RunSignal
from apps.runs.states import RunStatus, SignalKind
from tests.factories import make_run, make_step
from tests.runs.work import claimed, make_worker

pytestmark = pytest.mark.django_db


def row_of(step: Any) -> StepRow:
    """As its first owner has it, after the effect has succeeded."""
    return StepRow(
        id=step.pk,
        node=step.node_id,
        iteration=0,
        status="completed",
        sources={},
        seq_started=1,
        seq=5,
        started_at=step.started_at,
        attempts=step.attempts,
        output_counts={"main": 2},
        finished_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def test_the_run_that_others_own_now_is_told_of_it() -> None:
    run = make_run()
    claim = claimed(run, make_worker().pk)
    step = make_step(run)
    send_late(claim, row_of(step))
    signal = RunSignal.objects.get()
    assert (signal.kind, signal.run, signal.step_id) == (SignalKind.LATE, run, step.pk)
    assert signal.attempt == 1
    assert signal.body == {
        "status": "completed",
        "at": "2026-01-01T00:00:00.000Z",
        "items": {"main": 2},
    }
    run.refresh_from_db()
    assert run.signals == 1


def test_a_run_that_has_ended_wants_to_know_no_more() -> None:
    run = make_run()
    claim = claimed(run, make_worker().pk)
    step = make_step(run)
    type(run).objects.update(status=RunStatus.FAILED, finished_at=step.started_at)
    send_late(claim, row_of(step))
    assert not RunSignal.objects.exists()
