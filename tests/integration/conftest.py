"""What the tests of durability share."""

import os
import random
from collections.abc import Iterator

import pytest

from tests.integration.effects import EffectServer


@pytest.fixture(scope="module")
def effects() -> Iterator[EffectServer]:
    """The world outside."""
    with EffectServer() as effects:
        yield effects


@pytest.fixture
def dice() -> random.Random:
    """Randomness from a seed that a failure shows; `SEED` repeats it."""
    seed = int(os.environ.get("SEED", 0)) or random.randrange(1, 2**31)
    print(f"SEED={seed}")
    return random.Random(seed)
