"""Secrets sent through every path on which one could come back, and where it is looked for."""

import base64
import html
import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from apps.credentials.vault import Vault
from apps.nodes.context import bound, services
from apps.nodes.outside.egress import EgressPolicy
from apps.runs.events import read_events
from apps.runs.files import DatabaseFiles
from apps.runs.models import Run
from apps.runs.start import StartRequest, start_run
from apps.workspaces.models import Workspace
from flowforge.log import line_formatter
from tests.clients import ApiClient
from tests.factories import make_credential, make_user, make_version, make_workflow
from tests.graphs import Document, graph, node
from tests.nodes.servers import LocalServer, Reply, Seen
from tests.runs.work import execute
from tests.services import free_port

Form = Callable[[str], str]


def jwt_with(secret: str) -> str:
    parts = (encoded(json.dumps(part)) for part in ({"alg": "HS256"}, {"sub": "1", "k": secret}))
    return ".".join([*parts, "c2lnbmF0dXJl"])


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


FORMS: dict[str, Form] = {
    "plain": str,
    "base64": lambda secret: base64.b64encode(secret.encode()).decode(),
    "base64-url": lambda secret: base64.urlsafe_b64encode(secret.encode()).decode(),
    "url-encoded": lambda secret: quote(secret, safe=""),
    "json-escaped": lambda secret: json.dumps(secret)[1:-1],
    "html-escaped": html.escape,
    "python-repr": lambda secret: repr(secret)[1:-1],
    "upper": str.upper,
    "lower": str.lower,
    "reversed": lambda secret: secret[::-1],
    "first-half": lambda secret: secret[: len(secret) // 2],
    "utf16": lambda secret: secret.encode("utf-16-le").decode("latin-1"),
    "with-newline": lambda secret: f"{secret[:10]}\n{secret[10:]}",
    "inside-jwt": jwt_with,
}
"""How whoever was sent the secret may give it back."""


def traces(secret: str, form: str) -> list[str]:
    """What may be found of it nowhere: the form, however it is written where it is kept."""
    spelled = FORMS[form](secret)
    if form == "inside-jwt":
        [_, spelled, _] = spelled.split(".")
        spelled = spelled[20:-4]
    escaped = json.dumps(spelled)[1:-1]
    return list(dict.fromkeys([spelled, escaped, repr(spelled)[1:-1], json.dumps(escaped)[1:-1]]))


class Echo(LocalServer):
    """Gives a secret back in the way that the path names."""

    def __init__(self, spelled: str) -> None:
        self.spelled = spelled
        super().__init__(self._reply)

    def at(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/{path}"

    def _reply(self, seen: Seen) -> Reply:
        way = seen.path.strip("/").partition("?")[0].partition("/")[0]
        asked = [seen.path, *seen.headers]
        body = json.dumps({"got": self.spelled, self.spelled: 1, "asked": asked})
        as_json = {"Content-Type": "application/json"}
        one_line = self.spelled.replace("\n", " ").replace("\0", " ")
        match way:
            case "header":
                return Reply(200, {"X-Echo": one_line}, b"{}")
            case "refused":
                return Reply(401, as_json, body.encode())
            case "long":
                # It ends behind what an error tells of a body.
                return Reply(401, {}, b"x" * (500 - len(self.spelled) + 3) + self.spelled.encode())
            case "large":
                text = [f"{place} {self.spelled}" for place in range(10_000)]
                return Reply(200, as_json, json.dumps({"all": text}).encode())
            case "redirect":
                target = (
                    f"http://{quote(self.spelled)}@127.0.0.1:{free_port()}/{quote(self.spelled)}"
                )
                return Reply(302, {"Location": f"{target}?k={quote(self.spelled)}"})
            case "file":
                return Reply(200, {"Content-Type": "text/csv"}, f"a,{self.spelled}\n".encode())
            case "errors":
                return Reply(200, as_json, json.dumps({"errors": [{"message": body}]}).encode())
            case "never":
                return Reply(act=_say_nothing)
            case _:
                return Reply(200, as_json, body.encode())


def _say_nothing(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(0.7)


def call(url: str, credential: str, **params: Any) -> Document:
    return node("call", "http_call", params={"url": url, "credential": credential} | params)


def code(source: str) -> Document:
    params = {"language": "javascript", "mode": "each", "code": source}
    return node("code", "transform", params=params)


def setting(value: str) -> Document:
    return node("set", "set_fields", params={"assignments": [{"name": "x", "value": value}]})


@dataclass
class World:
    """A workspace with one secret, the service that it is for, and all that is told."""

    secret: str
    form: str
    workspace: Workspace
    echo: Echo
    log: StringIO
    told: list[str] = field(default_factory=list)

    def credential(self, type: str = "http_bearer", values: Mapping[str, Any] | None = None) -> str:
        made = make_credential(self.workspace, type, dict(values or {"token": self.secret}))
        return str(made.pk)

    def run(self, *nodes: Document, input: Any = None) -> Run:
        """Execute a chain of these nodes, and remember what the API tells of it."""
        ids = ["start", *(each["id"] for each in nodes)]
        edges = [f"{source} -> {target}" for source, target in pairwise(ids)]
        version = make_version(
            make_workflow(self.workspace),
            graph=graph([node("start", "manual"), *nodes], edges),
            is_published=True,
        )
        user = make_user(self.workspace)
        asked = StartRequest(version=1, input=input or {})
        run = execute(start_run(version.workflow, asked, by=user))
        self.ask(ApiClient(user), run)
        return run

    def ask(self, client: ApiClient, run: Run) -> None:
        steps = [f"runs/{run.pk}/steps/{step.pk}" for step in run.steps.all()]
        for path in ["runs", f"runs/{run.pk}", f"runs/{run.pk}/steps", *steps]:
            answer = client.get(path)
            assert answer.status_code == 200
            self.told.append(answer.content.decode())
        self.told += map(str, read_events(run.pk, 0).events)

    def everything(self) -> dict[str, str]:
        """All that is kept and told, by where it stands."""
        return {
            **tables(),
            **{str(path): path.read_text(errors="replace") for path in kept_files(self.workspace)},
            "API": "\n".join(self.told),
            "log": self.log.getvalue(),
        }

    def found(self) -> list[str]:
        """Where the secret stands, in its form or a part of it that tells it."""
        return [
            f"{place}: {trace!r}"
            for place, text in self.everything().items()
            for trace in traces(self.secret, self.form)
            if trace in text
        ]


@contextmanager
def world(secret: str, form: str, workspace: Workspace) -> Iterator[World]:
    with ExitStack() as stack:
        echo = Echo(FORMS[form](secret))
        stack.callback(echo.close)
        allowed = EgressPolicy(["127.0.0.1"])
        used = replace(services(), egress=allowed, credentials=Vault(), files=DatabaseFiles())
        stack.enter_context(bound(used))
        yield World(secret, form, workspace, echo, stack.enter_context(logged()))


@contextmanager
def logged() -> Iterator[StringIO]:
    """The process's log, as it writes it."""
    written = StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(line_formatter(as_json=False))
    root, before = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield written
    root.setLevel(before)
    root.removeHandler(handler)


def tables() -> dict[str, str]:
    """Every row of every table, as text."""
    with connection.cursor() as cursor:
        rows = {}
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            rows[table] = "\n".join(told(value) for row in cursor.fetchall() for value in row)
    return rows


def told(value: object) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode(errors="replace")
    return str(value)


def kept_files(workspace: Workspace) -> list[Path]:
    folder = Path(settings.MEDIA_ROOT) / str(workspace.pk)
    return [path for path in folder.rglob("*") if path.is_file()]
