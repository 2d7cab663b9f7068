"""Makes the triggers of a workflow live, and stops them: receivers of the workflow's signals.

All happens in the transaction that changes the workflow, so the moment it is done an address
answers on every process, and a schedule is in the table of what is due.
"""

from typing import Any

from django.dispatch import receiver

from apps.triggers.failures import require_error_workflow
from apps.triggers.hooks.endpoints import set_endpoints, silence_endpoints
from apps.triggers.model_events.listeners import set_listeners, stop_listeners
from apps.triggers.polls.follow import set_polls, stop_polls
from apps.triggers.schedules.follow import set_schedules, stop_schedules
from apps.versions.models import WorkflowVersion
from apps.workflows.models import Workflow
from apps.workflows.signals import version_published, workflow_activating, workflow_deactivating


@receiver(workflow_activating)
def make_live(workflow: Workflow, **_: Any) -> None:
    assert workflow.version is not None
    version = workflow.versions.get(version=workflow.version)
    require_error_workflow(version)
    set_endpoints(workflow, version)
    set_schedules(workflow, version)
    set_listeners(workflow, version)
    set_polls(workflow, version)


@receiver(version_published)
def follow_version(workflow: Workflow, version: WorkflowVersion, **_: Any) -> None:
    if workflow.is_active:
        require_error_workflow(version)
        set_endpoints(workflow, version)
        set_schedules(workflow, version)
        set_listeners(workflow, version)
        set_polls(workflow, version)


@receiver(workflow_deactivating)
def stop(workflow: Workflow, **_: Any) -> None:
    silence_endpoints(workflow)
    stop_schedules(workflow)
    stop_listeners(workflow)
    stop_polls(workflow)
