"""The two orders, by their names in a graph's settings."""

from collections.abc import Callable

from apps.engine.depth_first import DepthFirstScheduler
from apps.engine.plan import Plan
from apps.engine.scheduler import Scheduler
from apps.engine.topological import TopologicalScheduler

SCHEDULERS: dict[str, Callable[[Plan], Scheduler]] = {
    "topological": TopologicalScheduler,
    "depth_first": DepthFirstScheduler,
}
