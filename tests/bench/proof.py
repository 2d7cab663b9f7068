"""What must be true before a figure is printed: nothing is missing of what was accepted."""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
import psycopg

from tests.bench.load import Sent
from tests.installation import Installation


@dataclass(frozen=True, slots=True)
class Proved:
    """How long each run took from its POST to `run_finished` (ms), and the span of all (s)."""

    latencies_ms: list[float]
    span_s: float
    events: int

    def percentile(self, share: float) -> float:
        ordered = sorted(self.latencies_ms)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def wait_until_ended(installation: Installation, workflow: str, seconds: float = 300) -> None:
    """Wait until no run of the workflow is open."""
    until = time.monotonic() + seconds
    open_ = "status=pending&status=running&status=waiting"
    while installation.api("GET", f"runs?workflow={workflow}&{open_}&limit=1")["results"]:
        if time.monotonic() > until:
            raise RuntimeError(f"runs of {workflow} are still open after {seconds} s")
        time.sleep(0.2)


def prove_kept(installation: Installation, sent: list[Sent]) -> None:
    """Raise where a hook that was accepted has no run, or no request in the inbox."""
    with psycopg.connect(installation.environment["DATABASE_URL"]) as database:
        rows = database.execute(
            "SELECT runs.id FROM runs JOIN webhook_requests AS kept ON kept.run_id = runs.id"
        ).fetchall()
    kept = [str(id) for (id,) in rows]
    lost = {each.run for each in sent} - set(kept)
    if lost or len(kept) != len(set(kept)):
        raise RuntimeError(f"{len(lost)} hooks that were accepted are not stored once")


def prove(installation: Installation, sent: list[Sent], steps: int) -> Proved:
    """Replay the events of every run. Raises where a run, a step or an event is missing."""
    latencies, ends, events = [], [], 0
    with httpx.Client(base_url=installation.url, headers=installation.headers) as client:
        for each in sent:
            seen = _replay(client, each.run)
            events += len(seen)
            if [event["seq"] for event in seen] != list(range(1, len(seen) + 1)):
                raise RuntimeError(f"run {each.run}: its events have a gap")
            done = sum("duration_ms" in event for event in seen)
            if done != steps or seen[-1].get("status") != "completed":
                raise RuntimeError(f"run {each.run}: {done} of {steps} steps, {seen[-1]}")
            ended = datetime.fromisoformat(seen[-1]["at"]).timestamp()
            ends.append(ended)
            latencies.append((ended - each.sent_at) * 1000)
    return Proved(latencies, max(ends) - min(each.sent_at for each in sent), events)


def _replay(client: httpx.Client, run: str) -> list[dict[str, Any]]:
    answer = client.get(f"/api/v1/runs/{run}/events")
    lines = answer.text.splitlines()
    return [
        httpx.Response(200, text=line[6:]).json() for line in lines if line.startswith("data: ")
    ]
