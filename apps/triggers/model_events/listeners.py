"""Who listens to the rows of models: the nodes of active workflows."""

from collections.abc import Mapping
from itertools import islice

from apps.engine.errors import Fault, FaultsError
from apps.engine.items import Json
from apps.nodes.library.model_event import Params
from apps.triggers.model_events.registry import registered
from apps.triggers.models import ModelListener
from apps.versions.models import WorkflowVersion
from apps.workflows.models import Workflow

MOST_NAMED = 20


def set_listeners(workflow: Workflow, version: WorkflowVersion) -> None:
    """Let exactly the model events of this version start runs.

    Raises FaultsError where a model is not registered.
    """
    stop_listeners(workflow)
    listeners, faults = [], []
    for place, node in enumerate(version.graph_json["nodes"]):
        if node["type"] != "model_event" or node.get("disabled"):
            continue
        listener = _listener(workflow, version, node)
        if listener.model in registered:
            listeners.append(listener)
        else:
            faults.append(_unknown(f"nodes[{place}].params.model", node["params"]["model"]))
    if faults:
        raise FaultsError(faults, "Not every trigger can be made live.")
    ModelListener.objects.bulk_create(listeners)


def stop_listeners(workflow: Workflow) -> None:
    """Let no row start runs of this workflow."""
    workflow.model_listeners.all().delete()


def _listener(
    workflow: Workflow, version: WorkflowVersion, node: Mapping[str, Json]
) -> ModelListener:
    params = Params.model_validate(node["params"])
    return ModelListener(
        workspace_id=workflow.workspace_id,
        workflow=workflow,
        version=version,
        node_id=node["id"],
        model=params.model.lower(),
        events=params.events,
    )


def _unknown(path: str, model: str) -> Fault:
    labels = sorted(kind.model._meta.label for kind in registered.values())
    known = ", ".join(islice(labels, MOST_NAMED)) or "none"
    told = f"No model “{model}” is registered here; registered are: {known}."
    return Fault(path, "model_not_registered", told)
