"""Workers that are killed, stopped, and told to end, in the middle of load."""

import random
import signal
import time
from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest

from tests.integration import flows
from tests.integration.cluster import Cluster
from tests.integration.crowd import Crowd
from tests.integration.effects import EffectServer
from tests.services import paused, wait_for

pytestmark = pytest.mark.integration


def test_both_workers_killed_and_started_again_go_on(
    cluster: Cluster, effects: EffectServer, dice: random.Random
) -> None:
    crowd = Crowd(cluster, effects)
    time.sleep(dice.uniform(0.2, 2))
    cluster.kill("worker_1")
    cluster.kill("worker_2")
    cluster.mend()
    crowd.judge(disturbances=1)


def test_what_a_stopped_worker_finds_out_late_is_shown_to_whoever_is_asked(
    cluster: Cluster, effects: EffectServer
) -> None:
    run = cluster.hook("asking", {})
    wait_for(lambda: effects.begun_by(run))
    with paused(cluster.parts[cluster.worker_of(run)].popen):
        wait_for(lambda: cluster.run(run)["status"] == "waiting")
        effects.release()
    wait_for(lambda: "late" in attempts_of_effect(cluster, run)[0])
    assert attempts_of_effect(cluster, run)[0]["late"]["status"] == "completed"
    wait_for(lambda: cluster.run(run)["status"] == "waiting")


def attempts_of_effect(cluster: Cluster, run: str) -> list[dict[str, Any]]:
    steps = cluster.api("GET", f"runs/{run}/steps")["results"]
    return next(list(step["attempts"]) for step in steps if step["node"] == "effect")


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


def test_a_worker_that_is_drained_leaves_its_work_to_others_until_that_is_undone(
    cluster: Cluster, effects: EffectServer
) -> None:
    held = cluster.hook("held", {})
    wait_for(lambda: effects.begun_by(held))
    drained = cluster.worker_of(held)
    other = next(part for part in ("worker_1", "worker_2") if part != drained)
    [(id,)] = cluster.rows("SELECT id FROM workers WHERE pid = %s", cluster.parts[drained].pid)
    told = cluster.manage("drain", str(id), "--wait")
    # Its effect took too long: it goes on elsewhere.
    assert told.strip().endswith("drained, holds 0")
    wait_for(lambda: effects.begun_by(held)["effect:0"] == 2)
    assert cluster.worker_of(held) == other
    effects.release()
    runs = [held, *(cluster.hook("busy", {"n": number}) for number in range(4))]
    assert {cluster.ended(run)["status"] for run in runs} == {"completed"}

    cluster.manage("drain", str(id), "--undo")
    with paused(cluster.parts[other].popen):
        again = cluster.hook("busy", {})
        assert cluster.ended(again)["status"] == "completed"


def test_a_worker_that_a_superuser_stops_ends_and_leaves_its_run_to_another(
    cluster: Cluster, effects: EffectServer
) -> None:
    run = cluster.hook("held", {})
    wait_for(lambda: effects.begun_by(run))
    part = cluster.worker_of(run)
    process = cluster.parts[part]
    [(id,)] = cluster.rows("SELECT id FROM workers WHERE pid = %s", process.pid)
    told = cluster.manage("drain", str(id), "--stop", "--wait")
    assert "stopping, holds 1" in told
    assert process.popen.wait(timeout=30) == 0
    assert id not in cluster.worker_ids()
    # Its effect took longer than `DRAIN_S`: it goes on elsewhere.
    wait_for(lambda: effects.begun_by(run)["effect:0"] == 2)
    assert cluster.worker_of(run) not in (part, "")
    effects.release()
    ended = cluster.ended(run)
    assert (ended["status"], cluster.rows("SELECT crashes FROM runs WHERE id = %s", run)) == (
        "completed",
        [(0,)],
    )
    cluster.mend()


def test_workers_that_sleep_past_their_heartbeat_double_nothing(
    cluster: Cluster,
    effects: EffectServer,
    dice: random.Random,
    sized: Callable[[int, int], int],
    figures: Callable[[str], None],
) -> None:
    pauses, repeated = sized(1, 15), 0
    refused = told_of(cluster, "the claim was lost")
    for _ in range(pauses):
        crowd = Crowd(cluster, effects, count=12)
        time.sleep(dice.uniform(0.3, 1))
        sleeper = cluster.parts[dice.choice(["worker_1", "worker_2"])]
        with paused(sleeper.popen):
            wait_for(crowd.is_over, 60, every=0.1)
        # It goes on now where it stood, and finds that it was taken for dead.
        wait_for(lambda: len(cluster.workers()) == 2, 30, every=0.1)
        crowd.judge(disturbances=1, may_leave_late=True)
        assert sleeper.popen.poll() is None
        repeated += sum(sum(effects.begun_by(run).values()) for run in crowd.runs)
    refused = told_of(cluster, "the claim was lost") - refused
    effects_meant = pauses * 12 * len(flows.busy("busy", effects)[1])
    figures(
        f"pauses {pauses}, runs {12 * pauses}, completed by the others {12 * pauses}, "
        f"effects {effects_meant:,} and {repeated - effects_meant} in flight made again, "
        f"claims lost by sleepers {refused}, events doubled 0"
    )
    assert refused or pauses == 1


