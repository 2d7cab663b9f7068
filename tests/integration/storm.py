"""Workers killed one after another in the middle of load, and what is told of it."""

import random
import signal
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from tests.integration.cluster import Cluster
from tests.integration.effects import EffectServer
from tests.services import wait_for

OPEN_AT_ONCE = 40
"""How many runs are under way while the workers are killed."""
WORN = 5
"""Deaths in a row at which a run is left in peace until it gets on: at ten it would be given up."""
CAREFUL = {"failing": "fail", "asking_chain": "ask"}
"""Workflows whose effects must never be repeated, and their `on_crash`."""


@dataclass
class Storm:
    """Kills at random moments, evenly spread over the runs that it starts."""

    cluster: Cluster
    effects: EffectServer
    dice: random.Random
    runs: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """The runs of each workflow, by its path."""
    killed_at: dict[str, datetime] = field(default_factory=dict)
    """By the id of the worker."""
    ended: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    """Steps that were seen to have ended: their number then, and how often they had begun."""

    def rage(self, kills: int, runs: int) -> None:
        """Start the runs, and kill a worker each time that some more of them are under way."""
        for _ in range(kills):
            wait_for(lambda: self._open() <= OPEN_AT_ONCE, 300, every=0.25)
            wait_for(lambda: self._working().keys() == self._parts(), 300, every=0.25)
            wait_for(lambda: self._deaths_in_a_row() < WORN, 300, every=0.25)
            self._start({"chain": runs // kills, **dict.fromkeys(CAREFUL, 1)})
            time.sleep(self.dice.uniform(0, 0.5))
            self._look()
            self._kill()
        self.cluster.mend()

    def end(self) -> None:
        """Decide for the runs that ask, and wait until all have ended."""
        wait_for(lambda: self._open() == 0, 300, every=0.2)
        for run, step in self.cluster.rows(
            "SELECT run_id, step_runs.id FROM step_runs JOIN runs ON runs.id = run_id"
            " WHERE runs.status = 'waiting' AND step_runs.status = 'waiting'"
        ):
            decision = {"step": str(step), "decision": "use", "items": [{"json": {}}]}
            self.cluster.api("POST", f"runs/{run}/resume", decision)
        wait_for(lambda: self._open() == 0, 120, every=0.2)

    def _start(self, counts: dict[str, int]) -> None:
        for path, count in counts.items():
            self.runs[path] += [self.cluster.hook(path, {}) for _ in range(count)]

    def _open(self) -> int:
        [[count]] = self.cluster.rows(
            "SELECT count(*) FROM runs WHERE status IN ('pending', 'running')"
        )
        return int(count)

    def _deaths_in_a_row(self) -> int:
        [[most]] = self.cluster.rows(
            "SELECT coalesce(max(crashes), 0) FROM runs WHERE status IN ('pending', 'running')"
        )
        return int(most)

    def _look(self) -> None:
        """Keep which steps have ended; what began later of those is wrong."""
        ended = self.cluster.rows(
            "SELECT run_id, node_id, seq_finished FROM step_runs"
            " WHERE finished_at > now() - interval '1 minute'"
        )
        begun = self.effects.begun()
        for run, node, seq in ended:
            key = (str(run), node)
            if key not in self.ended:
                self.ended[key] = (seq, begun[f"{run}:{node}:0:0:0"])

    def _parts(self) -> set[str]:
        return {part for part in self.cluster.wanted if part.startswith("worker")}

    def _working(self) -> dict[str, str]:
        """The workers that have a row, and its id."""
        parts = {self.cluster.parts[part].pid: part for part in self._parts()}
        rows = self.cluster.rows("SELECT pid, id FROM workers")
        return {parts[pid]: str(id) for pid, id in rows if pid in parts}

    def _kill(self) -> None:
        """Kill a worker, and start another one in its place."""
        part, worker = self.dice.choice(sorted(self._working().items()))
        self.killed_at[worker] = datetime.now(UTC)
        self.cluster.parts[part].end(signal.SIGKILL)
        self.cluster.begin_part(part)


@dataclass
class Account:
    """What became of a storm."""

    statuses: dict[str, Counter[str]]
    effects: int
    repeated: int
    interrupted: list[str]
    """The runs of which an effect was in flight when its worker was killed."""
    recovered_after_s: list[float]
    """From each kill to the next attempt of what was in flight; sorted."""


def account(storm: Storm) -> Account:
    """Hold each step against the promise: one attempt, or one more for each kill under it."""
    paths = {run: path for path, runs in storm.runs.items() for run in runs}
    begun = storm.effects.begun()
    of_runs = {key: times for key, times in begun.items() if key.split(":")[0] in paths}
    found = Account(defaultdict(Counter), sum(of_runs.values()), 0, [], [])
    for run, status in storm.cluster.rows("SELECT id, status FROM runs"):
        if str(run) in paths:
            found.statuses[paths[str(run)]][status] += 1
    steps = storm.cluster.rows(
        "SELECT run_id, node_id, seq_finished, attempts FROM step_runs WHERE node_id LIKE 'step_%%'"
    )
    for run, node, seq, attempts in steps:
        run = str(run)
        if run not in paths:
            continue
        times = of_runs.pop(f"{run}:{node}:0:0:0", 0)
        lost = _lost(storm, attempts)
        assert times <= len(attempts), f"{run} {node}: asked for {times} times: {attempts}"
        assert (run, node) not in storm.ended or storm.ended[run, node] == (seq, times), (
            f"{run} {node}: was ended as {storm.ended[run, node]}, then {(seq, times)}"
        )
        if paths[run] in CAREFUL:
            assert times <= 1, f"{run} {node}: {paths[run]}, and made {times} times"
        found.repeated += max(0, times - 1)
        found.interrupted += [run] if lost else []
        found.recovered_after_s += [
            (_moment(after["at"]) - storm.killed_at[attempt["worker"]]).total_seconds()
            for attempt, after in pairwise(attempts)
        ]
    assert not of_runs, f"effects under keys of no step: {list(of_runs)[:5]}"
    found.recovered_after_s.sort()
    return found


def _lost(storm: Storm, attempts: list[dict[str, Any]]) -> list[str]:
    """The workers that attempts of a step were lost with: each was killed, and lost it once."""
    before_the_last = attempts[:-1]
    assert all(each["error"]["code"] == "worker_lost" for each in before_the_last), attempts
    lost = [each["worker"] for each in before_the_last]
    assert len(set(lost)) == len(lost), f"twice with one worker: {attempts}"
    assert set(lost) <= set(storm.killed_at), f"without a kill: {attempts}"
    return lost


def _moment(written: str) -> datetime:
    return datetime.fromisoformat(written)


def quantile(of_sorted: list[float], part: float) -> float:
    """The value that this part of the sorted ones do not exceed."""
    return of_sorted[min(len(of_sorted) - 1, int(part * len(of_sorted)))] if of_sorted else 0.0
