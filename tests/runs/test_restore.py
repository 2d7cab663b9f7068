"""What a claimant makes of what an earlier one recorded."""

import pytest
from django.utils import timezone

from apps.runs.states import RunStatus
from tests.factories import make_run, make_step
from tests.runs.work import execute

pytestmark = pytest.mark.django_db


def test_a_fatal_failure_recorded_before_a_death_ends_the_run_with_its_error() -> None:
    started = {"seq": 1, "name": "run_started", "at": "2026-11-24T12:00:00.000Z"}
    run = make_run(seq=4, marks=[started], crashes=1)
    ended = {"finished_at": timezone.now()}
    make_step(
        run,
        "start",
        status="completed",
        output_json={"main": [{"json": {}}]},
        output_counts={"main": 1},
        seq_started=2,
        seq_finished=2,
        seq=2,
        **ended,
    )
    make_step(
        run,
        run.version.graph_json["nodes"][1]["id"],
        status="failed",
        error="It said 500",
        error_code="http_status",
        error_hint="Ask them",
        seq_started=3,
        seq_finished=4,
        seq=4,
        **ended,
    )
    run = execute(run)
    assert run.status == RunStatus.FAILED
    assert (run.error_code, run.error_message) == ("http_status", "It said 500")
    assert run.marks[-1]["error"]["hint"] == "Ask them"
