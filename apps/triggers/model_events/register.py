"""The operator's way to let rows of a model start runs."""

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.db.models import Field, Model
from django.db.models.signals import post_save, pre_delete

from apps.triggers.model_events.registry import Registered, WorkspaceOf, registered
from apps.triggers.model_events.tell import Event, tell


def register_model_event(
    model: type[Model], fields: Sequence[str], workspace_of: WorkspaceOf | None = None
) -> None:
    """Let rows of this model start runs; call it in `ready()` of your AppConfig.

    Runs are given these fields and no others. With `workspace_of`, which gives the id of a row's
    workspace, only workflows of that one hear of it; without it, those of all. Raises
    FieldDoesNotExist, and ValueError for what is no column.
    """
    kind = Registered(model, tuple(_column(model, name) for name in fields), workspace_of)
    registered[kind.label] = kind
    for each in apps.get_models():
        # What is saved or deleted as a proxy tells of the proxy.
        if each._meta.concrete_model is model:
            uid = f"model_event {each._meta.label_lower}"
            post_save.connect(_saved, each, dispatch_uid=uid)
            pre_delete.connect(_deleted, each, dispatch_uid=uid)


def _column(model: type[Model], name: str) -> "Field[Any, Any]":
    field = model._meta.get_field(name)
    if not isinstance(field, Field) or not field.concrete or field.many_to_many:
        raise ValueError(f"{model._meta.label}.{name} is no column, so no run can be given it.")
    return field


def _saved(sender: type[Model], instance: Model, created: bool, raw: bool, **_: Any) -> None:
    if not raw:  # what a fixture loads is no event
        _tell(sender, instance, "created" if created else "updated")


def _deleted(sender: type[Model], instance: Model, **_: Any) -> None:
    _tell(sender, instance, "deleted")


def _tell(sender: type[Model], row: Model, event: Event) -> None:
    model = sender._meta.concrete_model
    assert model is not None
    tell(registered[model._meta.label_lower], row.pk, event)
