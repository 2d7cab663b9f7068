"""The command line, as somebody uses it."""

import os
import subprocess
import sys
from pathlib import Path

from tests.installation import ROOT


def test_a_command_says_in_a_line_that_the_database_cannot_be_used(tmp_path: Path) -> None:
    away = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "VAR_DIR": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, ROOT / "manage.py", "drain"],
        env=os.environ | away,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].startswith("The database cannot be used: ")
    assert "Traceback" not in ended.stderr
