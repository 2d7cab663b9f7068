"""Every error is a problem with paths; bad input is never a 500 and never stored."""

from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings

from apps.workflows.models import Workflow
from tests.clients import ApiClient, faults
from tests.factories import make_api_key, make_user, make_workflow, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> ApiClient:
    return ApiClient(make_api_key()[1])


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "not_json"),
        (b"", 422, "missing"),
        (b"nope", 400, "not_json"),
        (b'{"name": NaN}', 400, "not_json"),
        (b'{"name": 1e999}', 400, "not_json"),
        (b'{"name": "\xff"}', 400, "not_utf8"),
        (b'{"name": "a\tb"}', 400, "not_json"),
        (b"[" * 300 + b"]" * 300, 400, "too_deep"),
        (b'{"name": ' + b"9" * 5000 + b"}", 400, "not_json"),
        (b"[]", 422, "invalid"),
        (b"null", 422, "null"),
        (b'"name"', 422, "invalid"),
        (b"{}", 422, "missing"),
        (b'{"name": null}', 422, "null"),
        (b'{"name": 5}', 422, "invalid"),
        (b'{"name": true}', 422, "invalid"),
        (b'{"name": ["x"]}', 422, "invalid"),
        (b'{"name": {"x": 1}}', 422, "invalid"),
        (b'{"name": ""}', 422, "blank"),
        (b'{"name": " \\t\\u00a0"}', 422, "blank"),
        (b'{"name": "a\\u0000b"}', 422, "null_characters_not_allowed"),
        (b'{"name": "' + b"x" * 201 + b'"}', 422, "max_length"),
    ],
)
def test_a_bad_body_is_named_and_nothing_is_stored(
    client: ApiClient, body: bytes, status: int, code: str
) -> None:
    answer = client.post("workflows", body)
    assert answer.status_code == status
    assert code in [code for _, code in faults(answer)]
    assert not Workflow.objects.exists()


def test_half_a_character_becomes_the_replacement_character(client: ApiClient) -> None:
    answer = client.post("workflows", b'{"name": "a\\ud800b"}')
    assert answer.json()["name"] == "a\ufffdb"
    pair = client.post("workflows", b'{"name": "\\ud83d\\ude00"}')
    assert pair.json()["name"] == "😀"


def test_of_duplicate_keys_the_last_counts(client: ApiClient) -> None:
    assert client.post("workflows", b'{"name": "a", "name": "b"}').json()["name"] == "b"


def test_a_body_over_the_limit_is_413(client: ApiClient) -> None:
    body = b'{"name": "' + b"x" * settings.MAX_BODY_BYTES + b'"}'
    answer = client.post("workflows", body)
    assert answer.status_code == 413
    assert faults(answer) == [("", "request_entity_too_large")]


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "\xff/json"],
)
def test_what_is_not_sent_as_json_is_415(client: ApiClient, content_type: str) -> None:
    answer = client.post("workflows", b'{"name": "x"}', content_type=content_type)
    assert answer.status_code == 415
    assert faults(answer) == [("", "unsupported_media_type")]


def test_a_wrong_method_is_405(client: ApiClient) -> None:
    answer = client.delete("workflows")
    assert answer.status_code == 405
    assert faults(answer) == [("", "method_not_allowed")]
    assert client.send("OPTIONS", "workflows").status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "nothing",
        "workflows/",
        "workflows/not-a-uuid",
        "workflows/00000000-0000-0000-0000-000000000000",
        "workflows/%00",
        "workflows/../../etc/passwd",
    ],
)
def test_what_is_not_there_is_a_404_problem(client: ApiClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert faults(answer) == [("", "not_found")]


@pytest.mark.parametrize("number", ["0", "2147483648", "9" * 19, "9" * 4000, "-1", "1.0"])
def test_a_version_number_beyond_all_bounds_is_404(number: str) -> None:
    workflow = make_workflow()
    client = ApiClient(make_user(workflow.workspace))
    assert client.get(f"workflows/{workflow.pk}/versions/{number}").status_code == 404


@pytest.mark.parametrize("revision", ["1", 1.0, True, None, -1, 2**31, 10**30, [], {}])
def test_a_revision_is_a_whole_number(revision: Any) -> None:
    workflow = make_workflow()
    client = ApiClient(make_user(workflow.workspace))
    body = {"graph": workflow.draft_graph, "revision": revision}
    answer = client.put(f"workflows/{workflow.pk}/draft", body)
    assert answer.status_code == 422
    assert [path for path, _ in faults(answer)] == ["revision"]


def test_all_faults_of_a_request_come_at_once(client: ApiClient) -> None:
    workspace = make_workspace()
    answer = ApiClient(make_user(workspace)).post(
        f"workspaces/{workspace.pk}/members", {"email": "x", "role": "king"}
    )
    assert faults(answer) == [("email", "invalid"), ("role", "invalid_choice")]
    assert answer.json()["detail"] == "The request has 2 faults."


@pytest.mark.parametrize("query", ["search=%00", "search=%ff", "workspace=%00", "status=%F0%9F"])
def test_odd_filters_are_no_500(client: ApiClient, query: str) -> None:
    assert client.get(f"workflows?{query}").status_code in {200, 422}


def test_a_fault_of_our_own_is_a_problem_without_a_traceback(
    client: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **options: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("apps.workflows.api.create_workflow", fail)
    answer = client.post("workflows", {"name": "x"})
    assert answer.status_code == 500
    assert faults(answer) == [("", "internal_server_error")]
    assert "secret" not in answer.content.decode()


@override_settings(ALLOWED_HOSTS=["flow.example.test"])
def test_a_host_that_is_not_ours_is_a_400_problem(client: ApiClient) -> None:
    assert client.get("me").status_code == 400
    assert faults(client.get("me")) == [("", "bad_request")]


def test_who_is_not_known_is_told_how_to_come_in() -> None:
    detail = ApiClient().get("workflows").json()["detail"]
    assert detail == "Sign in, or send an API key: Authorization: Bearer ff_…"


@pytest.mark.parametrize(
    ("path", "choices"),
    [
        ("workflows?status=done", "draft, active, archived"),
        ("runs?status=done", "pending, running, waiting, completed, failed, cancelled"),
        ("runs?trigger=me", "manual, api, webhook, form, schedule, retry, child"),
    ],
)
def test_a_wrong_choice_of_a_filter_names_those_there_are(
    client: ApiClient, path: str, choices: str
) -> None:
    assert choices in client.get(path).json()["detail"]


def test_a_wrong_choice_in_a_body_names_those_there_are() -> None:
    workspace = make_workspace()
    path = f"workspaces/{workspace.pk}/api-keys"
    detail = ApiClient(make_user(workspace)).post(path, {"role": "owner"}).json()["detail"]
    assert detail == "Must be one of viewer, operator, editor, admin."
