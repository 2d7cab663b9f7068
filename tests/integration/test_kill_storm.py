"""Workers killed at random, again and again, while runs go through them."""

import random
import time
from collections.abc import Callable

import pytest

from tests.integration import flows
from tests.integration.cluster import Cluster
from tests.integration.effects import EffectServer
from tests.integration.storm import CAREFUL, Storm, account, quantile
from tests.integration.witness import read_events

pytestmark = pytest.mark.integration


def test_kills_of_workers_repeat_only_what_was_in_flight(
    cluster: Cluster,
    effects: EffectServer,
    dice: random.Random,
    sized: Callable[[int, int], int],
    figures: Callable[[str], None],
) -> None:
    for path, policy in {"chain": "run_again", **CAREFUL}.items():
        cluster.workflow(flows.chain(path, effects, policy, ms=150), path)
    kills, runs = sized(4, 200), sized(60, 2_000)
    began = time.monotonic()
    storm = Storm(cluster, effects, dice)
    more = [f"worker_{n}" for n in range(3, 3 + sized(0, 2))]
    with cluster.cheap_workers(), cluster.more(*more):
        storm.rage(kills, runs)
        storm.end()
    took_s = time.monotonic() - began

    found = account(storm)
    assert found.statuses["chain"] == {"completed": runs}
    assert found.statuses["asking_chain"] == {"completed": kills}
    assert set(found.statuses["failing"]) <= {"completed", "failed"}
    assert found.interrupted, "the kills met nothing"
    for run in dice.sample(found.interrupted, min(100, len(found.interrupted))):
        events = list(read_events(cluster, run, 0))
        assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
        assert [event["event"] for event in events].count("run_finished") == 1
    after = found.recovered_after_s
    figures(
        f"kills {kills:,}, runs {runs:,}, completed once {runs:,}; effects {found.effects:,}, "
        f"repeated {found.repeated:,} (in flight, at most once a kill, same key), "
        f"of ended steps 0; {kills:,} runs each with on_crash fail "
        f"({found.statuses['failing']['failed']} failed) and ask: repeated 0; "
        f"next attempt after a kill: p50 {quantile(after, 0.5):.1f} s, "
        f"p99 {quantile(after, 0.99):.1f} s, max {max(after, default=0.0):.1f} s; "
        f"{took_s:,.0f} s"
    )
