"""The one-process server, killed in the middle of its work, and started again."""

import random
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.installation import Installation, Process
from tests.integration import flows
from tests.integration.effects import EffectServer
from tests.integration.witness import Witness
from tests.services import wait_for

pytestmark = pytest.mark.integration

GOES_ON_S = 30.0


def running(house: Installation) -> dict[str, int]:
    """The runs that were being executed, and their `seq`, read from the file of a dead server."""
    file = Path(house.environment["VAR_DIR"]) / "flowforge.sqlite3"
    with closing(sqlite3.connect(file)) as database:
        rows = database.execute("SELECT id, seq FROM runs WHERE status = 'running'").fetchall()
    return {f"{id[:8]}-{id[8:12]}-{id[12:16]}-{id[16:20]}-{id[20:]}": seq for id, seq in rows}


def test_kills_at_random_moments_lose_and_repeat_nothing(
    house: Installation, server: Process, effects: EffectServer, dice: random.Random
) -> None:
    witness = Witness(house, effects)
    expected = flows.busy("busy", effects)[1]
    runs: list[str] = []
    for _ in range(2):
        new = [house.hook("busy", {"n": n}) for n in range(6)]
        runs += new
        witness.watch(runs)
        time.sleep(dice.uniform(0.2, 2.5))
        server.end(signal.SIGKILL)
        witness.wait()
        interrupted = running(house)
        server = house.serve()
        ready = time.monotonic()
        for run, seq in interrupted.items():
            wait_for(lambda run=run, seq=seq: house.run(run)["seq"] > seq, seconds=GOES_ON_S)
        print(f"{len(interrupted)} runs went on {time.monotonic() - ready:.1f} s after ready")
    for run in runs:
        house.ended(run)
    for run in runs:
        witness.judge(run, expected, disturbances=2)


def test_a_graceful_stop_finishes_what_is_under_way_and_tells_it(
    house: Installation, server: Process, effects: EffectServer
) -> None:
    witness = Witness(house, effects)
    expected = flows.busy("busy", effects)[1]
    runs = [house.hook("busy", {"n": n}) for n in range(12)]
    witness.watch(runs)
    wait_for(lambda: effects.begun_by(runs[0]))
    assert server.end(signal.SIGTERM) == 0
    witness.wait()
    assert running(house) == {}
    house.serve()
    for run in runs:
        house.ended(run)
        # Nothing was in flight when it went, so nothing is repeated.
        witness.judge(run, expected, disturbances=0)


def test_a_graceful_stop_hands_back_what_takes_too_long(
    house: Installation, server: Process, effects: EffectServer
) -> None:
    run = house.hook("held", {})
    wait_for(lambda: effects.begun_by(run))
    assert server.end(signal.SIGTERM) == 0
    assert running(house) == {}
    effects.release()
    house.serve()
    assert house.ended(run)["status"] == "completed"
    assert effects.begun_by(run) == {"effect:0": 2}
