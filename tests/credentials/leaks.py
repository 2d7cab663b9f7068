"""The ways on which a secret could get out of a run: each sends it and has it come back."""

from collections.abc import Callable
from typing import Any

from tests.credentials.canaries import World, call, code, setting
from tests.graphs import Document, node
from tests.services import free_port


def answered(way: str, *then: Document, **params: Any) -> Callable[[World], None]:
    """Have the service answer in that way, and go on with what it answered."""

    def send(world: World) -> None:
        world.run(call(world.echo.at(way), world.credential(), **params), *then)

    return send


def asked(url: str, **params: Any) -> Callable[[World], None]:
    """Have the secret in the query of the URL."""

    def send(world: World) -> None:
        id = world.credential("http_query", {"name": "key", "value": world.secret})
        target = url.format(echo=world.echo.at("").rstrip("/"), closed=free_port())
        world.run(call(target, id, **params))

    return send


def basic(world: World) -> None:
    id = world.credential("http_basic", {"username": "ada", "password": world.secret})
    world.run(call(world.echo.at("body"), id))


def failed_and_gone_on(world: World) -> None:
    failing = call(world.echo.at("refused"), world.credential())
    world.run(failing | {"on_error": "continue"}, code("return $json"))


def tried_again(world: World) -> None:
    retry = {"retry": {"count": 1, "wait_s": 0.01, "on": []}}
    world.run(call("http://127.0.0.1:1/", world.credential()) | retry)


def postgres(**values: Any) -> Callable[[World], None]:
    def send(world: World) -> None:
        login = {"host": "127.0.0.1", "port": free_port(), "database": "d", "user": "u"}
        id = world.credential("postgres", {**login, "password": world.secret, **values})
        params = {"operation": "execute", "sql": "SELECT 1", "credential": id}
        world.run(node("ask", "postgres", params=params))

    return send


def stop(message: str) -> Document:
    return node("stop", "stop_and_error", params={"message": message})


GOT = "$json.body.got"
LEAKS: dict[str, Callable[[World], None]] = {
    "header": answered("header"),
    "body": answered("body"),
    "body as text": answered("body", response="text"),
    "body in base64": answered("body", response="base64"),
    "refused": answered("refused"),
    "refused, gone on": failed_and_gone_on,
    "long": answered("long"),
    "large": answered("large"),
    "file": answered("file", response="file"),
    "redirect": answered("redirect"),
    "basic": basic,
    "query": asked("{echo}/body"),
    "query, no connection": asked("http://127.0.0.1:{closed}/"),
    "query, no answer": asked("{echo}/never", timeout_s=0.3),
    "query, no such name": asked("http://nowhere.invalid/"),
    "tried again": tried_again,
    "thrown": answered("body", code(f"throw new Error({GOT})")),
    "thrown and long": answered("body", code(f"throw new Error('x'.repeat(1990) + {GOT})")),
    "logged": answered(
        "body", code(f"console.log({GOT}); console.warn({{a: {GOT}}}); return {{}}")
    ),
    "expression": answered("body", setting(f"={{{{ {GOT} }}}}")),
    "expression, respelled": answered("body", setting(f"={{{{ JSON.stringify({GOT}) }}}}")),
    "expression that fails": answered("body", setting(f"={{{{ $({GOT}).item }}}}")),
    "stopped": answered(
        "body", node("stop", "stop_and_error", params={"message": f"={{{{ {GOT} }}}}"})
    ),
    "postgres, no connection": postgres(),
    "postgres, no such name": postgres(host="nowhere.invalid"),
    "postgres, no such host": postgres(host="not a host"),
}
