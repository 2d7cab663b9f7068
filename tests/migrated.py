"""Databases that are migrated already, for processes that tests start: made once, then copied.

To migrate takes five seconds of CPU time, and a copy none. That a first start migrates is tested
where it is the subject, and by each cluster.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from functools import cache
from pathlib import Path

from tests.services import new_database

ROOT = Path(__file__).parent.parent


def migrated_sqlite(folder: Path) -> str:
    """Put a database where an installation in this folder has its own, and return the URL."""
    var = folder / "var"
    var.mkdir(mode=0o700)
    shutil.copy(_sqlite(), var / "flowforge.sqlite3")
    return f"sqlite:///{var}/flowforge.sqlite3"


def migrated_postgres(url: str) -> str:
    """Make a database beside the one of this URL and return its URL."""
    return new_database(url, f"test_{uuid.uuid4().hex}", template=_postgres(url))


@cache
def _sqlite() -> Path:
    file = Path(os.environ["VAR_DIR"]) / f"migrated-{os.getpid()}.sqlite3"
    _migrate(f"sqlite:///{file}")
    return file


@cache
def _postgres(url: str) -> str:
    name = f"migrated_{uuid.uuid4().hex}"
    _migrate(new_database(url, name))
    return name


def _migrate(url: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "-v0"],
            cwd=ROOT,
            env=os.environ | {"DATABASE_URL": url, "VAR_DIR": folder},
            check=True,
        )
