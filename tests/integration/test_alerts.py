"""Operators are told by mail of a failed run, though who executed it was killed."""

import signal
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller

from tests.integration import flows
from tests.integration.cluster import Cluster
from tests.integration.effects import EffectServer
from tests.nodes.smtp import Keeper
from tests.services import free_port, wait_for

pytestmark = pytest.mark.integration


@pytest.fixture
def post() -> Iterator[Controller]:
    """A mail server on loopback, with a thread of its own, that keeps what it takes."""
    server = Controller(Keeper(), hostname="127.0.0.1", port=free_port())
    server.start()
    yield server
    server.stop()


def test_a_run_whose_worker_was_killed_is_told_by_mail(
    cluster: Cluster, effects: EffectServer, post: Controller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker dies in an effect that may not be repeated; another one ends the run as failed,
    and whoever lives looks and sends."""
    monkeypatch.setitem(cluster.environment, "EMAIL_URL", f"smtp://127.0.0.1:{post.port}")
    for part in cluster.wanted:
        cluster.parts[part].end(signal.SIGTERM)
    cluster.mend()
    workflow = cluster.workflow(flows.held("alerting", effects, "fail"), "Alerting")
    rule = make_rule(cluster, workflow)
    run = cluster.hook("alerting", {})
    wait_for(lambda: effects.begun_by(run))
    cluster.kill(cluster.worker_of(run))
    ended = cluster.ended(run)
    assert (ended["status"], ended["error_code"]) == ("failed", "worker_lost")

    wait_for(lambda: statuses(cluster, rule) == ["sent"], seconds=60)
    [taken] = post.handler.taken
    assert taken.recipients == ["ops@example.org"]
    assert taken.message["Subject"] == "[FlowForge] Orders: 1 run failed within 10 min"
    assert run in taken.message.get_content()
    cluster.api("DELETE", f"alerts/rules/{rule}")
    effects.release()


def make_rule(cluster: Cluster, workflow: str) -> str:
    known = cluster.api("GET", f"workflows/{workflow}")
    rule = {
        "workspace": known["workspace"],
        "kind": "run_failed",
        "name": "Orders",
        "workflow": workflow,
        "emails": ["ops@example.org"],
    }
    return str(cluster.api("POST", "alerts/rules", rule)["id"])


def statuses(cluster: Cluster, rule: str) -> list[str]:
    found = cluster.api("GET", f"alerts/deliveries?rule={rule}")["results"]
    return [delivery["status"] for delivery in found]
