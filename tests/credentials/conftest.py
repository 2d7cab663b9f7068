"""What the tests of the vault share."""

import pytest
from cryptography.fernet import Fernet
from pytest_django import Settings


@pytest.fixture
def keys(settings: Settings) -> list[str]:
    """Three keys, of which the first seals; the test may take some away or turn them round."""
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode() for _ in range(3)]
    return settings.CREDENTIAL_KEYS