def told_of(cluster: Cluster, words: str) -> int:
    """How often the workers' logs say so."""
    return sum(process.output().count(words) for process in cluster.processes)


def test_a_rolling_restart_repeats_no_step(
    cluster: Cluster,
    effects: EffectServer,
    sized: Callable[[int, int], int],
    figures: Callable[[str], None],
) -> None:
    # Each run takes longer than a worker that stops waits, each step much shorter.
    cluster.workflow(flows.chain("rolling", effects, "run_again", ms=400), "Rolling")
    stops, runs, took = 0, [], []
    for _ in range(sized(1, 10)):
        for part in ("worker_1", "worker_2"):
            runs += [cluster.hook("rolling", {}) for _ in range(6)]
            wait_for(lambda run=runs[-1]: effects.begun_by(run))
            began = time.monotonic()
            assert cluster.parts[part].end(signal.SIGTERM) == 0
            took.append(time.monotonic() - began)
            stops += 1
            cluster.mend()
    for run in runs:
        assert cluster.ended(run)["status"] == "completed"
        assert effects.begun_by(run) == {f"step_{n}:0": 1 for n in range(1, 11)}
    steps = cluster.rows(
        "SELECT run_id, attempts FROM step_runs WHERE run_id = ANY(%s) ORDER BY run_id, seq", runs
    )
    assert {len(attempts) for _, attempts in steps} == {1}
    moved = sum(
        one == other and here[0].get("worker") != there[0].get("worker")
        for (one, here), (other, there) in pairwise(steps)
    )
    assert moved, "no run went from one worker to another"
    figures(
        f"stops {stops}, runs {len(runs)} of 10 steps, effects {10 * len(runs):,}, repeated 0; "
        f"runs handed on {moved}; a worker ends {max(took):.1f} s after SIGTERM at the latest"
    )


def test_steps_that_kill_their_worker_end_their_own_runs_alone(
    cluster: Cluster,
    effects: EffectServer,
    sized: Callable[[int, int], int],
    figures: Callable[[str], None],
) -> None:
    ways = ["segfault", "memory", "exit"][: sized(1, 3)]
    for way in ways:
        cluster.workflow(flows.dying(way, way), f"Dying by {way}")
    crowd = Crowd(cluster, effects, count=3)
    patience_s = sized(140, 1_200)
    before = len(cluster.processes)
    runs = [cluster.hook(way, {}) for way in ways]
    wait_for(
        lambda: mended(cluster) and all(has_ended(cluster, run) for run in runs),
        patience_s,
        every=1,
    )
    for run in runs:
        ended = cluster.run(run)
        assert (ended["status"], ended["error_code"]) == ("failed", "worker_lost"), ended
    deaths = len(cluster.processes) - before
    wait_for(lambda: mended(cluster) and crowd.is_over(), patience_s, every=1)
    crowd.judge(disturbances=deaths)
    figures(
        f"killed by {', '.join(ways)}: {len(runs)} runs failed with worker_lost and took "
        f"{deaths} workers; 3 neighbours completed"
    )


def mended(cluster: Cluster) -> bool:
    """True, with all dead workers started again."""
    for part in ("worker_1", "worker_2"):
        if cluster.parts[part].popen.poll() is not None:
            cluster.begin_part(part)
    return True


def has_ended(cluster: Cluster, run: str) -> bool:
    return cluster.run(run)["finished_at"] is not None


def test_clocks_that_are_set_take_nothing_over(
    cluster: Cluster,
    effects: EffectServer,
    sized: Callable[[int, int], int],
    figures: Callable[[str], None],
) -> None:
    cluster.workflow(flows.held("timed", effects, "run_again", timeout_s=600), "Timed")
    before = cluster.worker_ids()
    jumps, runs = sized(1, 8), 0
    for ahead in ([3_600, -3_600] * jumps)[:jumps]:
        timed = [cluster.hook("timed", {}) for _ in range(4)]
        crowd = Crowd(cluster, effects, count=4)
        for run in timed:
            wait_for(lambda run=run: effects.begun_by(run))
        cluster.set_clock("worker_1", ahead)
        cluster.set_clock("worker_2", -ahead)
        crowd.judge(disturbances=0)
        beats = cluster.beats()
        # Longer than a worker may be silent, by the beats of both.
        wait_for(lambda beats=beats: all(n - beats[pid] > 12 for pid, n in cluster.beats().items()))
        effects.release()
        for run in timed:
            assert cluster.ended(run)["status"] == "completed"
            assert effects.begun_by(run) == {"effect:0": 1}
        effects.hold()
        runs += len(timed) + len(crowd.runs)
    for part in ("worker_1", "worker_2"):
        cluster.set_clock(part, 0)
    assert cluster.worker_ids() == before
    figures(
        f"jumps {jumps} of an hour, one worker's clock forwards and the other's backwards; "
        f"runs {runs}, taken over 0, repeated 0, ended too early 0"
    )


