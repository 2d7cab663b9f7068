"""What deeds of all floors tell in the audit trail: each field before and after, no secret."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.credentials.edit import create_credential
from apps.operations.groups.gather import gather_failures
from apps.operations.groups.handle import assign_group, reopen_group, resolve_group, snooze_group
from apps.operations.models import ErrorGroup
from apps.runs.holds import hold, lift
from apps.triggers.schedules.pause import pause_schedule, resume_schedule
from apps.versions.publish import publish_version
from apps.workflows.activate import activate_workflow, archive_workflow
from apps.workflows.edit import rename_workflow
from apps.workspaces.api_keys import revoke_api_key
from apps.workspaces.members import change_role
from apps.workspaces.models import AuditEntry
from apps.workspaces.permissions import Role
from tests.factories import (
    make_api_key,
    make_member,
    make_run,
    make_schedule,
    make_user,
    make_variable,
    make_version,
    make_workflow,
    make_workspace,
)

pytestmark = pytest.mark.django_db


def changes_of(action: str) -> Any:
    return AuditEntry.objects.filter(action=action).latest("id").detail["changes"]


def test_of_workflows() -> None:
    user = make_user()
    version = make_version(make_workflow(name="Old"))
    workflow = publish_version(version, by=user)
    publish_version(make_version(workflow), by=user)
    assert changes_of("version.publish") == {"version": [1, 2]}
    workflow.refresh_from_db()
    activate_workflow(workflow, by=user)
    assert changes_of("workflow.activate") == {"status": ["draft", "active"]}
    archive_workflow(workflow, by=user)
    assert changes_of("workflow.archive") == {"status": ["active", "archived"]}
    rename_workflow(workflow, "New", by=user)
    assert changes_of("workflow.rename") == {"name": ["Old", "New"]}


def test_of_holds() -> None:
    user, workflow = make_user(), make_workflow()
    hold(workflow, "Tests.", by=user)
    assert changes_of("workflow.hold") == {"held": [False, True], "reason": [None, "Tests."]}
    hold(workflow, "More tests.", by=user)
    assert changes_of("workflow.hold") == {"reason": ["Tests.", "More tests."]}
    lift(workflow, by=user)
    assert changes_of("workflow.lift") == {"held": [True, False], "reason": ["More tests.", None]}


def test_of_schedules_with_the_moments_as_the_api_writes_them() -> None:
    schedule, user = make_schedule(), make_user()
    pause_schedule(schedule, by=user)
    [[before, paused_at]] = changes_of("schedule.pause").values()
    assert before is None
    assert paused_at.endswith("Z")
    resume_schedule(schedule, by=user)
    assert changes_of("schedule.resume") == {"paused_at": [paused_at, None]}


def test_of_failures_of_one_kind() -> None:
    run = make_run(None, "failed", error_code="http_status")
    user = make_user(run.workspace, email="ada@example.test")
    gather_failures()
    group = ErrorGroup.objects.get()
    assign_group(group, user.pk, by=user)
    assert changes_of("error_group.assign") == {"assigned_to": [None, "ada@example.test"]}
    snooze_group(group, timezone.now() + timedelta(hours=1), by=user)
    assert changes_of("error_group.snooze")["status"] == ["open", "snoozed"]
    resolve_group(group, by=user)
    assert changes_of("error_group.resolve")["status"] == ["snoozed", "resolved"]
    reopen_group(group, by=user)
    assert changes_of("error_group.reopen") == {"status": ["resolved", "open"]}


def test_of_members_and_keys() -> None:
    workspace = make_workspace()
    user = make_user(workspace)
    member = make_member(workspace, make_user(), "viewer")
    change_role(member, Role.EDITOR, by=user)
    assert changes_of("member.change_role") == {"role": ["viewer", "editor"]}
    key, text = make_api_key(workspace, "operator", name="CI")
    assert changes_of("api_key.create") == {"name": [None, "CI"], "role": [None, "operator"]}
    revoke_api_key(key, by=user)
    assert list(changes_of("api_key.revoke")) == ["revoked_at"]
    assert text not in str(list(AuditEntry.objects.values_list("detail", "object_name")))


def test_values_of_credentials_and_variables_are_never_told() -> None:
    workspace = make_workspace()
    create_credential(workspace, "Shop", "http_bearer", {"token": "s3cret"}, by=make_user())
    make_variable(workspace, "shop", "s3cret too")
    assert changes_of("credential.create")["values.token"] == [None, "not shown"]
    assert changes_of("variable.create")["value"] == [None, "not shown"]
    assert "s3cret" not in str(list(AuditEntry.objects.values_list("detail", flat=True)))
