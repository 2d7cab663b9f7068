"""What happens to an effect whose worker was killed under it: what its node says."""

import signal
from typing import Any

import pytest

from tests.installation import Installation
from tests.integration import flows
from tests.integration.effects import EffectServer
from tests.services import wait_for

pytestmark = pytest.mark.integration

POLICIES = {"again": "run_again", "fail": "fail", "ask_1": "ask", "ask_2": "ask", "ask_3": "ask"}


@pytest.fixture(scope="module")
def runs(house: Installation, effects: EffectServer) -> dict[str, str]:
    """One run for each policy, all killed in the middle of their effect, and the server back."""
    server = house.processes[-1]
    if server.popen.poll() is not None:
        server = house.serve()
    effects.hold()
    for path, policy in POLICIES.items():
        house.workflow(flows.held(path, effects, policy), path)
    runs = {path: house.hook(path, {}) for path in POLICIES}
    for run in runs.values():
        wait_for(lambda run=run: effects.begun_by(run))
    server.end(signal.SIGKILL)
    effects.release()
    house.serve()
    return runs


def effect(house: Installation, run: str) -> dict[str, Any]:
    steps = house.api("GET", f"runs/{run}/steps?include=payloads")["results"]
    return next(step for step in steps if step["node"] == "effect")


def decide(house: Installation, run: str, **decision: Any) -> dict[str, Any]:
    """Wait until the run asks, decide, and give the run when it has ended."""
    wait_for(lambda: house.run(run)["waiting_for"])
    shown = house.run(run)
    assert shown["status"] == "waiting"
    assert [(wait["node"], wait["for"]) for wait in shown["waiting_for"]] == [
        ("effect", "decision")
    ]
    house.api("POST", f"runs/{run}/resume", {"step": effect(house, run)["id"], **decision})
    return house.ended(run)


def test_run_again_makes_another_attempt(
    house: Installation, effects: EffectServer, runs: dict[str, str]
) -> None:
    run = runs["again"]
    assert house.ended(run)["status"] == "completed"
    assert effects.begun_by(run) == {"effect:0": 2}
    assert [attempt.get("error", {}).get("code") for attempt in effect(house, run)["attempts"]] == [
        "worker_lost",
        None,
    ]


def test_fail_ends_the_run_and_repeats_nothing(
    house: Installation, effects: EffectServer, runs: dict[str, str]
) -> None:
    ended = house.ended(runs["fail"])
    assert (ended["status"], ended["error_code"]) == ("failed", "worker_lost")
    assert effects.begun_by(runs["fail"]) == {"effect:0": 1}


def test_ask_may_be_told_to_run_again(
    house: Installation, effects: EffectServer, runs: dict[str, str]
) -> None:
    run = runs["ask_1"]
    ended = decide(house, run, decision="run_again")
    assert ended["status"] == "completed"
    assert effects.begun_by(run) == {"effect:0": 2}


def test_ask_may_be_told_to_fail(
    house: Installation, effects: EffectServer, runs: dict[str, str]
) -> None:
    run = runs["ask_2"]
    ended = decide(house, run, decision="fail", comment="It was not sent")
    assert (ended["status"], ended["error_code"]) == ("failed", "worker_lost")
    assert effects.begun_by(run) == {"effect:0": 1}


def test_ask_may_be_told_what_the_effect_gave(
    house: Installation, effects: EffectServer, runs: dict[str, str]
) -> None:
    run = runs["ask_3"]
    ended = decide(house, run, decision="use", items=[{"json": {"seen": "by hand"}}])
    assert ended["status"] == "completed"
    output = effect(house, run)["output_json"]["main"]
    assert [item["json"] for item in output] == [{"seen": "by hand"}]
    assert effects.begun_by(run) == {"effect:0": 1}
