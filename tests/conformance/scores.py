"""How many of a set of cases an adapter answers as they want, by the scorer beside them."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def score(folder: Path, vectors: str, adapter: str) -> tuple[int, int, str]:
    """Ask `python -m tests.conformance.<adapter>` all cases of a file in `folder`.

    Gives how many it answered right, how many there are, and what the scorer says.
    """
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
    return int(counts[1]), int(counts[2]), told.stdout
