"""How a Celery worker of FlowForge may be started."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("pool", ["processes", "solo"])
def test_a_pool_without_threads_is_refused(tmp_path: Path, pool: str) -> None:
    command = [sys.executable, "-m", "celery", "-A", "flowforge", "worker", "--pool", pool]
    environment = {"PATH": "", "VAR_DIR": str(tmp_path), "C_FORCE_ROOT": "1"}
    ended = subprocess.run(command, env=environment, capture_output=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert b"without --pool" in ended.stderr
    assert b"Traceback" not in ended.stderr
