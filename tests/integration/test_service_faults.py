"""Redis, PostgreSQL and web processes that fail in the middle of load, and what is left of it."""

import os
import random
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx
import psycopg
import pytest
import redis

from tests.graphs import graph, node
from tests.installation import TLS
from tests.integration import flows
from tests.integration.cluster import Cluster
from tests.integration.effects import EffectServer
from tests.integration.traffic import Traffic, brief
from tests.integration.witness import Event, parse_events, read_events
from tests.services import paused, wait_for

pytestmark = pytest.mark.integration
Sized = Callable[[int, int], int]
Figures = Callable[[str], None]


@pytest.fixture(scope="module")
def routes(whole: Cluster, effects: EffectServer) -> None:
    """The workflow that traffic starts."""
    whole.workflow(brief(effects), "Traffic")


@pytest.fixture
def traffic(cluster: Cluster, effects: EffectServer, routes: None) -> Traffic:
    return Traffic(cluster, effects)


def are_connected(cluster: Cluster) -> bool:
    """Whether all parts speak to Redis, the workers wait for messages, and the web process for
    nudges."""
    with redis.Redis.from_url(cluster.redis.url) as client:
        waiting = int(client.info("clients")["blocked_clients"])
        is_listened_to = bool(client.pubsub_channels("asgi*"))
    speaking = [speaks_to(process.pid, cluster.redis.port) for process in cluster.parts.values()]
    return all(speaking) and waiting >= 2 and is_listened_to


