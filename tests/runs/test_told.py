"""What is told of a run, beyond its rows."""

from datetime import timedelta

import pytest

from apps.runs.events import read_events
from apps.runs.retry import FROM_FAILED, retry_run
from apps.runs.states import RunStatus, StepStatus
from tests.clients import ApiClient
from tests.factories import make_run, make_step, make_user, make_version

pytestmark = pytest.mark.django_db


def test_a_step_that_was_taken_over_says_so() -> None:
    run = make_run(status=RunStatus.FAILED, seq=2)
    step = make_step(run, "start", status=StepStatus.COMPLETED, output_json={"main": []})
    step.finished_at = step.started_at + timedelta(seconds=1)
    step.seq_finished = step.seq = 2
    step.save()
    again = retry_run(run, FROM_FAILED, run.version, by=None)
    ran = next(each for each in read_events(run.pk, 1).events if each.get("step"))
    copied = next(each for each in read_events(again.pk, 0).events if each.get("step"))
    assert copied["event"] == ran["event"] == "step_succeeded"
    assert copied["copied"] is True
    assert "copied" not in ran


def test_a_list_of_runs_says_who_started_each() -> None:
    version = make_version()
    ada = make_user(version.workspace, email="ada@example.test")
    make_run(version, triggered_by=ada)
    make_run(version)
    told = ApiClient(ada).get("runs").json()["results"]
    assert [run["triggered_by_email"] for run in told] == [None, "ada@example.test"]
