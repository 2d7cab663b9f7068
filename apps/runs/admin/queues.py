"""What waits and why, as it stands above the list of workers."""

from collections.abc import Iterator
from typing import Any

from apps.runs.admin.show import admin_link, ago, ahead
from apps.runs.backlog import LOOKED_AT, MOST, MOST_IN_LINE, WORKER, Backlog, Hands, backlog

REASONS = {
    "hold": "that a pause or hold is lifted",
    "slot": "a slot: as many execute as may at once",
    "rate": "their time: as many started as may within a span",
}


def queues_shown() -> dict[str, Any]:
    """The parts of the page, for its template."""
    now = backlog()
    return {
        "hands": _hands(now.hands),
        "queues": [
            {
                "name": queue.name,
                "ready": many(queue.ready, MOST),
                "claimable": f"{queue.claimable:,}"
                + (f" of the first {LOOKED_AT:,}" if queue.looked_at == LOOKED_AT else ""),
                "oldest": ago(queue.oldest),
            }
            for queue in now.queues
        ],
        "reasons": list(_reasons(now)),
    }


def _reasons(now: Backlog) -> Iterator[dict[str, Any]]:
    """What runs wait for, and for what those do that no worker has put into a line yet."""
    for kind, told in {WORKER: _for_worker(now.hands), **REASONS}.items():
        found = [queue for queue in now.queues if kind in queue.wait_for]
        count = now.in_lines.get(kind, 0) + sum(queue.wait_for[kind] for queue in found)
        if not count:
            continue
        is_all = all(queue.looked_at < LOOKED_AT for queue in found)
        shown = many(count, MOST) if is_all else f"at least {count:,}"
        yield {"count": shown, "told": told, "lines": _lines(now, kind)}


def many(count: int, most: int) -> str:
    """A count that went no further than to `most` and one more."""
    return f"over {most:,}" if count > most else f"{count:,}"


def _lines(now: Backlog, kind: str) -> list[dict[str, Any]]:
    return [
        {
            "count": many(line.count, MOST_IN_LINE),
            "kind": line.kind,
            "workflow": admin_link("workflows_workflow", line.workflow, line.name),
            "key": line.key or "–",
            "look_at": ahead(line.look_at),
        }
        for line in now.lines
        if line.kind == kind
    ]


def _for_worker(hands: Hands) -> str:
    if hands.working:
        return "a free thread of a worker" if hands.busy >= hands.threads else "their turn"
    if hands.leaving:
        return "a worker: all drain, are drained or stop"
    return "a worker: none is alive"


def _hands(hands: Hands) -> str:
    """Who could take what is ready, in a sentence."""
    if not hands.working:
        if hands.leaving:
            return "Nobody takes runs: all workers drain, are drained or stop."
        return "Nobody takes runs: no worker is alive."
    free = max(hands.threads - hands.busy, 0)
    workers = "1 worker takes" if hands.working == 1 else f"{hands.working:,} workers take"
    rest = [
        f"{count:,} {what}"
        for count, what in (
            (hands.leaving, "drained, draining or asked to stop"),
            (hands.silent, "silent"),
        )
        if count
    ]
    verb = "thread is" if hands.threads == 1 else "threads are"
    told = f"{workers} runs of every queue: {free:,} of {hands.threads:,} {verb} free"
    return f"{told}; {', '.join(rest)}." if rest else f"{told}."
