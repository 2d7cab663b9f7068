"""The process of confined.py, seen from inside: takes off what it needs not, answers calls."""

import json
import os
import resource
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

from apps.engine.errors import NodeError
from apps.nodes.confined import HEAD


def main() -> None:
    """Run the task that the command line names for each request, until the pipe ends."""
    _, _, task, memory_mb, seconds = sys.argv
    module, _, name = task.partition(":")
    run = getattr(import_module(module), name)
    _limit(int(memory_mb) << 20)
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    answers.write(HEAD.pack(0, 0))
    answers.flush()
    while head := requests.read(HEAD.size):
        arguments_length, content_length = HEAD.unpack(head)
        arguments = json.loads(requests.read(arguments_length))
        _limit_time(float(seconds))
        written = answer(run, arguments, requests.read(content_length))
        answers.write(HEAD.pack(len(written), 0) + written)
        answers.flush()


def answer(run: Callable[[Any, bytes], Any], arguments: Any, content: bytes) -> bytes:
    """What the task gives, or its error, as JSON. Ends the process where it lacks memory."""
    try:
        return json.dumps({"value": run(arguments, content)}, allow_nan=False).encode()
    except NodeError as error:
        told = [error.code, error.message, error.hint]
    except (MemoryError, RecursionError):
        os._exit(1)
    except Exception as error:
        # A parser may raise anything on a broken file; its type says more than nothing.
        told = ["unreadable", f"This cannot be read: {type(error).__name__}.", None]
    return json.dumps({"error": told}).encode()


def _limit(memory: int) -> None:
    for number, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(number, (most, most))


def _limit_time(seconds: float) -> None:
    """Its parent stops it by the clock; this does, where the parent is gone."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime + seconds) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))
