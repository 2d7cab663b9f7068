"""Rows of registered models start runs: exactly if they are committed, and once a transaction."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.core.exceptions import FieldDoesNotExist
from django.db import connection, transaction
from django.db.models import F, Model, Value
from django.db.models.functions import Concat
from django.db.models.signals import post_save, pre_delete
from django.test.utils import CaptureQueriesContext

from apps.engine.errors import FaultsError
from apps.runs.models import Run
from apps.runs.states import RunStatus, Trigger
from apps.triggers.model_events import registry
from apps.triggers.model_events.register import register_model_event
from apps.versions.publish import publish_version
from apps.workflows.activate import activate_workflow, deactivate_workflow
from apps.workflows.models import Workflow
from apps.workspaces.models import ApiKey, Variable, Workspace
from tests.factories import make_api_key, make_variable, make_version, make_workflow, make_workspace
from tests.graphs import graph, node
from tests.runs.work import execute

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def registered() -> Iterator[None]:
    """Groups, which are nobody's, and variables, each of its workspace."""
    register_model_event(Group, ["id", "name"])
    register_model_event(Variable, ["name"], workspace_of=lambda row: row.workspace_id)
    yield
    for kind in registry.registered.values():
        uid = f"model_event {kind.label}"
        post_save.disconnect(sender=kind.model, dispatch_uid=uid)
        pre_delete.disconnect(sender=kind.model, dispatch_uid=uid)
    registry.registered.clear()


def listening(
    model: str = "auth.Group", workspace: Workspace | None = None, **params: Any
) -> Workflow:
    """An active workflow that listens to a model."""
    nodes = [node("changed", "model_event", params={"model": model, **params}), node("end")]
    workflow = make_workflow(workspace)
    version = make_version(workflow, graph(nodes, ["changed -> end"]), is_published=True)
    activate_workflow(version.workflow, by=None)
    return workflow


def told(workflow: Workflow | None = None) -> list[tuple[str, Any]]:
    """Event and fields of each run that was made, in the order of the runs."""
    runs = Run.objects.filter(trigger=Trigger.MODEL_EVENT).order_by("id")
    runs = runs.filter(workflow=workflow) if workflow else runs
    items = [run.input_json[0]["json"] for run in runs]
    return [(item["event"], item["fields"]) for item in items]


def names_told() -> list[tuple[str, str]]:
    return [(event, fields["name"]) for event, fields in told()]


def test_a_row_that_is_made_changed_and_deleted_starts_a_run_each_time() -> None:
    listening()
    group = Group.objects.create(name="Cooks")
    id = group.pk
    group.name = "Chefs"
    group.save()
    group.delete()
    assert told() == [
        ("created", {"id": id, "name": "Cooks"}),
        ("updated", {"id": id, "name": "Chefs"}),
        ("deleted", {"id": id, "name": "Chefs"}),
    ]


def test_the_run_is_given_the_row_and_completes() -> None:
    listening(events=["created"])
    group = Group.objects.create(name="Cooks")
    run = execute(Run.objects.get())
    assert run.status == RunStatus.COMPLETED
    assert run.input_json == [
        {
            "json": {
                "model": "auth.Group",
                "event": "created",
                "pk": group.pk,
                "fields": {"id": group.pk, "name": "Cooks"},
            }
        }
    ]


def test_only_events_that_are_asked_for_start_runs() -> None:
    listening(events=["deleted"])
    Group.objects.create(name="Cooks").delete()
    assert [event for event, _ in told()] == ["deleted"]


def test_a_change_that_is_rolled_back_starts_nothing() -> None:
    listening()
    with transaction.atomic():
        Group.objects.create(name="Cooks")
        transaction.set_rollback(True)
    assert told() == []
    Group.objects.create(name="Cooks")
    assert [event for event, _ in told()] == ["created"]


def change(group: Group, *names: str) -> None:
    for name in names:
        group.name = name
        group.save()


