"""Pools of children: one for all tests of the expressions, and small ones of their own."""

from collections.abc import Iterator

import pytest

from apps.expressions.sandbox import Sandbox


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox(size=2)
    yield sandbox
    sandbox.close()


@pytest.fixture
def small() -> Iterator[Sandbox]:
    sandbox = Sandbox(size=1)
    yield sandbox
    sandbox.close()


@pytest.fixture
def wide() -> Iterator[Sandbox]:
    sandbox = Sandbox(size=4)
    yield sandbox
    sandbox.close()
