"""The numbers that bound one run."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How often a run is recorded, what waits in memory, how much it may give."""

    commit_after_s: float = 0.05
    commit_after_steps: int = 1_000
    durable_retry_s: float = 5
    parallel_branches: int = 8
    step_output_bytes: int = 64 * 1024 * 1024
    run_output_bytes: int = 1024 * 1024 * 1024


DEFAULT_LIMITS = Limits()
