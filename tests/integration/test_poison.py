"""Whose workers are told to stop, or die, again and again: who ends for it, and who does not."""

import signal
from collections.abc import Iterator
from typing import Any

import pytest

from tests.graphs import graph, node
from tests.installation import Installation
from tests.integration import flows
from tests.integration.effects import EffectServer
from tests.migrated import migrated_sqlite
from tests.services import wait_for

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def poisoned(
    tmp_path_factory: pytest.TempPathFactory, effects: EffectServer
) -> Iterator[Installation]:
    """A one-process server that stops quickly, with the workflows `held` and `deadly`."""
    folder = tmp_path_factory.mktemp("poisoned")
    with Installation(folder, migrated_sqlite(folder)) as house:
        house.environment |= {
            "EGRESS_ALLOW": f"{house.environment['EGRESS_ALLOW']},{effects.address}",
            "DRAIN_S": "0.5",
        }
        house.serve()
        house.workflow(flows.held("held", effects, "run_again"), "Held")
        alarm = house.workflow(graph([node("failed", "error")]), "Alarm")
        house.workflow(flows.deadly("deadly", effects, error_workflow=alarm), "Deadly")
        yield house


@pytest.fixture
def house(poisoned: Installation, effects: EffectServer) -> Installation:
    """It runs, whatever the test before did to it."""
    effects.hold()
    if poisoned.processes[-1].popen.poll() is not None:
        poisoned.serve()
    return poisoned


def attempts(house: Installation, run: str, node: str) -> int:
    steps = house.api("GET", f"runs/{run}/steps")["results"]
    return next(len(step["attempts"]) for step in steps if step["node"] == node)


def failures_told(house: Installation) -> list[Any]:
    """What error workflows were told, once they were told something."""
    wait_for(lambda: house.api("GET", "runs?trigger=error")["results"])
    told = []
    for run in house.api("GET", "runs?trigger=error")["results"]:
        house.ended(run["id"])
        [step] = house.api("GET", f"runs/{run['id']}/steps?include=payloads")["results"]
        told += [item["json"] for item in step["output_json"]["main"]]
    return told


def test_workers_that_are_told_to_stop_count_as_no_deaths(
    house: Installation, effects: EffectServer
) -> None:
    run = house.hook("held", {})
    for stops in range(1, 4):
        wait_for(lambda stops=stops: effects.begun_by(run)["effect:0"] == stops)
        assert house.processes[-1].end(signal.SIGTERM) == 0
        house.serve()
    wait_for(lambda: effects.begun_by(run)["effect:0"] == 4)
    effects.release()
    assert house.ended(run)["status"] == "completed"


def test_a_deadly_step_ends_its_run_and_nothing_else(
    house: Installation, effects: EffectServer
) -> None:
    neighbour = house.hook("held", {})
    wait_for(lambda: effects.begun_by(neighbour))
    run = house.hook("deadly", {})
    for _ in range(2):
        assert house.processes[-1].popen.wait(timeout=30) == -signal.SIGKILL
        house.serve()
    # From now on it is executed in a process of its own.
    ended = house.ended(run)
    assert (ended["status"], ended["error_code"]) == ("failed", "worker_lost")
    assert effects.begun_by(run)["deadly:0"] == attempts(house, run, "deadly") == 3
    steps = house.api("GET", f"runs/{run}/steps")["results"]
    assert {step["node"]: step["status"] for step in steps} == {
        "hook": "completed",
        "beside": "failed",
        "deadly": "failed",
    }
    assert house.processes[-1].popen.poll() is None
    [told] = failures_told(house)
    assert (told["run"], told["node"]["id"], told["error"]["code"]) == (
        run,
        "deadly",
        "worker_lost",
    )
    effects.release()
    assert house.ended(neighbour)["status"] == "completed"
    # Three times, or two where the second server died before it had come to the neighbour.
    assert effects.begun_by(neighbour)["effect:0"] in (2, 3)


def test_a_run_that_is_executed_alone_is_cancelled_and_handed_back_like_others(
    house: Installation, effects: EffectServer
) -> None:
    runs = [house.hook("held", {}) for _ in range(2)]
    for deaths in range(1, 3):
        for run in runs:
            wait_for(lambda run=run, n=deaths: effects.begun_by(run)["effect:0"] == n)
        house.processes[-1].end(signal.SIGKILL)
        house.serve()
    cancelled, run = runs
    wait_for(lambda: effects.begun_by(cancelled)["effect:0"] == 3)
    house.api("POST", f"runs/{cancelled}/cancel")
    assert house.ended(cancelled, seconds=30)["status"] == "cancelled"
    wait_for(lambda: effects.begun_by(run)["effect:0"] == 3)
    assert house.processes[-1].end(signal.SIGTERM) == 0
    house.serve()
    wait_for(lambda: effects.begun_by(run)["effect:0"] == 4)
    # The process dies with its worker: nobody else is at it when it goes on.
    house.processes[-1].end(signal.SIGKILL)
    house.serve()
    wait_for(lambda: effects.begun_by(run)["effect:0"] == 5)
    effects.release()
    assert house.ended(run)["status"] == "completed"
    assert effects.begun_by(run) == {"effect:0": 5}
