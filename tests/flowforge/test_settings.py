"""What the environment does to the settings."""

import json
import os
import runpy
import stat
import subprocess
import sys
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from flowforge.environment import UNREADABLE, env
from tests.installation import ROOT


def settings_with(var_dir: Path, given: dict[str, str], *names: str) -> dict[str, Any]:
    """These settings, as a process with this environment and no other has them."""
    only = {"VAR_DIR": str(var_dir)} | given
    with (
        patch.dict(os.environ, only, clear=True),
        patch.dict(UNREADABLE, clear=True),
        patch.dict(env.ENVIRON.files_cache, clear=True),
    ):
        settings = runpy.run_path(str(ROOT / "flowforge" / "settings.py"))
        shown = json.dumps({name: settings[name] for name in names})
    return dict(json.loads(shown))


def test_without_an_environment_one_process_serves_all(tmp_path: Path) -> None:
    shown = settings_with(tmp_path, {}, "DATABASES", "CELERY_BROKER_URL", "WORKER_THREADS")
    assert shown["DATABASES"]["default"]["NAME"] == f"{tmp_path}/flowforge.sqlite3"
    assert shown["CELERY_BROKER_URL"] == "memory://localhost/"
    assert shown["WORKER_THREADS"] == 8


def test_two_variables_move_it_to_postgresql_and_redis(tmp_path: Path) -> None:
    environment = {"DATABASE_URL": "postgres://u:p@db:5433/ff", "REDIS_URL": "redis://q:6379/0"}
    shown = settings_with(
        tmp_path, environment, "DATABASES", "CELERY_BROKER_URL", "CHANNEL_LAYERS", "WORKER_THREADS"
    )
    database = shown["DATABASES"]["default"]
    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert (database["HOST"], database["PORT"], database["NAME"]) == ("db", 5433, "ff")
    assert database["OPTIONS"]["pool"]["max_size"] == 24
    assert shown["CELERY_BROKER_URL"] == "redis://q:6379/0"
    assert shown["CHANNEL_LAYERS"]["default"]["CONFIG"] == {"hosts": ["redis://q:6379/0"]}
    assert shown["WORKER_THREADS"] == 16


def test_each_use_of_redis_may_have_one_of_its_own(tmp_path: Path) -> None:
    environment = {"REDIS_URL": "redis://q:6379/0", "STREAMS_REDIS_URL": "redis://s:6379/0"}
    shown = settings_with(tmp_path, environment, "CELERY_BROKER_URL", "CHANNEL_LAYERS", "CACHES")
    assert shown["CELERY_BROKER_URL"] == shown["CACHES"]["default"]["LOCATION"]
    assert shown["CELERY_BROKER_URL"] == "redis://q:6379/0"
    assert shown["CHANNEL_LAYERS"]["default"]["CONFIG"] == {"hosts": ["redis://s:6379/0"]}


def test_behind_a_pooler_nothing_is_left_in_a_session(tmp_path: Path) -> None:
    environment = {"DATABASE_URL": "postgres://u:p@pool:6432/ff", "DATABASE_IS_POOLED": "true"}
    database = settings_with(tmp_path, environment, "DATABASES")["DATABASES"]["default"]
    assert database["DISABLE_SERVER_SIDE_CURSORS"] is True
    assert database["OPTIONS"]["prepare_threshold"] is None
    assert "options" not in database["OPTIONS"]


def test_a_secret_is_read_from_its_file_without_the_line_end(tmp_path: Path) -> None:
    (tmp_path / "given").write_text("from a file\n")
    environment = {"SECRET_KEY_FILE": f"{tmp_path}/given"}
    assert settings_with(tmp_path, environment, "SECRET_KEY") == {"SECRET_KEY": "from a file"}


def test_generated_keys_are_kept_for_their_owner_only(tmp_path: Path) -> None:
    var_dir = tmp_path / "var"
    first = settings_with(var_dir, {}, "SECRET_KEY")
    assert settings_with(var_dir, {}, "SECRET_KEY") == first
    assert stat.S_IMODE(var_dir.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in var_dir.iterdir()} == {0o600}


KEYS = [urlsafe_b64encode(bytes(range(n, n + 32))).decode() for n in (0, 100)]


