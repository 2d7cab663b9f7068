"""What must hold of every run, and what must be equal however it was disturbed."""

import math
from collections import Counter
from typing import Any

from apps.engine.encoding import decode
from apps.engine.journal import StepRow
from apps.engine.plan import Plan
from apps.engine.recorder import Key
from apps.engine.retry import WORKER_LOST
from apps.engine.scheduler import Source
from tests.engine.simulation.store import TERMINAL
from tests.engine.simulation.watch import told
from tests.engine.simulation.world import World

WRITERS = ("talk", "delay")
ENDS = ("step_succeeded", "step_failed", "step_skipped")


def check_alone(world: World) -> None:
    """What must hold of any ended run."""
    assert world.store.status in TERMINAL
    assert not world.outside.wrongs, world.outside.wrongs[0]
    _check_rows(world)
    _check_events(world)
    _check_inputs(world)
    _check_writes(world)
    if world.store.status == "completed":
        _check_complete(world)
        assert not world.cancelled, "a cancel was accepted and the run completed"
        assert not world.store.unread, "the run completed with signals unread"


def check_same(world: World, undisturbed: World) -> None:
    """Compare a run that was disturbed (and not cancelled) with the undisturbed one."""
    _check_starts(world, undisturbed)
    rows, others = world.store.steps(), undisturbed.store.steps()
    if _was_failed_by_death(rows):
        return
    ended = world.store.status, undisturbed.store.status
    assert ended[0] == ended[1], f"the run {ended[0]}, undisturbed it {ended[1]}"
    if world.store.status == "completed":
        assert rows.keys() == others.keys(), "a step was lost or doubled"
        for key, row in rows.items():
            assert _outcome(row) == _outcome(others[key]), f"step {key} came out differently"
    else:
        # Which of several fatal steps is the first depends on the order of branches.
        for key in rows.keys() & others.keys():
            if {rows[key].status, others[key].status} == {"completed"}:
                assert _outcome(rows[key]) == _outcome(others[key]), f"{key} came out differently"


def _check_starts(world: World, undisturbed: World) -> None:
    if undisturbed.store.status != "completed":
        return
    for key, count in world.outside.started.items():
        most = undisturbed.outside.started[key] + world.deaths
        assert count <= most, f"effect {key} started {count} times, at most {most} were to be"


def _check_rows(world: World) -> None:
    for key, row in world.store.steps().items():
        assert row.status in ("completed", "failed", "skipped"), f"{key} was left {row.status}"
        assert row.retry_count == max(0, len(row.attempts) - 1)
        assert (row.status == "skipped") == (not row.attempts)
        assert (row.error is not None) == (row.status == "failed")
        assert not row.error or row.error["code"] != "internal_error", row.error
    ids = Counter(row.id for row in world.store.steps().values())
    assert max(ids.values(), default=1) == 1
    iterations = Counter(node for node, _ in world.store.steps())
    for node, count in iterations.items():
        assert all((node, n) in world.store.steps() for n in range(count)), f"{node} has a gap"


def _check_events(world: World) -> None:
    events = told(world.store)
    names = [event["event"] for event in events]
    assert names[0] == "run_started"
    assert names.count("run_started") == names.count("run_finished") == 1
    assert names[-1] == "run_finished"
    assert events[-1]["status"] == world.store.status
    by_step: dict[str, list[dict[str, Any]]] = {}
    for event in events:
        if "step" in event and event["event"] != "run_waiting":
            by_step.setdefault(event["step"], []).append(event)
    for each in by_step.values():
        assert [event["event"] in ENDS for event in each] == [False] * (len(each) - 1) + [True]
        _check_attempts(each)


def _check_attempts(events: list[dict[str, Any]]) -> None:
    attempt, is_open = 0, False
    for event in events:
        if event["event"] == "step_started":
            assert not is_open, "an attempt started while another was open"
            attempt, is_open = attempt + 1, True
        elif event["event"] == "step_retrying":
            assert is_open
            is_open = False
        assert event["attempt"] == max(1, attempt), f"{event} came in attempt {attempt}"


