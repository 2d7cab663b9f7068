"""Two at the same time: what must happen once happens once, on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from apps.versions.models import WorkflowVersion
from apps.workflows.models import Workflow
from apps.workspaces.models import Membership
from tests.clients import ApiClient
from tests.factories import make_api_key, make_user, make_workflow, make_workspace
from tests.graphs import chain

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(deeds: list[Callable[[], Any]]) -> list[Any]:
    barrier = Barrier(len(deeds))

    def run(deed: Callable[[], Any]) -> Any:
        barrier.wait(timeout=10)
        try:
            return deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


def test_one_idempotency_key_makes_one_workflow() -> None:
    _, text = make_api_key()
    headers = {"Idempotency-Key": "k"}

    def post() -> Any:
        return ApiClient(text).post("workflows", {"name": "One"}, headers=headers)

    answers = at_once([post] * 6)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert Workflow.objects.count() == 1


def test_versions_saved_at_once_get_numbers_without_a_gap() -> None:
    workflow = make_workflow()
    user = make_user(workflow.workspace)

    def save(last: str) -> Any:
        body = {"graph": chain("start", last)}
        return ApiClient(user).post(f"workflows/{workflow.pk}/versions", body)

    answers = at_once([lambda last=last: save(last) for last in ("a", "b", "b", "c")])
    assert sorted(answer.status_code for answer in answers) == [200, 201, 201, 201]
    numbers = WorkflowVersion.objects.values_list("version", flat=True)
    assert sorted(numbers) == [1, 2, 3]


def test_of_two_drafts_saved_at_once_one_is_a_conflict() -> None:
    workflow = make_workflow()
    user = make_user(workflow.workspace)

    def put(last: str) -> Any:
        body = {"graph": chain("start", last), "revision": 0}
        return ApiClient(user).put(f"workflows/{workflow.pk}/draft", body)

    answers = at_once([lambda: put("a"), lambda: put("b")])
    assert sorted(answer.status_code for answer in answers) == [200, 409]


def test_two_admins_who_leave_at_once_leave_one() -> None:
    workspace = make_workspace()
    users = [make_user(workspace), make_user(workspace)]

    def leave(user: Any) -> Any:
        membership = Membership.objects.get(user=user)
        return ApiClient(user).delete(f"workspaces/{workspace.pk}/members/{membership.pk}")

    answers = at_once([lambda user=user: leave(user) for user in users])
    assert sorted(answer.status_code for answer in answers) == [204, 409]
