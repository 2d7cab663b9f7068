"""Web, two workers and beat on PostgreSQL and Redis, while one after the other is taken away."""

import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import redis

from tests.integration import flows
from tests.integration.cluster import Cluster
from tests.integration.effects import EffectServer
from tests.integration.witness import Witness
from tests.services import MissingBinaryError, leave_out, wait_for

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, effects: EffectServer) -> Iterator[Cluster]:
    try:
        cluster = Cluster(tmp_path_factory.mktemp("cluster"), effects)
    except MissingBinaryError as missing:
        leave_out(str(missing))
    with cluster:
        cluster.begin()
        cluster.workflow(flows.busy("busy", effects)[0])
        cluster.workflow(flows.held("held", effects, "run_again"), "Held")
        cluster.workflow(flows.held("asking", effects, "ask"), "Asking")
        cluster.workflow(flows.deadly("deadly", effects), "Deadly")
        yield cluster


@pytest.fixture
def cluster(whole: Cluster, effects: EffectServer) -> Cluster:
    """With all its parts, whatever the test before did to them."""
    effects.hold()
    whole.mend()
    return whole


class Crowd:
    """Busy runs, watched by a witness."""

    def __init__(self, cluster: Cluster, effects: EffectServer, count: int = 10) -> None:
        self.cluster = cluster
        self.expected = flows.busy("busy", effects)[1]
        self.witness = Witness(cluster, effects)
        self.runs = [cluster.hook("busy", {"n": n}) for n in range(count)]
        self.witness.watch(self.runs)

    def judge(self, disturbances: int) -> None:
        """Wait for the end of all, and hold it against what was seen and promised."""
        for run in self.runs:
            self.cluster.ended(run)
        self.witness.wait()
        for run in self.runs:
            self.witness.judge(run, self.expected, disturbances)


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


def test_a_flushed_redis_loses_nothing(
    cluster: Cluster, effects: EffectServer, dice: random.Random
) -> None:
    crowd = Crowd(cluster, effects)
    with redis.Redis.from_url(cluster.redis.url) as client:
        for _ in range(3):
            time.sleep(dice.uniform(0.1, 0.5))
            client.flushall()
    crowd.judge(disturbances=0)


def test_hooks_are_taken_while_redis_is_away(
    cluster: Cluster, effects: EffectServer, dice: random.Random
) -> None:
    crowd = Crowd(cluster, effects, count=5)
    time.sleep(dice.uniform(0.1, 1))
    cluster.redis.stop(signal.SIGKILL)
    began = time.monotonic()
    runs = [cluster.hook("busy", {"n": n}) for n in range(3)]
    assert time.monotonic() - began < 5
    cluster.redis.start()
    crowd.runs += runs
    crowd.witness.watch(runs)
    crowd.judge(disturbances=0)


def test_a_redis_that_does_not_answer_stops_no_heartbeat(
    cluster: Cluster, effects: EffectServer
) -> None:
    held = cluster.hook("held", {})
    wait_for(lambda: effects.begun_by(held))
    assert cluster.redis.process is not None
    with paused(cluster.redis.process):
        # Long enough that the sweep asks for wake-ups of the run that nobody claims, and that who
        # waits with it for an answer is taken for dead.
        began = time.monotonic()
        unheard = cluster.hook("busy", {})
        assert time.monotonic() - began < 2
        before = cluster.beats()
        time.sleep(12)
        assert all(beats - before[pid] >= 15 for pid, beats in cluster.beats().items())
    effects.release()
    assert cluster.ended(held)["status"] == "completed"
    assert effects.begun_by(held) == {"effect:0": 1}
    assert cluster.ended(unheard)["status"] == "completed"


def test_a_restarted_database_loses_nothing(
    cluster: Cluster, effects: EffectServer, dice: random.Random
) -> None:
    crowd = Crowd(cluster, effects)
    time.sleep(dice.uniform(0.2, 2))
    cluster.postgres.stop(signal.SIGKILL)
    cluster.postgres.start()
    wait_for(cluster.is_ready, every=0.1)
    # Whoever was cut off for too long lets go, and what was in flight is made again.
    crowd.judge(disturbances=1)


def test_after_a_long_outage_of_the_database_work_goes_on_soon(
    cluster: Cluster, effects: EffectServer
) -> None:
    cluster.postgres.stop(signal.SIGKILL)
    time.sleep(16)
    cluster.postgres.start()
    back = time.monotonic()
    wait_for(cluster.is_ready, every=0.1)
    run = cluster.hook("busy", {"n": 1})
    assert cluster.ended(run)["status"] == "completed"
    assert time.monotonic() - back < 12
    told = "".join(process.output() for process in cluster.parts.values())
    assert "raised unexpected" not in told


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


def test_a_web_process_killed_after_its_answer_loses_nothing(
    cluster: Cluster, effects: EffectServer
) -> None:
    crowd = Crowd(cluster, effects, count=5)
    cluster.kill("web")
    cluster.mend()
    crowd.judge(disturbances=0)


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


def test_nothing_waits_for_beat(cluster: Cluster, effects: EffectServer) -> None:
    cluster.kill("beat")
    crowd = Crowd(cluster, effects, count=5)
    crowd.judge(disturbances=0)


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


@contextmanager
def paused(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Stop a process where it stands, and let it go on at the end."""
    process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)
