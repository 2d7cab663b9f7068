"""Each wrong setting is told by its id, before anything starts."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.checks import run_checks
from pytest_django import Settings

from apps.expressions.sandbox import Sandbox


def ids() -> set[str]:
    return {message.id for message in run_checks() if message.id.startswith("flowforge.")}


@pytest.fixture(autouse=True)
def well_set() -> None:
    assert ids() == set()


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("UNREADABLE", {"SWEEP_S": "no number"}, "flowforge.E001"),
        ("SWEEP_S", 0, "flowforge.E002"),
        # a single late heartbeat would take the runs away
        ("SILENT_AFTER_S", 2.0, "flowforge.E002"),
        ("REDIS_URL", "http://localhost", "flowforge.E003"),
        ("TRUSTED_PROXIES", ["proxy.internal"], "flowforge.E004"),
        ("HOOKS_HOST", "hooks.example.org:8443", "flowforge.E005"),
        ("HOOKS_HOST", "https://hooks.example.org", "flowforge.E005"),
        # all on one host: the app would answer nothing but hooks
        ("HOOKS_HOST", "127.0.0.1", "flowforge.E005"),
        ("REDIS_URL", "redis://localhost:port", "flowforge.E003"),
        ("CACHE_REDIS_URL", "localhost", "flowforge.E003"),
        ("DEFAULT_FROM_EMAIL", "FlowForge", "flowforge.E008"),
        ("ALERT_EMAILS", ["ops@example.org", "on call"], "flowforge.E008"),
        ("ALLOW_INSECURE_TLS", True, "flowforge.W006"),
        ("MAX_RESPONSE_BYTES", 0, "flowforge.E002"),
        ("INBOX_DAYS", 0.0, "flowforge.E002"),
    ],
)
def test_a_wrong_value_is_found(
    settings: Settings, name: str, value: object, expected: str
) -> None:
    settings.CREDENTIAL_KEYS_ARE_GIVEN = True
    setattr(settings, name, value)
    assert ids() == {expected}


def test_a_library_that_is_not_installed_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("apps.expressions.child.JSHOST", tmp_path / "jshost.py")
    assert ids() == {"flowforge.E007"}


def test_walls_that_the_sandbox_lacks_are_told_before_a_deployment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lacking = {"seccomp": "Operation not permitted"}
    monkeypatch.setattr(Sandbox, "missing_walls", lambda sandbox: lacking)
    told = run_checks(include_deployment_checks=True)
    [warning] = [message for message in told if message.id == "flowforge.W002"]
    assert "seccomp: Operation not permitted" in warning.msg


def deployment_warnings() -> set[str]:
    told = run_checks(include_deployment_checks=True)
    return {message.id for message in told if not message.is_silenced()} - {"flowforge.W002"}


def test_before_a_deployment_only_what_is_missing_is_told(settings: Settings) -> None:
    settings.IS_HTTPS = False
    assert deployment_warnings() == {"flowforge.W003"}
    settings.IS_HTTPS = True
    assert deployment_warnings() == set()


def test_own_files_that_others_can_open_are_found(settings: Settings, tmp_path: Path) -> None:
    tmp_path.chmod(0o750)
    settings.VAR_DIR = tmp_path
    assert ids() == {"flowforge.E006"}


def test_redis_beside_a_sqlite_file_is_warned_of(settings: Settings) -> None:
    settings.REDIS_URL = "redis://localhost"
    settings.IS_SQLITE = True
    settings.CREDENTIAL_KEYS_ARE_GIVEN = True
    assert ids() == {"flowforge.W001"}


def test_the_defaults_serve_this_machine_only() -> None:
    assert settings.HOST == "127.0.0.1"
    assert settings.EGRESS_ALLOW == []
    assert settings.DEBUG is False
