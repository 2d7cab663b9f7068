"""What the first start says is ready to paste."""

import json
import subprocess
from pathlib import Path

from pytest_django import Settings

from apps.operations.demo import WORKFLOWS, Access
from flowforge.welcome import welcome

SAID = Access("admin@localhost", "a password", "ff_key")


def test_the_file_that_the_hook_is_sent_is_made_by_a_line_before(
    settings: Settings, tmp_path: Path
) -> None:
    lines = [line.strip() for line in welcome(SAID).splitlines()]
    [sending] = [line for line in lines if "--data-binary @payload.json" in line]
    assert sending.endswith(f"{settings.PUBLIC_URL}/hooks/demo")
    making = lines[lines.index(sending) - 1]
    subprocess.run(["/bin/bash", "-c", making], cwd=tmp_path, check=True)
    assert json.loads((tmp_path / "payload.json").read_text())["action"] == "opened"


def test_every_demo_workflow_is_named() -> None:
    assert [name for name in WORKFLOWS if name not in welcome(SAID)] == []
