"""How far a run has come for the person who fills in its forms."""

from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from uuid import UUID

from pydantic import ValidationError

from apps.nodes.forms.params import Ending, FormPage
from apps.runs.links import Link
from apps.runs.models import Run, StepRun
from apps.runs.payloads import read_json_payload
from apps.runs.resume import is_awaited
from apps.runs.states import RunStatus, StepStatus
from apps.triggers.errors import RefusedError
from apps.triggers.forms.found import form_params
from apps.versions.models import WorkflowVersion


@dataclass(frozen=True, slots=True)
class Asking:
    """A step that waits for a page to be filled in."""

    step: StepRun
    page: FormPage


Course = Asking | Ending | Literal["working", "failed"]
"""What is to be shown: a page, the ending, or that there is neither yet, or will never be."""


def course_of(link: Link) -> Course:
    """What the run of a form's address has for the person who has it. Raises RefusedError."""
    runs = Run.objects.without_payloads()
    run = runs.filter(pk=link.run, workspace=link.workspace).first()
    if run is None:
        raise RefusedError(410, "run_gone", "This form is not kept any more.")
    if run.is_open and (asking := _asking(run)):
        return asking
    if ending := _ending(run):
        return ending
    if run.is_open:
        return "working"
    return _last_words(run) if run.status == RunStatus.COMPLETED else "failed"


def _asking(run: Run) -> Asking | None:
    """The page that has waited longest."""
    waiting = run.steps.without_payloads().filter(status=StepStatus.WAITING)
    for step in waiting.order_by("seq_started"):
        if is_awaited(step, "form"):
            return Asking(step, FormPage.model_validate(step.attempts[-1]["wait"]["asks"]["page"]))
    return None


def _ending(run: Run) -> Ending | None:
    """What the last Form Ending of the run says."""
    nodes = _types_of(run.version_id)
    endings = [node for node, type in nodes.items() if type == "form_ending"]
    if not endings:
        return None
    done = run.steps.filter(node_id__in=endings, status=StepStatus.COMPLETED)
    for step in done.order_by("-seq_finished"):
        output = step.output_json
        if step.output_payload_id is not None:
            output = read_json_payload(step.output_payload_id)
        if items := (output or {}).get("main"):
            with suppress(ValidationError):  # pinned by somebody, and no ending
                return Ending.model_validate(items[0]["json"])
    return None


def _last_words(run: Run) -> Ending:
    """What is shown where no Form Ending says it."""
    if _types_of(run.version_id).get(run.trigger_node) == "form":
        return form_params(run.version_id, run.trigger_node).ending
    return Ending()


@lru_cache(maxsize=256)
def _types_of(version: UUID) -> dict[str, str]:
    """The types of a version's nodes that are not disabled, read once: a version never changes."""
    graph = WorkflowVersion.objects.values_list("graph_json", flat=True).get(pk=version)
    return {node["id"]: node["type"] for node in graph["nodes"] if not node.get("disabled")}
