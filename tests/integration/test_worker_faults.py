"""Workers that are killed, stopped, and told to end, in the middle of load."""

import random
import signal
import time
from typing import Any

import pytest

from tests.integration.cluster import Cluster
from tests.integration.crowd import Crowd
from tests.integration.effects import EffectServer
from tests.services import paused, wait_for

pytestmark = pytest.mark.integration


def test_a_killed_worker_loses_and_repeats_nothing(
    cluster: Cluster, effects: EffectServer, dice: random.Random
) -> None:
    crowd = Crowd(cluster, effects)
    time.sleep(dice.uniform(0.2, 2))
    cluster.kill(dice.choice(["worker_1", "worker_2"]))
    crowd.judge(disturbances=1)


def test_both_workers_killed_and_started_again_go_on(
    cluster: Cluster, effects: EffectServer, dice: random.Random
) -> None:
    crowd = Crowd(cluster, effects)
    time.sleep(dice.uniform(0.2, 2))
    cluster.kill("worker_1")
    cluster.kill("worker_2")
    cluster.mend()
    crowd.judge(disturbances=1)


def test_a_worker_that_was_stopped_writes_nothing_late(
    cluster: Cluster, effects: EffectServer
) -> None:
    run = cluster.hook("held", {})
    wait_for(lambda: effects.begun_by(run))
    stopped = cluster.parts[cluster.worker_of(run)]
    with paused(stopped.popen):
        wait_for(lambda: effects.begun_by(run)["effect:0"] == 2, seconds=15)
        effects.release()
        assert cluster.ended(run)["status"] == "completed"
        events = list(cluster.events(run))
    # It finds an answer on its connection now, and the claim lost.
    wait_for(lambda: len(cluster.workers()) == 2, seconds=15)
    time.sleep(1)
    assert list(cluster.events(run)) == events
    assert effects.begun_by(run) == {"effect:0": 2}
    assert stopped.popen.poll() is None
    after = cluster.hook("held", {})
    assert cluster.ended(after)["status"] == "completed"


def test_what_a_stopped_worker_finds_out_late_is_shown_to_whoever_is_asked(
    cluster: Cluster, effects: EffectServer
) -> None:
    run = cluster.hook("asking", {})
    wait_for(lambda: effects.begun_by(run))
    with paused(cluster.parts[cluster.worker_of(run)].popen):
        wait_for(lambda: cluster.run(run)["status"] == "waiting", seconds=15)
        effects.release()
    wait_for(lambda: "late" in attempts_of_effect(cluster, run)[0], seconds=15)
    assert attempts_of_effect(cluster, run)[0]["late"]["status"] == "completed"
    wait_for(lambda: cluster.run(run)["status"] == "waiting")


def attempts_of_effect(cluster: Cluster, run: str) -> list[dict[str, Any]]:
    steps = cluster.api("GET", f"runs/{run}/steps")["results"]
    return next(list(step["attempts"]) for step in steps if step["node"] == "effect")


def test_a_deadly_step_takes_two_workers_with_it_and_no_more(
    cluster: Cluster, effects: EffectServer
) -> None:
    crowd = Crowd(cluster, effects, count=5)
    run = cluster.hook("deadly", {})
    workers = [cluster.parts[part] for part in ("worker_1", "worker_2")]
    wait_for(lambda: all(worker.popen.poll() is not None for worker in workers), seconds=30)
    cluster.mend()
    ended = cluster.ended(run)
    assert (ended["status"], ended["error_code"]) == ("failed", "worker_lost")
    assert effects.begun_by(run)["deadly:0"] == 3
    crowd.judge(disturbances=2)
    cluster.mend()  # starts nothing: nobody else has died
    assert effects.begun_by(run)["deadly:0"] == 3


def test_a_worker_that_is_told_to_stop_leaves_nothing_behind(
    cluster: Cluster, effects: EffectServer, dice: random.Random
) -> None:
    crowd = Crowd(cluster, effects)
    time.sleep(dice.uniform(0.2, 1))
    stopped = cluster.parts["worker_1"]
    assert stopped.end(signal.SIGTERM) == 0
    assert stopped.pid not in cluster.workers()
    crowd.judge(disturbances=0)


def test_a_worker_that_is_told_to_stop_hands_back_what_takes_too_long(
    cluster: Cluster, effects: EffectServer
) -> None:
    run = cluster.hook("held", {})
    wait_for(lambda: effects.begun_by(run))
    stopped = cluster.parts[cluster.worker_of(run)]
    assert stopped.end(signal.SIGTERM) == 0
    wait_for(lambda: effects.begun_by(run)["effect:0"] == 2)
    effects.release()
    assert cluster.ended(run)["status"] == "completed"
