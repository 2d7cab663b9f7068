"""Redis, PostgreSQL, a web process or beat taken away from a cluster in the middle of load."""

import random
import signal
import time

import pytest

from tests.integration.cluster import Cluster
from tests.integration.crowd import Crowd
from tests.integration.effects import EffectServer
from tests.services import paused, wait_for

pytestmark = pytest.mark.integration


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


def test_nothing_waits_for_beat(cluster: Cluster, effects: EffectServer) -> None:
    cluster.kill("beat")
    crowd = Crowd(cluster, effects, count=5)
    crowd.judge(disturbances=0)
