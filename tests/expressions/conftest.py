"""One pool of children for all tests of the expressions."""

from collections.abc import Iterator

import pytest

from apps.expressions.sandbox import Sandbox


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox(size=2)
    yield sandbox
    sandbox.close()