def test_a_full_pool_without_broker_and_beat_stops_no_control(
    cluster: Cluster, effects: EffectServer, figures: Callable[[str], None]
) -> None:
    cluster.workflow(flows.held("brief", effects, "run_again", timeout_s=3), "Brief")
    napping = cluster.hook("napping", {})
    wait_for(lambda: cluster.run(napping)["status"] == "waiting")
    held = [cluster.hook("held", {}) for _ in range(16)]
    for run in held:
        wait_for(lambda run=run: effects.begun_by(run))
    cluster.kill("beat")
    cluster.redis.stop(signal.SIGKILL)
    schedule = cluster.workflow(flows.each_second(), "Each second")
    try:
        wait_for(lambda: len(fires(cluster, schedule)) >= 3)
        due = cluster.rows("SELECT wake_at FROM runs WHERE id = %s", napping)[0][0]
        wait_for(lambda: cluster.run(napping)["status"] == "pending")

        unclaimed, late_run = cluster.hook("held", {}), cluster.hook("brief", {})
        cluster.api("POST", f"runs/{unclaimed}/cancel")
        assert cluster.ended(unclaimed)["status"] == "cancelled"
        ended = cluster.ended(late_run)
        assert (ended["status"], ended["error_code"]) == ("failed", "deadline")
        assert not effects.begun_by(unclaimed)
        assert not effects.begun_by(late_run)
        [[unclaimed_s]] = cluster.rows(
            "SELECT finished_at - cancel_requested_at FROM runs WHERE id = %s", unclaimed
        )
        [[late_s]] = cluster.rows(
            "SELECT finished_at - deadline_at FROM runs WHERE id = %s", late_run
        )
        # All that, while nothing else that waited for a thread was claimed.
        assert cluster.run(napping)["status"] == "pending"

        asked = time.monotonic()
        cluster.api("POST", f"runs/{held[0]}/cancel")
        assert cluster.ended(held[0], seconds=30)["status"] == "cancelled"
        cancelled_s = time.monotonic() - asked
        # Its thread is free now, and goes on without a wake-up.
        assert cluster.ended(napping)["status"] == "completed"

        lost = cluster.rows(
            "SELECT runs.id FROM runs JOIN workers ON workers.id = worker_id WHERE pid = %s",
            cluster.parts["worker_1"].pid,
        )
        killed = time.monotonic()
        cluster.kill("worker_1")
        taken = [id for (id,) in lost]
        wait_for(
            lambda: (
                not cluster.rows(
                    "SELECT 1 FROM runs WHERE id = ANY(%s) AND crashes = 0 AND finished_at IS NULL",
                    taken,
                )
            )
        )
        taken_s = time.monotonic() - killed
    finally:
        cluster.api("POST", f"workflows/{schedule}/deactivate")
        cluster.redis.start()
        effects.release()
    cluster.mend()
    for run in held[1:]:
        assert cluster.ended(run)["status"] == "completed"
        assert effects.begun_by(run)["effect:0"] <= 2
    slots = [slot for slot, _ in fires(cluster, schedule)]
    late = max((at - slot).total_seconds() for slot, at in fires(cluster, schedule))
    assert due is not None
    figures(
        f"threads held 16 of 16, no Redis, no beat: cancelled after {cancelled_s:.1f} s, "
        f"pending ones {unclaimed_s.total_seconds():.1f} s after their cancel and "
        f"{late_s.total_seconds():.1f} s after their deadline, "
        f"{len(taken)} runs taken over after {taken_s:.1f} s, "
        f"{len(slots)} fires, at most {late:.1f} s late, a due run woken and executed"
    )


def fires(cluster: Cluster, workflow: str) -> list[tuple[datetime, datetime]]:
    """The slots of a workflow's schedule that have fired, and when their runs were made."""
    return cluster.rows(
        "SELECT fires.slot, runs.created_at"
        " FROM schedule_fires AS fires JOIN runs ON runs.id = run_id WHERE runs.workflow_id = %s",
        workflow,
    )
