"""Runs, their steps and who executes them, in the admin: to be read, and to be acted upon."""

from apps.runs.admin import holds, payloads, runs, signals, steps, workers, workflows

__all__ = ["holds", "payloads", "runs", "signals", "steps", "workers", "workflows"]
