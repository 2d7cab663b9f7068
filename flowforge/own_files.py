"""The files FlowForge keeps for itself: for its user's eyes only."""

import errno
import os
from collections.abc import Callable
from pathlib import Path


def private_folder(path: Path) -> Path:
    """Return the folder, made with mode 0700 if it is not there yet. Raises OSError."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not os.access(path, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    return path


def kept_secret(path: Path, make: Callable[[], str]) -> str:
    """Return the secret in this file; whoever comes first makes it, and two never make two."""
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(f"{make()}\n")  # so that a line can be added behind it
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)  # fails where another process was first
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
