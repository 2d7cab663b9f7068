"""`Idempotency-Key`: the first answer again, and no second deed."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from apps.workflows.models import Workflow
from apps.workspaces.idempotency import delete_expired_keys
from apps.workspaces.models import IdempotencyKey
from tests.clients import ApiClient, faults
from tests.factories import make_api_key, make_user, make_workspace

pytestmark = pytest.mark.django_db
KEY = {"Idempotency-Key": "order-1"}


def test_the_same_request_again_gets_the_first_answer() -> None:
    _, text = make_api_key()
    client = ApiClient(text)
    first = client.post("workflows", {"name": "One"}, headers=KEY)
    again = client.post("workflows", {"name": "One"}, headers=KEY)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again["Idempotency-Replayed"] == "true"
    assert Workflow.objects.count() == 1


def test_another_body_with_the_key_is_a_conflict() -> None:
    _, text = make_api_key()
    client = ApiClient(text)
    client.post("workflows", {"name": "One"}, headers=KEY)
    answer = client.post("workflows", {"name": "Two"}, headers=KEY)
    assert answer.status_code == 409
    assert faults(answer) == [("", "idempotency_key_reused")]


def test_another_path_with_the_key_is_a_conflict() -> None:
    workspace = make_workspace()
    client = ApiClient(make_user(workspace))
    client.post("workspaces", {"name": "One"}, headers=KEY)
    answer = client.post("workflows", {"name": "One"}, headers=KEY)
    assert faults(answer) == [("", "idempotency_key_reused")]


def test_a_refused_request_does_not_use_the_key_up() -> None:
    _, text = make_api_key()
    client = ApiClient(text)
    assert client.post("workflows", {"name": ""}, headers=KEY).status_code == 422
    assert client.post("workflows", {"name": "One"}, headers=KEY).status_code == 201


def test_keys_of_two_principals_have_nothing_to_do_with_each_other() -> None:
    workspace = make_workspace()
    first, second = ApiClient(make_user(workspace)), ApiClient(make_user(workspace))
    one = first.post("workflows", {"name": "One"}, headers=KEY)
    two = second.post("workflows", {"name": "Two"}, headers=KEY)
    assert (one.status_code, two.status_code) == (201, 201)


def test_after_a_day_the_key_is_new_again() -> None:
    _, text = make_api_key()
    client = ApiClient(text)
    client.post("workflows", {"name": "One"}, headers=KEY)
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        answer = client.post("workflows", {"name": "Two"}, headers=KEY)
    assert answer.status_code == 201


def test_a_secret_shown_once_is_shown_again_but_not_readable_in_the_table() -> None:
    workspace = make_workspace()
    client = ApiClient(make_user(workspace))
    path = f"workspaces/{workspace.pk}/api-keys"
    first = client.post(path, {"role": "viewer"}, headers=KEY).json()
    assert client.post(path, {"role": "viewer"}, headers=KEY).json() == first
    row = IdempotencyKey.objects.get()
    assert first["key"].encode() not in bytes(row.answer)
    assert "order-1" not in row.key_hash


def test_expired_keys_are_forgotten() -> None:
    _, text = make_api_key()
    ApiClient(text).post("workflows", {"name": "One"}, headers=KEY)
    assert delete_expired_keys(timezone.now()) == 0
    assert delete_expired_keys(timezone.now() + timedelta(hours=25)) == 1


def test_a_key_without_end_is_refused() -> None:
    _, text = make_api_key()
    answer = ApiClient(text).post(
        "workflows", {"name": "x"}, headers={"Idempotency-Key": "k" * 256}
    )
    assert faults(answer) == [("Idempotency-Key", "out_of_range")]
