"""Workers, and runs on their way to them."""

from uuid import UUID

from apps.runs.claim import Claim, claim_run
from apps.runs.create import RunRequest, create_run
from apps.runs.models import Run, Worker
from apps.runs.states import Trigger
from apps.versions.models import WorkflowVersion
from tests.factories import make_version


def make_worker() -> Worker:
    """Another worker's row; no process is behind it."""
    return Worker.objects.create(host="elsewhere", pid=1, boot="another boot", process_started="1")


def created(version: WorkflowVersion | None = None, **wishes: object) -> Run:
    """A run made by the one door."""
    version = version or make_version()
    start = version.graph_json["nodes"][0]["id"]
    defaults = {"trigger": Trigger.API, "trigger_node": start, "items": [{"json": {}}]}
    return create_run(version, RunRequest(**defaults | wishes))


def claimed(run: Run, worker: UUID) -> Claim:
    """The run, which must be the best claimable one, claimed."""
    claim = claim_run(worker, run.queue)
    assert claim is not None
    assert claim.run == run.pk
    return claim