def test_a_row_that_changes_often_in_one_transaction_is_told_once_as_it_is_at_the_end() -> None:
    listening()
    with transaction.atomic():
        group = Group.objects.create(name="a")
        change(group, "b", "c")
    with transaction.atomic():
        change(group, "d", "e")
        Group.objects.create(name="other")
    assert names_told() == [("created", "c"), ("updated", "e"), ("created", "other")]


def test_a_row_that_comes_and_goes_in_one_transaction_starts_nothing() -> None:
    listening()
    with transaction.atomic():
        group = Group.objects.create(name="a")
        change(group, "b")
        group.delete()
    assert told() == []


def test_a_row_that_is_deleted_and_made_again_in_one_transaction_was_changed() -> None:
    listening()
    group = Group.objects.create(name="a")
    with transaction.atomic():
        id = group.pk
        group.delete()
        Group.objects.create(id=id, name="b")
    assert [event for event, _ in told()] == ["created", "updated"]


def test_a_part_that_is_rolled_back_leaves_what_was_told_before_it() -> None:
    listening()
    group = Group.objects.create(name="a")
    with transaction.atomic():
        change(group, "b")
        with transaction.atomic():
            Group.objects.get(pk=group.pk).delete()
            transaction.set_rollback(True)
        with transaction.atomic():
            change(group, "c")
            transaction.set_rollback(True)
    assert [(event, fields["name"]) for event, fields in told()] == [
        ("created", "a"),
        ("updated", "b"),
    ]


def test_a_row_is_new_still_when_its_deletion_was_rolled_back() -> None:
    listening()
    with transaction.atomic():
        group = Group.objects.create(name="a")
        with transaction.atomic():
            Group.objects.get(pk=group.pk).delete()
            transaction.set_rollback(True)
        change(group, "b")
    assert names_told() == [("created", "b")]


def test_a_row_that_is_saved_very_often_in_one_transaction_asks_no_more_each_time() -> None:
    listening()
    with transaction.atomic():
        group = Group.objects.create(name="a")
        change(group, "b")
        with CaptureQueriesContext(connection) as of_one:
            change(group, "c")
        change(group, *"defgh")
        with CaptureQueriesContext(connection) as of_another:
            change(group, "i")
    assert len(of_another) == len(of_one)
    assert max(len(each["sql"]) for each in of_another) <= max(len(each["sql"]) for each in of_one)
    assert names_told() == [("created", "i")]


def test_a_row_that_another_process_deletes_meanwhile_starts_nothing() -> None:
    listening(events=["created"])

    def delete(instance: Group, **_: Any) -> None:
        Group.objects.filter(pk=instance.pk)._raw_delete(using="default")

    post_save.disconnect(sender=Group, dispatch_uid="model_event auth.group")
    post_save.connect(delete, Group, dispatch_uid="deletes")
    try:
        register_model_event(Group, ["id", "name"])
        Group.objects.create(name="a")
    finally:
        post_save.disconnect(sender=Group, dispatch_uid="deletes")
    assert told() == []


def test_what_is_told_is_what_was_stored() -> None:
    listening(events=["updated"])
    group = Group.objects.create(name="a")
    group.name = Concat(F("name"), Value("bc"))
    group.save()
    assert [fields["name"] for _, fields in told()] == ["abc"]


def test_values_that_json_has_not_are_written_as_text() -> None:
    register_model_event(ApiKey, ["id", "created_at", "last_used_at"])
    listening("workspaces.apikey")
    key, _ = make_api_key()
    ApiKey.objects.filter(pk=key.pk).update(created_at=datetime(2026, 3, 2, 6, tzinfo=UTC))
    ApiKey.objects.get(pk=key.pk).save()
    assert told()[-1][1] == {
        "id": str(key.pk),
        "created_at": "2026-03-02T06:00:00.000Z",
        "last_used_at": None,
    }


def test_a_fixture_that_is_loaded_is_no_event() -> None:
    listening()
    post_save.send(Group, instance=Group(pk=1, name="a"), created=True, raw=True)
    assert told() == []


