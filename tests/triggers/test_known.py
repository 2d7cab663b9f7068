"""What is known of an address from the last hook is believed only if it is still so."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.runs.models import Run
from apps.runs.plans import known_version
from apps.triggers.errors import RefusedError
from apps.triggers.hooks import known
from apps.triggers.hooks.addresses import endpoints_at
from apps.triggers.hooks.receive import Accepted, Outcome, receive_all
from apps.triggers.hooks.request import HookRequest
from apps.triggers.models import WebhookRequest
from apps.versions.publish import publish_version
from apps.workflows.activate import activate_workflow, deactivate_workflow
from apps.workflows.models import Workflow
from tests.factories import make_version
from tests.graphs import graph, node

pytestmark = pytest.mark.django_db


def hook(id: str = "in", **params: Any) -> dict[str, Any]:
    return node(id, "webhook", params={"path": "orders", **params})


def publish(*hooks: dict[str, Any], workflow: Workflow | None = None) -> Workflow:
    version = make_version(workflow, graph([*hooks, node("end")]))
    published = publish_version(version, by=None)
    activate_workflow(published, by=None)
    return published


@pytest.fixture
def workflow(monkeypatch: pytest.MonkeyPatch) -> Workflow:
    """One that listens to POST at `orders`, which a hook has come to."""
    monkeypatch.setattr(known, "_known", {})
    workflow = publish(hook())
    assert isinstance(received(), Accepted)
    assert known.recall({("orders",)})
    return workflow


def received(method: str = "POST", **headers: str) -> Outcome:
    [outcome] = receive_all([HookRequest(method, ("orders",), "", headers, b"{}")])
    return outcome


def test_a_hook_to_a_known_address_costs_no_look_at_it(workflow: Workflow) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert isinstance(received(), Accepted)
    looks = [q["sql"] for q in asked if "endpoint.node_id" in q["sql"]]
    assert looks == []
    assert Run.objects.count() == WebhookRequest.objects.count() == 2


def test_a_hook_to_an_address_that_stopped_starts_nothing(workflow: Workflow) -> None:
    deactivate_workflow(workflow, by=None)
    outcome = received()
    assert isinstance(outcome, RefusedError)
    assert outcome.status == 404
    assert Run.objects.count() == WebhookRequest.objects.count() == 1


def test_a_hook_to_a_workflow_that_is_gone_starts_nothing(workflow: Workflow) -> None:
    Run.objects.all().delete()
    Workflow.objects.filter(pk=workflow.pk).delete()
    known_version.cache_clear()
    outcome = received()
    assert isinstance(outcome, RefusedError)
    assert outcome.status == 404


def test_a_hook_starts_the_version_that_is_published_now(workflow: Workflow) -> None:
    version = make_version(workflow, graph([hook(), node("other")]))
    publish_version(version, by=None)
    outcome = received()
    assert isinstance(outcome, Accepted)
    assert outcome.run.version.pk == version.pk


def change_nothing(workflow: Workflow) -> None:
    """It listens to POST alone."""


def also_listen_to_put(workflow: Workflow) -> None:
    publish(hook("put", method="PUT"))


@pytest.mark.parametrize(
    ("change", "is_taken"), [(change_nothing, False), (also_listen_to_put, True)]
)
def test_another_method_is_looked_up(
    workflow: Workflow, change: Callable[[Workflow], None], is_taken: bool
) -> None:
    change(workflow)
    assert isinstance(received("PUT"), Accepted) is is_taken
    assert isinstance(received(), Accepted)


def test_who_was_let_in_before_is_not_once_that_has_changed(workflow: Workflow) -> None:
    publish(hook(ip_allow=["192.0.2.1"]), workflow=workflow)
    outcome = received()
    assert isinstance(outcome, RefusedError)
    assert outcome.status == 403


def test_who_was_not_let_in_before_is_once_that_has_changed(workflow: Workflow) -> None:
    publish(hook(ip_allow=["192.0.2.1"]), workflow=workflow)
    assert isinstance(received(), RefusedError)
    publish(hook(), workflow=workflow)
    assert isinstance(received(), Accepted)


def test_what_comes_again_is_not_answered_for_an_address_that_stopped(workflow: Workflow) -> None:
    publish(hook(dedup_key="={{ $json.headers.id }}"), workflow=workflow)
    assert isinstance(received(id="7"), Accepted)
    deactivate_workflow(workflow, by=None)
    assert isinstance(received(id="7"), RefusedError)


def test_an_address_moves_to_another_workflow(workflow: Workflow) -> None:
    deactivate_workflow(workflow, by=None)
    other = publish(hook())
    outcome = received()
    assert isinstance(outcome, Accepted)
    assert outcome.run.version.workflow_id == other.pk


def test_addresses_with_names_are_not_known(workflow: Workflow) -> None:
    publish(node("named", "webhook", params={"path": "orders/:id"}))
    parts = ("orders", "7")
    receive_all([HookRequest("POST", parts, "", {}, b"{}")])
    assert endpoints_at({parts})
    assert known.recall({parts}) is None


def test_no_more_is_known_than_some(workflow: Workflow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "MOST", 1)
    publish(hook("second", path="others"))
    receive_all([HookRequest("POST", ("others",), "", {}, b"{}")])
    assert known.recall({("orders",)}) is None
    assert known.recall({("others",)})