def test_keys_that_cannot_be_read_are_replaced_by_none(tmp_path: Path) -> None:
    names = ("CREDENTIAL_KEYS", "CREDENTIAL_KEYS_ARE_GIVEN", "UNREADABLE")
    for given in ({"CREDENTIAL_KEYS": "none"}, {"CREDENTIAL_KEYS_FILE": f"{tmp_path}/missing"}):
        shown = settings_with(tmp_path, given, *names)
        assert shown["CREDENTIAL_KEYS"] == []
        assert shown["CREDENTIAL_KEYS_ARE_GIVEN"]
        assert list(shown["UNREADABLE"]) == ["CREDENTIAL_KEYS"]
    assert not (tmp_path / "credential_keys").exists()


def test_keys_for_credentials_are_made_once_and_kept_for_their_owner_only(tmp_path: Path) -> None:
    names = ("CREDENTIAL_KEYS", "CREDENTIAL_KEYS_ARE_GIVEN")
    first = settings_with(tmp_path, {}, *names)
    assert settings_with(tmp_path, {}, *names) == first
    assert first["CREDENTIAL_KEYS"] == [(tmp_path / "credential_keys").read_text().rstrip("\n")]
    assert not first["CREDENTIAL_KEYS_ARE_GIVEN"]
    assert stat.S_IMODE((tmp_path / "credential_keys").stat().st_mode) == 0o600


@pytest.mark.parametrize("between", [",", "\n", " , \n"])
def test_keys_for_credentials_are_given_as_a_list(tmp_path: Path, between: str) -> None:
    (tmp_path / "keys").write_text(between.join(KEYS) + "\n")
    for name, value in (("", between.join(KEYS)), ("_FILE", f"{tmp_path}/keys")):
        shown = settings_with(
            tmp_path, {f"CREDENTIAL_KEYS{name}": value}, "CREDENTIAL_KEYS", "UNREADABLE"
        )
        assert shown == {"CREDENTIAL_KEYS": KEYS, "UNREADABLE": {}}
    assert not (tmp_path / "credential_keys").exists()


def test_a_wrong_key_is_told_by_its_place_and_never_shown(tmp_path: Path) -> None:
    wrong = KEYS[1][:-4]
    environment = {"CREDENTIAL_KEYS": f"{KEYS[0]},{wrong}"}
    [(name, why)] = settings_with(tmp_path, environment, "UNREADABLE")["UNREADABLE"].items()
    assert name == "CREDENTIAL_KEYS"
    assert "key 2 of 2" in why
    assert wrong not in why


@pytest.mark.parametrize("between", ["", ";", "=", "|", "\\n"])
def test_keys_glued_together_are_none(tmp_path: Path, between: str) -> None:
    for keys in (KEYS, [KEYS[0].rstrip("="), KEYS[1]]):
        environment = {"CREDENTIAL_KEYS": between.join(keys)}
        shown = settings_with(tmp_path, environment, "UNREADABLE", "CREDENTIAL_KEYS")
        assert list(shown["UNREADABLE"]) == ["CREDENTIAL_KEYS"]
        assert shown["CREDENTIAL_KEYS"] == []


@pytest.mark.parametrize(
    "key", [f"{KEYS[0][:20]}!{KEYS[0][20:]}", KEYS[0][:-1], "+" * 43 + "=", "a" * 44]
)
def test_a_key_with_anything_else_in_it_is_none(tmp_path: Path, key: str) -> None:
    unreadable = settings_with(tmp_path, {"CREDENTIAL_KEYS": key}, "UNREADABLE")["UNREADABLE"]
    assert list(unreadable) == ["CREDENTIAL_KEYS"]


def test_a_key_can_be_added_behind_the_own_one(tmp_path: Path) -> None:
    [own] = settings_with(tmp_path, {}, "CREDENTIAL_KEYS")["CREDENTIAL_KEYS"]
    with (tmp_path / "credential_keys").open("a") as file:
        file.write(f"{KEYS[0]}\n")
    assert settings_with(tmp_path, {}, "CREDENTIAL_KEYS")["CREDENTIAL_KEYS"] == [own, KEYS[0]]


