"""Activating and publishing make the addresses of webhook nodes answer."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from apps.engine.errors import FaultsError
from apps.triggers.models import WebhookEndpoint
from apps.versions.publish import publish_version
from apps.workflows.activate import activate_workflow, archive_workflow, deactivate_workflow
from apps.workflows.models import Workflow
from tests.clients import ApiClient, faults
from tests.factories import make_user, make_version, make_workflow
from tests.graphs import Document, graph, node

pytestmark = pytest.mark.django_db


def hook(id: str, path: str, method: str = "POST", **members: Any) -> Document:
    return node(id, "webhook", params={"path": path, "method": method}, **members)


def published(*hooks: Document, workflow: Workflow | None = None) -> Workflow:
    """A workflow whose published version has these hooks."""
    version = make_version(workflow, graph([*hooks, node("end")]))
    workflow = publish_version(version, by=None)
    if workflow.is_active:
        workflow.refresh_from_db()
    return workflow


def active(*hooks: Document) -> Workflow:
    workflow = published(*hooks)
    activate_workflow(workflow, by=None)
    return workflow


def live() -> set[str]:
    return {str(endpoint) for endpoint in WebhookEndpoint.objects.filter(is_live=True)}


def test_only_an_active_workflow_has_live_addresses() -> None:
    workflow = published(hook("a", "orders"), hook("b", "orders", "GET"))
    assert live() == set()
    activate_workflow(workflow, by=None)
    assert live() == {"POST /hooks/orders", "GET /hooks/orders"}
    deactivate_workflow(workflow, by=None)
    assert live() == set()


def test_an_archived_workflow_stops() -> None:
    workflow = active(hook("a", "orders"))
    archive_workflow(workflow, by=None)
    assert live() == set()


def test_a_disabled_node_is_not_live() -> None:
    active(hook("a", "orders", disabled=True), hook("b", "others"))
    assert live() == {"POST /hooks/others"}


def test_publishing_moves_the_address_and_keeps_the_endpoint() -> None:
    workflow = active(hook("a", "orders"))
    endpoint = WebhookEndpoint.objects.get()
    published(hook("a", "orders-2"), workflow=workflow)
    assert live() == {"POST /hooks/orders-2"}
    assert WebhookEndpoint.objects.get().pk == endpoint.pk


def test_publishing_adds_and_stops_what_came_and_went() -> None:
    workflow = active(hook("a", "one"), hook("b", "two"))
    published(hook("b", "two"), hook("c", "three"), workflow=workflow)
    assert live() == {"POST /hooks/two", "POST /hooks/three"}


def test_two_nodes_may_exchange_their_addresses() -> None:
    workflow = active(hook("a", "one"), hook("b", "two"))
    published(hook("a", "two"), hook("b", "one"), workflow=workflow)
    assert {e.node_id: e.path for e in WebhookEndpoint.objects.all()} == {"a": "two", "b": "one"}
    assert live() == {"POST /hooks/one", "POST /hooks/two"}


def test_rolling_back_brings_the_old_address_back() -> None:
    workflow = active(hook("a", "one"))
    first = workflow.versions.get(version=workflow.version)
    published(hook("a", "two"), workflow=workflow)
    publish_version(first, by=None)
    assert live() == {"POST /hooks/one"}


def test_publishing_makes_nothing_live_while_the_workflow_sleeps() -> None:
    published(hook("a", "two"), workflow=published(hook("a", "one")))
    assert live() == set()


def test_an_address_that_is_taken_keeps_a_workflow_from_becoming_active() -> None:
    active(hook("a", "orders"))
    workflow = published(hook("x", "free"), hook("y", "orders"))
    with pytest.raises(FaultsError) as refused:
        activate_workflow(workflow, by=None)
    assert [(fault.path, fault.code) for fault in refused.value.faults] == [
        ("nodes[1].params.path", "address_taken")
    ]
    workflow.refresh_from_db()
    assert not workflow.is_active
    assert live() == {"POST /hooks/orders"}


def test_every_address_that_is_taken_is_told() -> None:
    active(hook("a", "one"), hook("b", "two"))
    workflow = published(hook("a", "two"), hook("b", "one"))
    client = ApiClient(make_user(workflow.workspace, "editor"))
    answer = client.post(f"workflows/{workflow.pk}/activate")
    assert answer.status_code == 422
    assert faults(answer) == [
        ("nodes[0].params.path", "address_taken"),
        ("nodes[1].params.path", "address_taken"),
    ]


def test_publishing_an_address_that_is_taken_changes_nothing() -> None:
    active(hook("a", "orders"))
    workflow = active(hook("a", "mine"))
    before = workflow.version
    with pytest.raises(FaultsError):
        published(hook("a", "orders"), workflow=workflow)
    workflow.refresh_from_db()
    assert workflow.version == before
    assert live() == {"POST /hooks/orders", "POST /hooks/mine"}


def test_the_same_path_by_another_method_is_another_address() -> None:
    active(hook("a", "orders"))
    active(hook("a", "orders", "PUT"))
    assert live() == {"POST /hooks/orders", "PUT /hooks/orders"}


def test_an_address_is_free_again_once_its_workflow_stops() -> None:
    first = active(hook("a", "orders"))
    deactivate_workflow(first, by=None)
    active(hook("a", "orders"))
    with pytest.raises(FaultsError):
        activate_workflow(first, by=None)


def several(id: str, path: str, *methods: str) -> Document:
    first, *more = methods
    return node(id, "webhook", params={"path": path, "method": first, "more_methods": more})


def test_a_node_answers_to_each_of_its_methods() -> None:
    workflow = active(several("a", "orders", "POST", "PUT", "GET"))
    assert live() == {"POST /hooks/orders", "PUT /hooks/orders", "GET /hooks/orders"}
    published(several("a", "orders", "PUT"), workflow=workflow)
    assert live() == {"PUT /hooks/orders"}


def test_a_node_takes_none_of_its_addresses_if_one_is_taken() -> None:
    active(hook("a", "orders", "PUT"))
    workflow = published(several("a", "orders", "POST", "PUT"))
    with pytest.raises(FaultsError) as refused:
        activate_workflow(workflow, by=None)
    assert [(fault.path, fault.code) for fault in refused.value.faults] == [
        ("nodes[0].params.path", "address_taken")
    ]
    assert live() == {"PUT /hooks/orders"}


def path_of(workflow: Workflow) -> str:
    [path] = {row.path for row in workflow.webhook_endpoints.filter(is_live=True)}
    return path


def test_a_node_without_a_path_gets_one_that_nobody_can_guess() -> None:
    first, second = active(several("a", "", "POST", "PUT")), active(hook("a", ""))
    assert len(path_of(first)) >= 20
    assert path_of(first) != path_of(second)


def test_a_generated_path_stays_the_nodes_own() -> None:
    workflow = active(hook("a", ""))
    path = path_of(workflow)
    deactivate_workflow(workflow, by=None)
    activate_workflow(workflow, by=None)
    assert path_of(workflow) == path
    published(several("a", "", "PUT", "GET"), workflow=workflow)
    assert path_of(workflow) == path
    published(hook("a", "named", "GET"), workflow=workflow)
    assert path_of(workflow) == "named"
    published(hook("a", "", "GET"), workflow=workflow)
    assert path_of(workflow) == path


def test_the_api_tells_the_path_that_was_made(settings: Any) -> None:
    settings.HOOKS_URL = "https://hooks.example"
    workflow = active(several("a", "", "POST", "PUT"))
    active(hook("a", "orders"))
    client = ApiClient(make_user(workflow.workspace, "viewer"))
    told = client.get(f"hooks?workflow={workflow.pk}").json()["results"]
    url = f"https://hooks.example/hooks/{path_of(workflow)}"
    assert [(hook["node"], hook["url"], hook["is_live"]) for hook in told] == [("a", url, True)] * 2
    assert {hook["method"] for hook in told} == {"POST", "PUT"}


def test_each_node_has_a_path_of_its_own() -> None:
    active(hook("a", ""), hook("b", ""))
    assert len(live()) == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_an_address_at_the_same_time_one_is_refused() -> None:
    workflows = [published(hook("a", "orders"), workflow=make_workflow()) for _ in range(3)]
    begin = threading.Barrier(len(workflows))

    def activate(workflow: Workflow) -> str:
        begin.wait()
        try:
            activate_workflow(workflow, by=None)
            return "active"
        except FaultsError as refused:
            return refused.faults[0].code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(workflows)) as pool:
        outcomes = sorted(pool.map(activate, workflows))
    assert outcomes == ["active", "address_taken", "address_taken"]
    assert live() == {"POST /hooks/orders"}


@pytest.mark.django_db(transaction=True)
def test_who_take_the_same_addresses_in_opposite_order_do_not_block_each_other() -> None:
    hooks = [hook(f"n{number}", f"path-{number}") for number in range(30)]
    workflows = [
        published(*hooks, workflow=make_workflow()),
        published(*reversed(hooks), workflow=make_workflow()),
    ]
    begin = threading.Barrier(len(workflows))

    def activate(workflow: Workflow) -> str:
        begin.wait()
        try:
            activate_workflow(workflow, by=None)
            return "active"
        except FaultsError as refused:
            paths = [fault.path for fault in refused.faults]
            assert paths == [f"nodes[{place}].params.path" for place in range(len(hooks))]
            return "refused"
        finally:
            connection.close()

    with ThreadPoolExecutor(len(workflows)) as pool:
        assert sorted(pool.map(activate, workflows)) == ["active", "refused"]