def speaks_to(pid: int, port: int) -> bool:
    """Whether a process has a connection to a local port."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    connections = {
        f"socket:[{fields[9]}]"
        for fields in lines
        if fields[3] == "01" and int(fields[2].partition(":")[2], 16) == port
    }
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            if os.readlink(descriptor) in connections:
                return True
    return False


def test_whatever_becomes_of_redis_each_accepted_run_completes(
    cluster: Cluster, traffic: Traffic, dice: random.Random, sized: Sized, figures: Figures
) -> None:
    away_s = sized(4, 60)
    nap = node("nap", "delay", params={"seconds": away_s + sized(4, 40)})
    hook = node("hook", "webhook", params={"path": "over_an_outage"})
    cluster.workflow(
        graph([hook, nap, node("end")], ["hook -> nap", "nap -> end"]), "Over an outage"
    )
    napping = cluster.hook("over_an_outage", {})
    told: list[Event] = []
    listener = threading.Thread(target=lambda: told.extend(read_events(cluster, napping, 0)))
    listener.start()
    with traffic:
        with redis.Redis.from_url(cluster.redis.url) as client:
            for _ in range(sized(3, 30)):
                time.sleep(dice.uniform(0, 0.5))
                client.flushall()
        for _ in range(sized(1, 5)):
            traffic.more(sized(5, 20))
            cluster.redis.stop(signal.SIGKILL)
            cluster.redis.start()
        traffic.more(5)
        cluster.redis.stop(signal.SIGKILL)
        before = len(traffic.accepted)
        time.sleep(away_s)
        meanwhile = len(traffic.accepted) - before
        cluster.redis.start()
        back = time.monotonic()
        wait_for(lambda: are_connected(cluster), 60, every=0.1)
        connected_s = time.monotonic() - back
        traffic.more(5)
    # Who listened all the time hears the end too.
    assert cluster.ended(napping, 120)["status"] == "completed"
    listener.join(60)
    assert [event["seq"] for event in told] == list(range(1, len(told) + 1))
    assert told[-1]["event"] == "run_finished"
    assert meanwhile, "no hook was taken while Redis was away"
    figures(
        f"{traffic.judge()}; Redis away for {away_s} s: {meanwhile:,} hooks taken meanwhile, "
        f"all connected again {connected_s:.1f} s after it was back"
    )


def test_a_redis_that_does_not_answer_stops_no_heartbeat(
    cluster: Cluster, effects: EffectServer
) -> None:
    held = cluster.hook("held", {})
    wait_for(lambda: effects.begun_by(held))
    workers, before = cluster.worker_ids(), cluster.beats()
    assert cluster.redis.process is not None
    with paused(cluster.redis.process):
        # The sweep will ask for wake-ups of this run that nobody claims.
        unheard = cluster.hook("busy", {})
        # Longer than a worker may be silent, by the beats of both.
        wait_for(lambda: all(n - before[pid] > 12 for pid, n in cluster.beats().items()), every=0.1)
    assert cluster.worker_ids() == workers
    effects.release()
    assert cluster.ended(held)["status"] == "completed"
    assert effects.begun_by(held) == {"effect:0": 1}
    assert cluster.ended(unheard)["status"] == "completed"


def test_cut_connections_and_restarts_of_the_database_lose_nothing(
    cluster: Cluster, traffic: Traffic, sized: Sized, figures: Figures
) -> None:
    cuts = sized(10, 120)
    with traffic:
        for _ in range(cuts):
            cut_connections(cluster)
            time.sleep(0.3)
        traffic.more(5)
        for how in [signal.SIGINT, signal.SIGKILL] * sized(1, 4):
            cluster.postgres.stop(how)
            cluster.postgres.start()
            traffic.more(sized(5, 20))
    figures(f"all connections cut {cuts} times, restarts {sized(2, 8)}: {traffic.judge()}")


def cut_connections(cluster: Cluster) -> None:
    cluster.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )


def test_a_deadlock_on_rows_that_runs_need_repeats_nothing(
    cluster: Cluster, effects: EffectServer, traffic: Traffic, sized: Sized, figures: Figures
) -> None:
    """Somebody holds a run that the end of its child must tell, and asks for the child."""
    child = graph(
        [node("start", "called"), flows.call("effect", effects.held_url)],
        ["start -> effect"],
    )
    called = cluster.workflow(child, "Child")
    cluster.workflow(
        graph(
            [
                node("hook", "webhook", params={"path": "parent"}),
                node("call", "run_workflow", params={"workflow": called}),
            ],
            ["hook -> call"],
        ),
        "Parent",
    )
    with traffic:
        for _ in range(sized(1, 10)):
            effects.hold()
            parent = cluster.hook("parent", {})
            wait_for(lambda of=parent: children_of(cluster, of))
            [child_run] = children_of(cluster, parent)
            wait_for(lambda of=child_run: effects.begun_by(of))
            with psycopg.connect(cluster.postgres.url) as other:
                # So late that it is the worker whom PostgreSQL finds in the deadlock.
                other.execute("SET deadlock_timeout = '20s'")
                other.execute("SELECT FROM runs WHERE id = %s FOR UPDATE", [parent])
                effects.release()
                wait_for(lambda: is_anybody_blocked(cluster), every=0.02)
                other.execute("SELECT FROM runs WHERE id = %s FOR UPDATE", [child_run])
                other.rollback()
            assert cluster.ended(parent)["status"] == "completed"
            assert effects.begun_by(child_run) == {"effect:0": 1}
    figures(f"deadlocks {sized(1, 10)}: {traffic.judge()}")


def children_of(cluster: Cluster, run: str) -> list[str]:
    rows = cluster.rows(
        "SELECT runs.id FROM runs JOIN step_runs ON step_runs.id = parent_step_id"
        " WHERE step_runs.run_id = %s",
        run,
    )
    return [str(id) for (id,) in rows]


def is_anybody_blocked(cluster: Cluster) -> bool:
    [[count]] = cluster.rows(
        "SELECT count(*) FROM pg_stat_activity WHERE cardinality(pg_blocking_pids(pid)) > 0"
    )
    return bool(count)


def test_a_full_disk_of_the_database_loses_nothing_that_was_accepted(
    cluster: Cluster, traffic: Traffic, sized: Sized, figures: Figures
) -> None:
    full_s = sized(4, 60)
    with traffic:
        with cluster.postgres.full_disk():
            time.sleep(full_s)
            survived = cluster.postgres.is_running
            refused = traffic.answers[503]
        # Where the journal itself found no room, PostgreSQL ends, and its operator starts it.
        cluster.postgres.start()
        back = time.monotonic()
        traffic.more(10)
        took_s = time.monotonic() - back
    assert refused, "nobody met a full disk"
    figures(
        f"disk full for {full_s} s (PostgreSQL {'went on' if survived else 'ended'}), "
        f"{refused:,} x 503 meanwhile, taken again {took_s:.1f} s after: {traffic.judge()}"
    )


def test_nothing_is_taken_over_for_an_outage_longer_than_a_worker_may_be_silent(
    cluster: Cluster, effects: EffectServer, sized: Sized, figures: Figures
) -> None:
    away_s = sized(8, 60)
    runs = [cluster.hook("held", {}) for _ in range(sized(4, 12))]
    wait_for(lambda: all(effects.begun_by(run) for run in runs))
    workers = cluster.worker_ids()
    cluster.postgres.stop(signal.SIGKILL)
    time.sleep(7)
    effects.release()  # what was in flight ends while nobody can record it
    time.sleep(away_s - 7)
    cluster.postgres.start()
    back = time.monotonic()
    assert {cluster.ended(run)["status"] for run in runs} == {"completed"}
    took_s = time.monotonic() - back
    crashes = cluster.rows("SELECT sum(crashes) FROM runs WHERE id = ANY(%s::uuid[])", runs)
    assert crashes == [(0,)]
    assert all(effects.begun_by(run) == {"effect:0": 1} for run in runs)
    assert cluster.worker_ids() == workers
    figures(
        f"database away for {away_s} s, {len(runs)} effects in flight, heartbeat limit 5 s: "
        f"taken over 0, made again 0, all ended {took_s:.1f} s after it was back"
    )


def test_listeners_of_a_killed_web_process_hear_on_at_another(
    cluster: Cluster, effects: EffectServer, dice: random.Random, sized: Sized, figures: Figures
) -> None:
    count = sized(10, 100)
    with cluster.more("web_2", "beat_2"):
        runs = [cluster.hook("busy", {"n": n}) for n in range(count)]
        clients = [Client(cluster, run) for run in runs]
        time.sleep(dice.uniform(0.2, 2))
        runs.append(cluster.hook("busy", {}))
        cluster.kill("web")
        moved = sum(client.thread.is_alive() for client in clients)
        for client in clients:
            client.thread.join(120)
        cluster.mend()
        expected = flows.busy("busy", effects)[1]
        for client in clients:
            told = [event["seq"] for event in client.told]
            assert told == list(range(1, len(told) + 1)), client.run
            assert client.told[-1]["event"] == "run_finished"
        for run in runs:
            assert cluster.ended(run)["status"] == "completed"
            assert effects.begun_by(run) == dict.fromkeys(expected, 1)
    assert moved, "the kill met nobody"
    figures(
        f"listeners {count}, of which {moved} had to go elsewhere; events told "
        f"{sum(len(client.told) for client in clients):,}, missing 0, twice 0; "
        f"runs accepted {len(runs)}, completed {len(runs)}"
    )


class Client:
    """Follows a run at one web process after the other, as a browser does."""

    def __init__(self, cluster: Cluster, run: str) -> None:
        self.cluster = cluster
        self.run = run
        self.told: list[Event] = []
        self.thread = threading.Thread(target=self._follow, daemon=True)
        self.thread.start()

    def _follow(self) -> None:
        for url in (self.cluster.url, self.cluster.other_url):
            last = self.told[-1]["seq"] if self.told else 0
            headers = self.cluster.headers | {"Last-Event-ID": str(last)}
            address = f"{url}/api/v1/runs/{self.run}/events"
            try:
                with httpx.stream(
                    "GET", address, headers=headers, timeout=30, verify=TLS
                ) as answer:
                    for event in parse_events(answer.iter_lines()):
                        self.told.append(event)
                return
            except httpx.TransportError:
                continue