def test_a_damaged_file_of_own_keys_is_told(tmp_path: Path) -> None:
    (tmp_path / "credential_keys").write_text("rubbish")
    unreadable = settings_with(tmp_path, {}, "UNREADABLE")["UNREADABLE"]
    assert list(unreadable) == [f"{tmp_path}/credential_keys"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "65536"),
        ("SWEEP_S", "2s"),
        ("SWEEP_S", "nan"),
        ("SWEEP_S", "inf"),
        ("DATABASE_URL", "mysql://host/name"),
        ("DATABASE_URL", "postgres://host:port/name"),
        ("DATABASE_URL", "nonsense"),
        ("PUBLIC_URL", "http://[::1"),
        ("PUBLIC_URL", "http://host:port"),
        ("PUBLIC_URL", "flowforge.example.org"),
        ("PUBLIC_URL", "https://example.org/below"),
        ("PUBLIC_URL", "https://example.org#below"),
        ("OWN_URL", "web"),
        ("VAR_DIR", "/dev/null/below"),
        ("LOG_LEVEL", "chatty"),
        ("LOG_JSON", "maybe"),
        ("DEBUG", "maybe"),
        ("EGRESS_ALLOW", "localhost:http"),
        ("EGRESS_ALLOW", "localhost:65536"),
        ("EGRESS_ALLOW", "http://localhost"),
        ("EGRESS_ALLOW", "crm.internal,bar/33"),
        # host bits set: which network is meant?
        ("EGRESS_ALLOW", "10.0.0.1/8"),
        ("SECRET_KEY_FILE", "/nowhere"),
        ("CREDENTIAL_KEYS", "secret"),
        ("EMAIL_URL", "mail.example.org"),
        ("EMAIL_URL", "imap://mail.example.org"),
        ("EMAIL_URL", "smtp://mail.example.org:port"),
        ("CREDENTIAL_KEYS_FILE", "/nowhere"),
    ],
)
def test_an_unreadable_value_is_noted_and_the_default_taken(
    tmp_path: Path, name: str, value: str
) -> None:
    shown = settings_with(tmp_path, {name: value}, "UNREADABLE", "PORT", "SWEEP_S", "EGRESS_ALLOW")
    assert list(shown["UNREADABLE"]) == [name.removesuffix("_FILE")]
    assert (shown["PORT"], shown["SWEEP_S"], shown["EGRESS_ALLOW"]) == (8000, 1.0, [])


@pytest.mark.parametrize("port", ["abc", "99999"])
def test_a_wrong_port_blames_nothing_that_follows_from_it(tmp_path: Path, port: str) -> None:
    environment = {"PORT": port, "EGRESS_ALLOW": "OWN_URL"}
    shown = settings_with(tmp_path, environment, "UNREADABLE", "OWN_URL", "EGRESS_ALLOW")
    assert list(shown["UNREADABLE"]) == ["PORT"]
    assert shown["OWN_URL"] == "http://127.0.0.1:8000"
    assert shown["EGRESS_ALLOW"] == ["127.0.0.1:8000"]


def test_the_own_address_is_opened_by_its_name(tmp_path: Path) -> None:
    environment = {"EGRESS_ALLOW": "crm.internal:8443, OWN_URL", "HOST": "::", "PORT": "81"}
    assert settings_with(tmp_path, environment, "EGRESS_ALLOW") == {
        "EGRESS_ALLOW": ["crm.internal:8443", "127.0.0.1:81"]
    }


def test_a_list_may_have_spaces_between_and_a_line_end_behind(tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text("a.test, b.test,\n")
    given = {
        "ALLOWED_HOSTS_FILE": f"{tmp_path}/hosts",
        "TRUSTED_PROXIES": " 127.0.0.1 ,10.0.0.0/8",
        "EXPRESSION_ENV": "REGION, STAGE",
        "STAGE": "test",
    }
    assert settings_with(tmp_path, given, "ALLOWED_HOSTS", "TRUSTED_PROXIES", "EXPRESSION_ENV") == {
        "ALLOWED_HOSTS": ["a.test", "b.test"],
        "TRUSTED_PROXIES": ["127.0.0.1", "10.0.0.0/8"],
        "EXPRESSION_ENV": {"STAGE": "test"},
    }


@pytest.mark.parametrize(("written", "read"), [("true", True), ("1", True), ("Off", False)])
def test_a_flag_is_read_from_the_usual_words(tmp_path: Path, written: str, read: bool) -> None:
    shown = settings_with(tmp_path, {"DEBUG": written}, "UNREADABLE", "DEBUG")
    assert shown == {"UNREADABLE": {}, "DEBUG": read}


def test_a_database_that_cannot_be_read_shows_no_password(tmp_path: Path) -> None:
    environment = {"DATABASE_URL": "postgres://u:sec/ret@host/name"}
    told = settings_with(tmp_path, environment, "UNREADABLE")["UNREADABLE"]["DATABASE_URL"]
    assert "sec" not in told


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("", ("console", "localhost", 25, False, False)),
        ("smtp://mail.test", ("smtp", "mail.test", 25, False, False)),
        ("smtp+tls://mail.test", ("smtp", "mail.test", 587, True, False)),
        ("smtp+ssl://u:p%40ss@mail.test:4650", ("smtp", "mail.test", 4650, False, True)),
    ],
)
def test_a_url_names_the_server_for_mail(tmp_path: Path, url: str, server: Any) -> None:
    names = ("BACKEND", "HOST", "PORT", "USE_TLS", "USE_SSL", "HOST_USER", "HOST_PASSWORD")
    shown = settings_with(tmp_path, {"EMAIL_URL": url}, *(f"EMAIL_{name}" for name in names))
    backend = f"django.core.mail.backends.{server[0]}.EmailBackend"
    user = ["u", "p@ss"] if "@" in url else ["", ""]
    assert list(shown.values()) == [backend, *server[1:], *user]


