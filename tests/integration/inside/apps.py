"""Loaded by `EXTRA_APPS`: a node type that kills its process, and a clock that can be set."""

import os
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import time_machine
from django.apps import AppConfig

from apps.nodes import library

LOOK_S = 0.1


class InsideConfig(AppConfig):
    name = "tests.integration.inside"

    def ready(self) -> None:
        library.__path__.append(str(Path(__file__).parent / "library"))
        if file := os.environ.get("CLOCK_FILE"):
            threading.Thread(target=follow, args=(Path(file),), daemon=True).start()


def follow(file: Path) -> None:
    """Set this process's clock ahead by the seconds that the file says, whenever it says others.

    It is the clock that Python reads: `time.time`, `datetime.now` and what is built on them. That
    of C libraries, of the kernel and of other processes stays as it is.
    """
    jumped: time_machine.travel | None = None
    known = "0"
    while True:
        ahead = file.read_text() if file.exists() else ""
        if ahead and ahead != known:
            known = ahead
            if jumped is not None:
                jumped.stop()
            jumped = time_machine.travel(datetime.now(UTC) + timedelta(seconds=float(ahead)))
            jumped.start()
        time.sleep(LOOK_S)
