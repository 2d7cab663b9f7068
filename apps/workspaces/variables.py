"""Variables of a workspace: what its workflows read as `$vars`."""

from uuid import UUID

from django.db import transaction

from apps.workspaces.audit import NOT_SHOWN, UNSEEN, lost, made, record
from apps.workspaces.errors import ConflictError
from apps.workspaces.models import Variable, Workspace
from apps.workspaces.permissions import Principal

MOST = 200
"""In one workspace: each step whose expressions name `$vars` carries them all."""


def variables_of(workspace: UUID) -> dict[str, str]:
    """The values of a workspace's variables by their names."""
    return dict(Variable.objects.filter(workspace=workspace).values_list("name", "value"))


def create_variable(
    workspace: Workspace, name: str, value: str, *, by: Principal | None
) -> Variable:
    with transaction.atomic():
        # Held, so that two at once make no name twice, and not one too many.
        Workspace.objects.select_for_update().get(pk=workspace.pk)
        _check_free(workspace.pk, name)
        if Variable.objects.filter(workspace=workspace).count() >= MOST:
            raise ConflictError("too_many_variables", f"A workspace has at most {MOST} variables.")
        variable = Variable.objects.create(workspace=workspace, name=name, value=value)
        record("variable.create", variable, made(name=name, value=NOT_SHOWN), by=by)
    return variable


def change_variable(variable: Variable, name: str, value: str, *, by: Principal | None) -> None:
    """Give a variable another name or value; runs that go on see it from then on."""
    with transaction.atomic():
        Workspace.objects.select_for_update().get(pk=variable.workspace_id)
        before = _held(variable)
        if name != before.name:
            _check_free(variable.workspace_id, name)
        variable.name, variable.value = name, value
        variable.save(update_fields=["name", "value"])
        changes = {"name": (before.name, name)} | (
            {"value": UNSEEN} if value != before.value else {}
        )
        record("variable.change", variable, changes, by=by)


def delete_variable(variable: Variable, *, by: Principal | None) -> None:
    with transaction.atomic():
        held = _held(variable)
        record("variable.delete", held, lost(name=held.name, value=NOT_SHOWN), by=by)
        variable.delete()


def _held(variable: Variable) -> Variable:
    """The row as it is by now. Raises DoesNotExist where somebody else has deleted it."""
    return Variable.objects.select_for_update().get(pk=variable.pk)


def _check_free(workspace: UUID, name: str) -> None:
    if Variable.objects.filter(workspace=workspace, name=name).exists():
        raise ConflictError("variable_exists", f"There is a variable “{name}” already.")
