"""The filter of a job as it is told to people."""

import re
from typing import Any

import pytest

from apps.operations.bulk.words import PHRASES, in_words
from apps.operations.models import BulkJob
from apps.runs.filters import RunFilter
from tests.factories import make_workflow, make_workspace

ID = "0190b2c4-0000-7000-8000-000000000001"


@pytest.mark.parametrize(
    ("filter", "told"),
    [
        ({}, "runs"),
        ({"status": ["failed", "cancelled"]}, "failed or cancelled runs"),
        ({"status": "failed", "has_notes": "true"}, "failed runs with notes"),
        ({"trigger": "webhook", "version": 3}, "runs started by webhook, of version 3"),
        ({"trigger": ["api", "manual"]}, "runs started by API or manual"),
        ({"created_after": "2026-11-05T10:00"}, "runs made from 2026-11-05 10:00:00 UTC on"),
        (
            {"finished_before": "2026-11-05T10:00:01Z"},
            "runs that ended before 2026-11-05 10:00:01 UTC",
        ),
        ({"min_duration_s": "1.5"}, "runs that took 1.5 s at least"),
        ({"value": "order:1001"}, "runs of which a step kept order:1001"),
        ({"is_trial": "false"}, "runs that try no draft out"),
        ({"retry_of": ID}, f"runs that retry the run {ID}"),
        ({"status": "lost"}, 'runs by {"status":"lost"}'),  # what nothing reads any more
    ],
)
def test_a_filter_says_in_words_what_it_covers(filter: dict[str, Any], told: str) -> None:
    assert in_words(filter, []) == told


@pytest.mark.parametrize("deed", BulkJob.Deed)
def test_a_job_is_called_by_what_it_does(deed: str) -> None:
    assert re.fullmatch("[A-Z][a-z]+ many runs( failed)?", str(BulkJob(deed=deed)))


def test_every_filter_has_its_words() -> None:
    apart = {"workspace", "status", "workflow", "error_group"}
    assert set(PHRASES) == set(RunFilter.base_filters) - apart


@pytest.mark.django_db
def test_workflows_are_named_to_who_sees_them_alone() -> None:
    workflow = make_workflow(name="Orders")
    filter = {"workflow": str(workflow.pk)}
    assert in_words(filter, [workflow.workspace_id]) == "runs of the workflow “Orders”"
    assert in_words(filter, [make_workspace().pk]) == f"runs of the workflow {workflow.pk}"
