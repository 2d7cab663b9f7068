"""Reads settings from the environment: each by its form, secrets also from `<NAME>_FILE`.

A value that cannot be read is noted in `UNREADABLE` and its default taken.
"""

import logging
import math
import re
from collections.abc import Callable, Collection
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from apps.nodes.outside.egress import EgressPolicy

env = environ.FileAwareEnv()

#: Environment variables whose value could not be read: name -> why.
UNREADABLE: dict[str, str] = {}

FLAGS = {
    **dict.fromkeys(("true", "yes", "on", "1"), True),
    **dict.fromkeys(("false", "no", "off", "0", ""), False),
}


def read(name: str, cast: Callable[..., Any], default: Any) -> Any:
    """Read a variable; a value of the wrong form is noted and the default taken."""
    try:
        return env.get_value(name, cast=cast, default=default)
    except (ValueError, ImproperlyConfigured, OSError) as error:
        UNREADABLE[name] = str(error)
        return default


def number(name: str, default: float) -> Any:
    """Read a number of the default's own type, strictly: django-environ takes `2s` for 2.0."""
    kind = type(default)

    def cast(value: Any) -> Any:
        try:
            found = kind(str(value))
        except ValueError:
            found = math.nan
        if isinstance(found, float) and not math.isfinite(found):
            raise ValueError(f"{value!r} is no {'whole ' * (kind is int)}number")
        return found

    return read(name, cast, default)


def flag(name: str) -> bool:
    """Read true or false, false where it is not set: django-environ takes any word for false."""

    def cast(value: str) -> bool:
        word = value.strip().lower()
        if word not in FLAGS:
            raise ValueError(f"it must be one of {', '.join(word for word in FLAGS if word)}")
        return FLAGS[word]

    return bool(read(name, cast, False))


def text(name: str, default: str = "") -> str:
    """Read a text, without the line end that a secret's file may have."""
    return str(read(name, str, default)).strip()


def port(written: str) -> int:
    """Read the number of a port."""
    if not (written.strip().isdecimal() and 0 < int(written) < 65536):
        raise ValueError(f"it must be a number from 1 to 65535, not {written!r}")
    return int(written)


def url(value: str) -> str:
    """Read scheme and host of a URL, without the slash at its end."""
    written = value.strip().rstrip("/")
    parts = urlsplit(written)
    _ = parts.port
    if parts.scheme not in ("http", "https") or not parts.hostname or any(parts[2:]):
        raise ValueError(f"it must be scheme and host, as http://127.0.0.1:8000, not {value!r}")
    return written


def fernet_keys(written: str) -> list[str]:
    """Read the keys of the vault, with commas or line ends between. Raises ValueError."""
    keys = re.split(r"[\s,]+", written.strip())
    for place, key in enumerate(keys, start=1):
        # Fernet itself drops what is no base64, and of two keys glued together all but one.
        if not re.fullmatch(r"[A-Za-z0-9_-]{43}=", key):
            # Without the key, which may differ from a good one by a single sign.
            raise ValueError(
                f"its key {place} of {len(keys)} is none: 32 bytes in URL-safe base64 are, which "
                "is 44 characters; commas or line ends stand between keys"
            )
    return keys


def entries(written: str) -> list[str]:
    """Read a list with commas between."""
    return [entry.strip() for entry in written.split(",") if entry.strip()]


def modules(written: str) -> list[str]:
    """Read names of modules that can be imported."""
    names = entries(written)
    for name in names:
        if not _is_importable(name):
            raise ValueError(f"there is no module {name!r} on PYTHONPATH")
    return names


def _is_importable(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except (ImportError, ValueError):  # of what it would be a part of; a name that is none
        return False


def egress_entries(written: str, own_url: str) -> list[str]:
    """Read what is opened to nodes; the word `OWN_URL` stands for the address in it."""
    own = urlsplit(own_url).netloc
    opened = [own if entry == "OWN_URL" else entry for entry in entries(written)]
    _ = EgressPolicy(opened)
    return opened


def log_level(name: str) -> int:
    levels = logging.getLevelNamesMapping()
    if name.strip().upper() not in levels:
        raise ValueError(f"it must be one of {', '.join(levels)}")
    return levels[name.strip().upper()]


def database(written: str, engines: Collection[str]) -> dict[str, Any]:
    """Read the URL of a database. Raises ValueError, which does not show it: it has a password."""
    url = written.strip()
    try:
        # django-environ would warn of a scheme that it does not know.
        if env.DB_SCHEMES.get(urlsplit(url).scheme) in engines:
            return dict(env.db_url_config(url))
    except ValueError:
        raise ValueError("it is no URL; has its password a sign that must be escaped?") from None
    raise ValueError("it must begin with postgres:// or with sqlite:///")


def mail(written: str) -> dict[str, Any]:
    """Read the URL of a mail server. Raises ValueError, which does not show it."""
    url = written.strip() or "consolemail://"
    schemes = ("smtp", "smtps", "smtp+tls", "smtp+ssl", "consolemail", "filemail")
    try:
        if urlsplit(url).scheme in schemes:
            config = dict(env.email_url_config(url))
            # django-environ takes the folder for one below where the server was started.
            return config | {"EMAIL_FILE_PATH": f"/{config['EMAIL_FILE_PATH'].lstrip('/')}"}
    except ValueError:
        raise ValueError("it is no URL; has its password a sign that must be escaped?") from None
    raise ValueError(f"it must begin with one of {', '.join(f'{each}://' for each in schemes)}")