def test_a_row_of_a_workspace_is_told_to_that_one_alone() -> None:
    own, foreign = make_workspace(), make_workspace()
    ours, theirs = listening("workspaces.Variable", own), listening("workspaces.Variable", foreign)
    make_variable(own, "shop")
    assert told(ours) == [("created", {"name": "shop"})]
    assert told(theirs) == []


def test_only_active_workflows_listen_and_to_what_is_published() -> None:
    workflow = listening(events=["created"])
    Group.objects.create(name="a")
    later = node("changed", "model_event", params={"model": "auth.Group", "events": ["deleted"]})
    publish_version(make_version(workflow, graph([later])), by=None)
    Group.objects.create(name="b").delete()
    workflow.refresh_from_db()
    deactivate_workflow(workflow, by=None)
    Group.objects.all().delete()
    assert [(event, fields["name"]) for event, fields in told()] == [
        ("created", "a"),
        ("deleted", "b"),
    ]


def test_a_disabled_node_does_not_listen() -> None:
    asleep = node("off", "model_event", params={"model": "nobody.Knows"}, disabled=True)
    start = node("start", "manual")
    version = make_version(None, graph([asleep, start]), is_published=True)
    activate_workflow(version.workflow, by=None)
    assert not version.workflow.model_listeners.exists()


def test_a_model_that_is_not_registered_is_refused_when_it_is_to_be_live() -> None:
    with pytest.raises(FaultsError) as refused:
        listening("auth.Permission")
    [fault] = refused.value.faults
    assert (fault.path, fault.code) == ("nodes[0].params.model", "model_not_registered")
    assert fault.message == (
        "No model “auth.Permission” is registered here; registered are: auth.Group, "
        "workspaces.Variable."
    )


@pytest.fixture
def team() -> Iterator[type[Model]]:
    """A proxy of groups, for the length of a test."""

    class Team(Group):
        class Meta:
            proxy = True
            app_label = "auth"

    yield Team
    del apps.all_models["auth"]["team"]
    apps.clear_cache()


def test_a_proxy_tells_of_its_rows(team: type[Model]) -> None:
    register_model_event(Group, ["id", "name"])
    listening(events=["created"])
    team._default_manager.create(name="a")
    assert [fields["name"] for _, fields in told()] == ["a"]


@pytest.mark.parametrize(
    ("field", "error"), [("colour", FieldDoesNotExist), ("permissions", ValueError)]
)
def test_a_field_that_is_no_column_cannot_be_registered(field: str, error: type[Exception]) -> None:
    with pytest.raises(error, match=field):
        register_model_event(Group, [field])


def test_an_app_of_the_operators_registers_its_models(tmp_path: Path) -> None:
    app = tmp_path / "shop"
    app.mkdir()
    (app / "__init__.py").touch()
    (app / "models.py").write_text(
        "from django.db import models\n\n"
        "class Order(models.Model):\n    number = models.CharField(max_length=20)\n"
    )
    (app / "apps.py").write_text(
        "from django.apps import AppConfig\n\n"
        "class ShopConfig(AppConfig):\n"
        "    name = 'shop'\n\n"
        "    def ready(self):\n"
        "        from apps.triggers.model_events.register import register_model_event\n"
        "        from shop.models import Order\n\n"
        "        register_model_event(Order, ['id', 'number'])\n"
    )
    code = (
        "import django; django.setup()\n"
        "from apps.triggers.model_events.registry import registered\nprint(*registered)\n"
    )
    own = {
        "EXTRA_APPS": "shop",
        "PYTHONPATH": str(tmp_path),
        "VAR_DIR": str(tmp_path / "var"),
        "DJANGO_SETTINGS_MODULE": "flowforge.settings",
        "PATH": os.environ["PATH"],
    }
    told = subprocess.run(
        [sys.executable, "-c", code], env=own, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "shop.order"
