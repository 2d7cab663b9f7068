"""The ways on which a secret could get out of a run: each sends it and has it come back."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import quote

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


def postgres_refused(world: World) -> None:
    """The database tells the password that it does not take."""

    def refuse(connection: socket.socket) -> None:
        connection.recv(1024)
        connection.sendall(b"N")  # no TLS
        connection.recv(1024)
        connection.sendall(b"R" + struct.pack("!ii", 8, 3))  # the password, please
        connection.recv(1024)
        told = f"password {world.echo.spelled} is wrong".replace("\0", " ")
        fields = f"SFATAL\0C28P01\0M{told}\0D{told}\0\0".encode()
        connection.sendall(b"E" + struct.pack("!i", 4 + len(fields)) + fields)

    with listening(refuse) as port:
        postgres(port=port)(world)


def mail(world: World) -> None:
    """The mail server tells what it was sent."""
    line = f"554 no: {world.echo.spelled}\r\n"
    with listening(lambda connection: connection.sendall(line.encode())) as port:
        login = {"host": "127.0.0.1", "port": port, "security": "none", "username": "ada"}
        id = world.credential("smtp", {**login, "password": world.secret})
        params = {"to": "ada@x.test", "from": "shop@x.test", "text": "Hi", "credential": id}
        world.run(node("mail", "email", params=params))


@contextmanager
def listening(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """A port on which whoever comes is answered so."""

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = door.accept()
                with connection, suppress(OSError):
                    answer(connection)

    with socket.create_server(("127.0.0.1", 0)) as door:
        thread = threading.Thread(target=serve)
        thread.start()
        yield door.getsockname()[1]
        door.shutdown(socket.SHUT_RDWR)
        thread.join()


def slack(world: World) -> None:
    """The URL is the secret, and what is posted there is refused with it."""
    url = world.echo.at(f"refused/{quote(world.secret, safe='')}")
    id = world.credential("slack", {"webhook_url": url})
    params = {"credential": id, "send_by": "webhook", "text": "Hi"}
    world.run(node("post", "slack", params=params))


def graphql(world: World) -> None:
    params = {"url": world.echo.at("errors"), "query": "{ a }", "credential": world.credential()}
    world.run(node("ask", "graphql", params=params))


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
    "mail": mail,
    "graphql": graphql,
    "slack": slack,
    "postgres, refused": postgres_refused,
    "postgres, no connection": postgres(),
    "postgres, no such name": postgres(host="nowhere.invalid"),
    "postgres, no such host": postgres(host="not a host"),
}
