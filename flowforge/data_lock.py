"""One process serves the data at a time, where that process is all there is."""

import fcntl
import os

from django.conf import settings


class DataInUseError(Exception):
    """Another process serves the same data."""

    def __init__(self, pid: str) -> None:
        super().__init__(f"FlowForge already runs on this data, as process {pid}.")


def lock_data() -> None:
    """Take the lock and write our pid into it, or raise DataInUseError.

    It lies beside the SQLite file, or in `VAR_DIR` when the data is elsewhere. The kernel releases
    it when the process ends, however it ends.
    """
    database = settings.DATABASES["default"]["NAME"] if settings.IS_SQLITE else "flowforge"
    path = settings.VAR_DIR / f"{database}.lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        with os.fdopen(descriptor) as file:
            raise DataInUseError(file.read().strip()) from None
    os.ftruncate(descriptor, 0)
    os.write(descriptor, str(os.getpid()).encode())
