"""A worker that is drained under load hands its work to the other, and can be put to work again."""

import pytest

from tests.integration.cluster import Cluster
from tests.integration.effects import EffectServer
from tests.services import wait_for

pytestmark = pytest.mark.integration
RUNS = 20


def test_a_drained_worker_leaves_all_work_to_the_other(
    cluster: Cluster, effects: EffectServer
) -> None:
    held = cluster.hook("held", {})
    wait_for(lambda: effects.begun_by(held))
    drained = cluster.worker_of(held)
    [(id,)] = cluster.rows("SELECT id FROM workers WHERE pid = %s", cluster.parts[drained].pid)
    told = cluster.manage("drain", str(id), "--wait")
    # Its effect took too long: it goes on elsewhere.
    assert told.strip().endswith("drained, holds 0")
    wait_for(lambda: cluster.worker_of(held) not in ("", drained), seconds=15)
    effects.release()
    runs = [cluster.hook("busy", {"n": number}) for number in range(RUNS)]
    assert {cluster.ended(run)["status"] for run in [held, *runs]} == {"completed"}
    # None waited for a wake-up that the drained worker had taken: those are sent again only later.
    [(slowest,)] = cluster.rows(
        "SELECT max(extract(epoch FROM started_at - created_at)) FROM runs WHERE id = ANY(%s)", runs
    )
    assert slowest < float(cluster.environment["UNHEARD_AFTER_S"])
    beats = cluster.beats()[cluster.parts[drained].pid]
    wait_for(lambda: cluster.beats()[cluster.parts[drained].pid] > beats, seconds=15)

    cluster.manage("drain", str(id), "--undo")
    other = next(part for part in ("worker_1", "worker_2") if part != drained)
    cluster.kill(other)
    again = cluster.hook("busy", {"n": RUNS})
    assert cluster.ended(again)["status"] == "completed"
