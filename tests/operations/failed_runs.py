"""Runs that failed, and the jobs over them."""

from typing import Any

from apps.operations.bulk.go_on import go_on
from apps.operations.models import BulkJob
from apps.runs.models import Run
from apps.runs.states import RunStatus
from apps.versions.models import WorkflowVersion
from tests.factories import make_run, make_step, make_user, make_version, make_workflow
from tests.graphs import graph, node


def mailing() -> WorkflowVersion:
    """Starts by hand, mails, and calls."""
    nodes = [
        node("start", "manual"),
        node("mail", "email", params={"to": "a@example.test", "subject": "s", "text": "t"}),
        node("call", "http_call", params={"url": "https://api.test/"}),
    ]
    return make_version(make_workflow(), graph(nodes, ["start -> mail", "mail -> call"]))


def failed_at_the_call(version: WorkflowVersion) -> Run:
    run = make_run(version, RunStatus.FAILED)
    for place, (id, status) in enumerate(
        [("start", "completed"), ("mail", "completed"), ("call", "failed")], start=1
    ):
        output = {"main": [{"json": {}}]} if status == "completed" else None
        make_step(run, id, status=status, seq_finished=place, output_json=output)
    return run


def by(version: WorkflowVersion) -> Any:
    return make_user(version.workspace, "operator")


def until_done(job: BulkJob) -> BulkJob:
    while go_on():
        pass
    job.refresh_from_db()
    return job
