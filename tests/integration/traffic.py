"""Hooks that come in all the time while something is taken away, and what became of each."""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Self

import httpx

from tests.graphs import Document, graph, node
from tests.installation import TLS
from tests.integration import flows
from tests.integration.cluster import Cluster
from tests.integration.effects import EffectServer
from tests.integration.witness import read_events
from tests.services import wait_for

SENDERS = 4
PAUSE_S = 0.15
"""Between an answer and the next request of a sender: it is no race."""
PATH = "traffic"


def brief(effects: EffectServer) -> Document:
    """Two short effects, one behind the other."""
    nodes = [
        node("hook", "webhook", params={"path": PATH}),
        flows.call("first", effects.url(40)),
        flows.call("second", effects.url(40)),
    ]
    return graph(nodes, ["hook -> first", "first -> second"])


@dataclass
class Traffic:
    """Sends until it is left; several senders, each one request after the other."""

    cluster: Cluster
    effects: EffectServer
    accepted: list[str] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)
    longest_s: float = 0.0
    """What the slowest answer took."""

    def __enter__(self) -> Self:
        self._left = threading.Event()
        self._threads = [threading.Thread(target=self._send, daemon=True) for _ in range(SENDERS)]
        for thread in self._threads:
            thread.start()
        self.more(10)
        return self

    def __exit__(self, *exception: object) -> None:
        self._left.set()
        for thread in self._threads:
            thread.join(60)

    def more(self, count: int) -> None:
        """Wait until so many more are accepted."""
        enough = len(self.accepted) + count
        wait_for(lambda: len(self.accepted) >= enough, 60, every=0.05)

    def judge(self, repeats: int = 0) -> str:
        """Wait until all runs have ended, hold each against its promise, and tell of it.

        `repeats`: how often each effect may have been made again.
        """
        assert set(self.answers) <= {202, 429, 503}, self.answers
        began = time.monotonic()
        wait_for(lambda: self._open() == 0, 120, every=0.2)
        took_s = time.monotonic() - began
        statuses = Counter(
            status
            for (status,) in self.cluster.rows(
                "SELECT status FROM runs WHERE id = ANY(%s::uuid[])", self.accepted
            )
        )
        assert statuses == {"completed": len(self.accepted)}, statuses
        begun, accepted = self.effects.begun(), set(self.accepted)
        made = {key: times for key, times in begun.items() if key.split(":")[0] in accepted}
        assert len(made) == 2 * len(accepted)
        assert max(made.values()) <= 1 + repeats, Counter(made.values())
        for run in self.accepted[:: max(1, len(self.accepted) // 20)]:
            events = list(read_events(self.cluster, run, 0))
            assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
            assert [event["event"] for event in events].count("run_finished") == 1
        refused = ", ".join(f"{n:,} x {status}" for status, n in sorted(self.answers.items()))
        again = sum(times - 1 for times in made.values())
        return (
            f"hooks {refused}; accepted and completed {len(accepted):,}, lost 0; "
            f"effects {len(made):,}, made again {again:,}; slowest answer {self.longest_s:.1f} s; "
            f"all ended {took_s:.1f} s after the last hook"
        )

    def _send(self) -> None:
        with httpx.Client(verify=TLS, timeout=60) as client:
            while not self._left.wait(PAUSE_S):
                began = time.monotonic()
                answer = client.post(f"{self.cluster.url}/hooks/{PATH}", json={})
                self.longest_s = max(self.longest_s, time.monotonic() - began)
                self.answers[answer.status_code] += 1
                if answer.status_code == 202:
                    self.accepted.append(answer.json()["run"])

    def _open(self) -> int:
        [[count]] = self.cluster.rows(
            "SELECT count(*) FROM runs WHERE id = ANY(%s::uuid[]) AND finished_at IS NULL",
            self.accepted,
        )
        return int(count)