@pytest.mark.parametrize("url", ["filemail:///var/mail", "filemail:////var/mail"])
def test_a_url_names_the_folder_that_mail_is_written_to(tmp_path: Path, url: str) -> None:
    shown = settings_with(tmp_path, {"EMAIL_URL": url}, "EMAIL_BACKEND", "EMAIL_FILE_PATH")
    assert shown == {
        "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "EMAIL_FILE_PATH": "/var/mail",
    }


def test_a_mail_server_that_cannot_be_read_shows_no_password(tmp_path: Path) -> None:
    environment = {"EMAIL_URL": "smtp://u:sec/ret@host"}
    told = settings_with(tmp_path, environment, "UNREADABLE")["UNREADABLE"]["EMAIL_URL"]
    assert "sec" not in told


def test_https_makes_cookies_strict(tmp_path: Path) -> None:
    names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "ALLOWED_HOSTS")
    shown = settings_with(tmp_path, {"PUBLIC_URL": "https://ff.example.org/"}, *names)
    assert shown["SESSION_COOKIE_SECURE"]
    assert shown["CSRF_COOKIE_SECURE"]
    assert "ff.example.org" in shown["ALLOWED_HOSTS"]


def test_pages_may_talk_to_their_own_host_only(tmp_path: Path) -> None:
    environment = {"PUBLIC_URL": "https://ff.example.org"}
    policy = settings_with(tmp_path, environment, "CONTENT_SECURITY_POLICY")
    allowed = policy["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]["connect-src"]
    assert allowed == ["'self'", "wss://ff.example.org"]


def test_only_what_is_asked_for_is_logged(tmp_path: Path) -> None:
    show = """
import logging
from django.utils.log import configure_logging
from flowforge.settings import LOGGING
configure_logging("logging.config.dictConfig", LOGGING)
for name in ("django.request", "celery", "x"):
    logging.getLogger(name).warning("said")
"""
    for level, count in (("ERROR", 0), ("warning", 3)):
        ran = subprocess.run(
            [sys.executable, "-c", show],
            env={"PATH": os.environ["PATH"], "LOG_LEVEL": level, "VAR_DIR": str(tmp_path)},
            check=True,
            capture_output=True,
        )
        assert ran.stderr.count(b"said") == count


def test_where_it_is_reached_from_other_containers_is_answered(tmp_path: Path) -> None:
    shown = settings_with(tmp_path, {"OWN_URL": "http://web:8000"}, "OWN_URL", "ALLOWED_HOSTS")
    assert shown["OWN_URL"] == "http://web:8000"
    assert "web" in shown["ALLOWED_HOSTS"]


@pytest.mark.parametrize(
    ("public", "host", "hooks"),
    [
        ("https://flow.example.org", "", "https://flow.example.org"),
        ("https://flow.example.org", "Hooks.example.org", "https://hooks.example.org"),
        ("http://10.0.0.1:8000", "hooks.local", "http://hooks.local:8000"),
    ],
)
def test_hooks_are_told_at_their_own_host(
    tmp_path: Path, public: str, host: str, hooks: str
) -> None:
    environment = {"PUBLIC_URL": public, "HOOKS_HOST": host}
    assert settings_with(tmp_path, environment, "HOOKS_URL") == {"HOOKS_URL": hooks}
