"""Benchmarks are started by hand, and rarely: that they begin is seen here."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("name", ["tests.bench.__main__", "tests.bench.full"])
def test_a_benchmark_is_loaded_by_a_process_of_its_own(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import {name}"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
