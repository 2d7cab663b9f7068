"""What nobody reads is refused on every route: dropped, it would silently do nothing."""

from typing import Any

import pytest
from django.urls import reverse

from apps.runs.models import Run
from tests.api.routes import API_ROUTES, SUPERUSERS, Scene, SignedIn
from tests.clients import ApiClient, faults
from tests.factories import make_user

pytestmark = pytest.mark.django_db

FORMS = {"admin_password_reset", "password_reset_confirm"}
"""Pages whose forms browsers send: their fields are ours."""
WRITING = [
    pytest.param(name, method, id=f"{method} {name}")
    for name, route in API_ROUTES.items()
    for method in route.methods
    if method in {"POST", "PUT", "PATCH"} and name not in FORMS
]
READING = [
    name
    for name, route in API_ROUTES.items()
    if "GET" in route.methods and name not in {"web_app", "docs", "schema", "echo", "payload"}
]


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture
def client(scene: Scene) -> ApiClient:
    return ApiClient(make_user(scene.workspace))


def path_of(name: str, scene: Scene) -> str:
    kwargs = dict(API_ROUTES[name].kwargs(scene))
    kwargs.pop("query", None)
    return reverse(name, kwargs=kwargs)


@pytest.mark.parametrize(("name", "method"), WRITING)
def test_every_body_refuses_a_key_that_nobody_reads(
    name: str, method: str, scene: Scene, client: ApiClient
) -> None:
    entry = API_ROUTES[name].methods[method]
    body = (
        entry.body if isinstance(entry, SignedIn) else getattr(entry, "body", lambda _: None)(scene)
    )
    if entry is SUPERUSERS:
        client = ApiClient(make_user(is_superuser=True))
    answer = client.send(method, path_of(name, scene), {**(body or {}), "unheard_of": 1})
    assert answer.status_code == 422
    assert ("unheard_of", "unknown_key") in faults(answer)


@pytest.mark.parametrize("name", READING)
def test_every_list_refuses_a_parameter_that_nobody_reads(
    name: str, scene: Scene, client: ApiClient
) -> None:
    path = path_of(name, scene)
    if is_list(client.get(path)):
        answer = client.get(f"{path}?unheard_of=1")
        assert answer.status_code == 422
        assert faults(answer) == [("unheard_of", "unknown_parameter")]


def is_list(answer: Any) -> bool:
    return "json" in answer["Content-Type"] and "results" in answer.json()


def test_a_key_that_is_nearly_right_is_told_and_nothing_is_made(
    scene: Scene, client: ApiClient
) -> None:
    runs = Run.objects.count()
    answer = client.post(f"workflows/{scene.workflow.pk}/runs", {"inputs": {"n": 1}, "version": 0})
    assert faults(answer) == [("version", "invalid"), ("inputs", "unknown_key")]
    sentence = answer.json()["errors"][1]["message"]
    assert sentence == "There is no key “inputs” here. Did you mean “input”?"
    assert Run.objects.count() == runs


def test_a_parameter_that_is_nearly_right_is_told(client: ApiClient) -> None:
    answer = client.get("runs?statsu=failed")
    assert answer.json()["detail"] == (
        "There is no parameter “statsu” here. Did you mean “status”?"
    )


def test_a_flood_of_unknown_keys_is_told_in_part(client: ApiClient) -> None:
    answer = client.post("workflows", {"name": "x", **{f"key{n}": n for n in range(60)}})
    told = faults(answer)
    assert len(told) == 51
    assert told[-1] == ("", "more_faults")


@pytest.mark.parametrize(
    ("query", "paths"),
    [
        ("runs?limit=x&status=bogus&nothing=1&cursor=x", {"limit", "status", "nothing", "cursor"}),
        ("workflows?status=bogus&ordering=foo", {"status", "ordering"}),
        ("workflows?workspace=x&limit=0", {"workspace", "limit"}),
    ],
)
def test_all_faults_of_a_query_come_at_once(client: ApiClient, query: str, paths: set[str]) -> None:
    answer = client.get(query)
    assert {path for path, _ in faults(answer)} == paths
    assert answer.json()["detail"] == f"The request has {len(paths)} faults."


def test_a_list_of_steps_includes_only_what_is_known(scene: Scene, client: ApiClient) -> None:
    answer = client.get(f"runs/{scene.ended_run.pk}/steps?include=payload&limit=x")
    assert faults(answer) == [("include", "unknown"), ("limit", "out_of_range")]


def test_a_diff_is_not_made_against_a_version_that_was_not_meant(
    scene: Scene, client: ApiClient
) -> None:
    answer = client.get(f"workflows/{scene.workflow.pk}/versions/1/diff?agianst=1&against=x")
    assert faults(answer) == [("agianst", "unknown_parameter"), ("against", "invalid")]
