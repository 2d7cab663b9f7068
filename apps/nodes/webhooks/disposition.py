"""Under which name an answer with a file is kept, as RFC 6266 has it."""

import re
from urllib.parse import quote

from apps.nodes.files import file_name

_NAMED = re.compile(r"""(?P<kind>[\w-]+)\s*;\s*filename="?(?P<name>[^";]+)"?""")


def content_disposition(kind: str, name: str) -> str:
    """The value of the header; where the name is not ASCII, also as UTF-8 for those who read it."""
    name = file_name(name)
    if not name:
        return kind
    plain = "".join(char if char.isascii() else "_" for char in name)
    quoted = re.sub(r'(["\\])', r"\\\1", plain)
    told = f'{kind}; filename="{quoted}"'
    return told if plain == name else f"{told}; filename*=UTF-8''{quote(name, safe='')}"


def plain_disposition(written: str) -> str:
    """A value that somebody wrote with a name in any script; as it is where that cannot be read."""
    named = _NAMED.fullmatch(written)
    if written.isascii() or not named:
        return written
    return content_disposition(named["kind"], named["name"])
