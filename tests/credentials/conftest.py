"""What the tests of the vault share."""

from collections.abc import Iterator

import pytest
from cryptography.fernet import Fernet
from pytest_django import Settings

from apps.credentials.consent import redirect_uri
from apps.nodes.context import bound
from tests.credentials.provider import Provider, providing, reaching


@pytest.fixture
def keys(settings: Settings) -> list[str]:
    """Three keys, of which the first seals; the test may take some away or turn them round."""
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode() for _ in range(3)]
    return settings.CREDENTIAL_KEYS


@pytest.fixture
def provider() -> Iterator[Provider]:
    """An authorization server, and nothing else to reach."""
    with providing(redirect_uri=redirect_uri()) as provider, bound(reaching(provider)):
        yield provider