def _check_inputs(world: World) -> None:
    """What each node saw, and what is stored as its input, is what its sources have stored."""
    steps = world.store.steps()
    inputs = {key: _stored_inputs(world, row) for key, row in steps.items()}
    for key, row in steps.items():
        if row.input is not None:
            assert decode(row.input) == inputs[key], (
                f"the input of {key} is not what its sources have stored"
            )
    for key, seen in world.outside.seen:
        if key not in inputs:
            continue  # of an attempt that died before anything of it was durable
        wanted = inputs[key]
        if world.plan.nodes[key[0]].run_once:
            wanted = {name: items[:1] for name, items in wanted.items()}
        is_last_of_loop = world.plan.is_loop(key[0]) and not steps[key].output_counts.get("loop")
        if not is_last_of_loop:  # whose row names all that came back, and not the last batch alone
            assert _same(seen, wanted), f"{key} took {seen}, stored is {wanted}"


def _stored_inputs(world: World, row: StepRow) -> dict[str, list[Any]]:
    return {
        name: [item for source in row.sources.get(name, ()) for item in _items(world, source)]
        for name in world.plan.inputs[row.node]
    }


def _items(world: World, source: Source) -> list[Any]:
    output = world.store.steps()[source.node, source.iteration].output
    assert output is not None, f"{source} was passed on and is not stored"
    items: list[Any] = decode(output)[source.output]
    return items


def _same(seen: Any, stored: Any) -> bool:
    """Equal, types of numbers included."""
    if isinstance(seen, float) and math.isnan(seen):
        return False
    return bool(seen == stored) and repr(seen) == repr(stored)


def _check_writes(world: World) -> None:
    """What a step makes beside its items is there exactly once if the step is, else not at all."""
    written = Counter(world.store.writes)
    for key, row in world.store.steps().items():
        count = written.pop(row.id, 0)
        node = world.plan.nodes[key[0]]
        if row.status == "completed" and node.type in WRITERS and not node.disabled:
            assert count == 1, f"{key} wrote {count} times"
        else:
            waited = node.type == "delay"  # and was cancelled then
            assert count <= waited, f"{key} wrote {count} times, and did not end so"
    assert not written, "something was written for a step that is not there"


def _check_complete(world: World) -> None:
    """Nothing was left out, and nothing ran without something to take."""
    plan, steps = world.plan, world.store.steps()
    for key, row in steps.items():
        takes = any(_has_items(steps, source) for each in row.sources.values() for source in each)
        if row.status == "skipped":
            assert not takes, f"{key} was skipped"
        else:
            assert takes or key[0] == plan.start, f"{key} ran without anything to take"
    if world.graph.settings.order == "topological":
        _check_counts(plan, steps)
    else:
        _check_all_arrived(plan, steps)


def _check_counts(plan: Plan, steps: dict[Key, StepRow]) -> None:
    """Every node has its row: one, or in a Loop's body one for each batch."""
    counts = Counter(node for node, _ in steps)
    for node in plan.nodes:
        loop = plan.loop_of.get(node)
        if not plan.is_loop(node):
            wanted = 1 if loop is None else _bodies(plan, steps, loop)
            assert counts[node] == wanted, f"{node} has {counts[node]} rows, not {wanted}"


def _check_all_arrived(plan: Plan, steps: dict[Key, StepRow]) -> None:
    """Whatever left by an edge was taken at its end."""
    taken = {
        (source, node)
        for (node, _), row in steps.items()
        for each in row.sources.values()
        for source in each
    }
    for node, iteration in steps:
        for edge in plan.outgoing[node]:
            source = Source(node, iteration, edge.source_output)
            if _has_items(steps, source):
                assert (source, edge.target) in taken, f"{source} never reached {edge.target}"


def _bodies(plan: Plan, steps: dict[Key, StepRow], loop: str) -> int:
    """How often a Loop's body was walked: batches, and once for each time it was not entered."""
    rows = [steps[key] for key in sorted(steps) if key[0] == loop]
    batches = [bool(row.output_counts.get("loop")) for row in rows]
    entered = sum(batches)
    not_entered = sum(
        not batch and not (place and batches[place - 1]) for place, batch in enumerate(batches)
    )
    return entered + not_entered


def _has_items(steps: dict[Key, StepRow], source: Source) -> bool:
    return bool(steps[source.node, source.iteration].output_counts.get(source.output))


def _was_failed_by_death(rows: dict[Key, StepRow]) -> bool:
    return any(row.error and row.error["code"] == WORKER_LOST for row in rows.values())


def _outcome(row: StepRow) -> tuple[Any, ...]:
    code = row.error and row.error["code"]
    return row.status, row.output, row.output_counts, row.sources, row.input, code
