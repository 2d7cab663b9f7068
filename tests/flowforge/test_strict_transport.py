"""Browsers that came over TLS come no other way again."""

import pytest
from django.test import Client
from pytest_django import Settings


@pytest.mark.parametrize("path", ["/healthz", "/static/app/nowhere", "/nowhere"])
def test_what_is_public_over_tls_tells_browsers_to_stay_there(
    settings: Settings, path: str
) -> None:
    # The proxy in front speaks TLS; what reaches FlowForge is plain.
    settings.IS_HTTPS = True
    assert Client().get(path)["Strict-Transport-Security"].startswith("max-age=")


def test_without_tls_nothing_is_told(settings: Settings) -> None:
    settings.IS_HTTPS = False
    assert "Strict-Transport-Security" not in Client().get("/healthz")
