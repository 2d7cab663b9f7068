"""How many of a set of cases an adapter answers as they want, by the scorer beside them."""

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.conformance.folders import folder_of

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Score:
    right: int
    count: int
    told: str
    """What the scorer says, case by case."""

    @property
    def share(self) -> float:
        return self.right / self.count


def score(vectors: str, adapter: str) -> Score:
    """Ask `python -m tests.conformance.<adapter>` all cases of a file in CONFORMANCE_DIR."""
    folder = folder_of("CONFORMANCE_DIR")
    told = subprocess.run(
        [
            sys.executable,
            folder.parent / "score_vectors.py",
            folder / "vectors" / vectors,
            "-v",
            "--batch-cmd",
            f"{sys.executable} -m tests.conformance.{adapter}",
        ],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    counts = re.search(r"^(\d+)/(\d+)  ", told.stdout, re.MULTILINE)
    assert counts is not None, told.stderr
    found = Score(int(counts[1]), int(counts[2]), told.stdout)
    assert found.count, f"{vectors} has no cases"
    return found
