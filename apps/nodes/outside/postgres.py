"""Sessions with PostgreSQL servers: to a vetted address, bounded in time, cut off when revoked.

libpq is given the address that was checked (`hostaddr`) beside the name that a certificate must
bear, and every option that it would else take from environment or home folder of this process.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Protocol

import certifi
import psycopg
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.rows import RowMaker

from apps.engine.errors import NodeError
from apps.engine.items import Json
from apps.engine.ports import Attempt
from apps.nodes.bounds import MAX_ITEMS
from apps.nodes.outside.cut_off import CutOff
from apps.nodes.outside.egress import EgressPolicy, server_host
from apps.nodes.outside.postgres_values import adapters, bound, storable

CONNECT_S = 10
CANCEL_S = 1.0
MAX_ROWS = MAX_ITEMS
MAX_BYTES = 32 * 1024 * 1024
CHUNK = 500
POSTGRES_CREDENTIALS = ("postgres",)
_NOWHERE = "/nonexistent/flowforge"
_TIMED_OUT = "57014"
# Conflicts with others that pass by themselves, and servers that are full or on their way.
_PASSING = re.compile(r"40001|40P01|55P03|53\d{3}|57P0\d|08\d{3}")

Row = dict[str, Json]


class Session(Protocol):
    """A session with a database, as nodes use it. All raise NodeError, and RevokedError."""

    def transaction(self, *, is_repeatable: bool) -> AbstractContextManager[None]:
        """A block that counts as a whole or not at all.

        `is_repeatable`: nothing is lost by doing it again, should its end remain unknown.
        """

    def run(self, statement: str, values: Sequence[Json] = ()) -> "Result":
        """Run one statement with `$1`, `$2` … bound to the values, and read all its rows."""

    def run_many(self, statement: str, sets: Sequence[Sequence[Json]]) -> "Iterator[Result]":
        """Run a statement once for each set of values, which is faster than one by one.

        Before it raises it gives the results of all the sets before the one that failed.
        """

    @property
    def is_open(self) -> bool:
        """Whether statements can still be sent."""

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Result:
    """What a statement gave: its rows, or None where it is one that gives none; how many it hit."""

    rows: list[Row] | None
    count: int


Connect = Callable[[EgressPolicy, Attempt, Mapping[str, Any]], Session]


class SqlError(NodeError):
    """The server refused a statement; `state` is its SQLSTATE."""

    def __init__(self, message: str, hint: str | None, state: str) -> None:
        passes = bool(_PASSING.fullmatch(state))
        super().__init__("sql_error", f"{message} ({state})", hint, retryable=passes)
        self.state = state


class PostgresSession:
    """The `Session` over psycopg. Nothing is sent before `attempt.check()` allowed it."""

    def __init__(self, connection: psycopg.Connection[Any], attempt: Attempt) -> None:
        self._connection = connection
        self._attempt = attempt
        self._described: dict[str, _Described] = {}
        self._room = _Room()
        self._cut_off = CutOff(connection.fileno(), attempt, first=self._cancel)

    @contextmanager
    def transaction(self, *, is_repeatable: bool) -> Iterator[None]:
        ms = max(1, min(int(self._attempt.remaining_s() * 1000), 2**31 - 1))
        try:
            self._simple(
                f"BEGIN; SET LOCAL statement_timeout = {ms};"
                f" SET LOCAL idle_in_transaction_session_timeout = {ms};"
                " SET LOCAL datestyle = 'ISO'; SET LOCAL intervalstyle = 'iso_8601';"
                " SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1"
            )
            yield
            self._simple("COMMIT", is_repeatable=is_repeatable)
        except BaseException:
            with suppress(psycopg.Error):
                self._connection.execute("ROLLBACK")
            raise

    def run(self, statement: str, values: Sequence[Json] = ()) -> Result:
        with self._told_errors():
            texts = self._bound(statement, values)
            cursor = psycopg.RawCursor[Any](self._connection, row_factory=self._row_maker)
            if self._described[statement].gives_rows:
                # Never holds more than the row that it is at, whatever the statement is.
                rows: list[Row] = list(cursor.stream(statement, texts))
                result = Result(rows, len(rows))
            else:
                cursor.execute(statement, texts)
                result = Result(None, max(cursor.rowcount, 0))
        self._still_inside()
        return result

    def run_many(self, statement: str, sets: Sequence[Sequence[Json]]) -> Iterator[Result]:
        for start in range(0, len(sets), CHUNK):
            texts, failure = self._bound_until(statement, sets[start : start + CHUNK])
            with self._told_errors():
                cursor = psycopg.RawCursor[Any](self._connection, row_factory=self._row_maker)
                try:
                    cursor.executemany(statement, texts, returning=True)
                except psycopg.Error as error:
                    failure = error
                for each in cursor.results():
                    rows = each.fetchall() if each.description else None
                    yield Result(rows, max(each.rowcount, 0))
                if failure is not None:
                    raise failure

    @property
    def is_open(self) -> bool:
        return not self._connection.closed

    def close(self) -> None:
        with suppress(psycopg.Error):
            self._connection.close()
        self._cut_off.close()

    def _simple(self, statements: str, *, is_repeatable: bool = True) -> None:
        """Run statements of our own, of which none has values."""
        with self._told_errors(is_repeatable):
            self._connection.execute(statements)

    def _bound(self, statement: str, values: Sequence[Json]) -> list[str | None]:
        """The values as text of the types that the server takes them for."""
        if statement not in self._described:
            self._described[statement] = self._describe(statement)
        types = self._described[statement].types
        if len(types) != len(values):
            raise NodeError(
                "wrong_parameters",
                f"The statement has {len(types)} parameters ($1 …), but {len(values)} values are"
                " given.",
            )
        return [bound(value, oid) for value, oid in zip(values, types, strict=True)]

    def _bound_until(
        self, statement: str, sets: Sequence[Sequence[Json]]
    ) -> tuple[list[list[str | None]], Exception | None]:
        """The sets as `_bound` gives them, up to the first that cannot be bound, and why not."""
        texts = []
        try:
            with self._told_errors():
                for values in sets:
                    texts.append(self._bound(statement, values))
        except NodeError as error:
            return texts, error
        return texts, None

    def _describe(self, statement: str) -> "_Described":
        """Ask the server what it takes and gives; it refuses what is not one statement."""
        pgconn = self._connection.pgconn
        for result in (
            pgconn.prepare(b"", storable(statement).encode()),
            pgconn.describe_prepared(b""),
        ):
            if result.status != ExecStatus.COMMAND_OK:
                raise error_from_result(result)
        types = [result.param_type(place) for place in range(result.nparams)]
        return _Described(types, result.nfields > 0)

    def _row_maker(self, cursor: psycopg.Cursor[Any]) -> RowMaker[Row]:
        names = [column.name for column in cursor.description or ()]

        def make(values: Sequence[Any]) -> Row:
            self._room.take(values)
            return dict(zip(names, values, strict=True))

        return make

    def _still_inside(self) -> None:
        if self._connection.info.transaction_status != TransactionStatus.INTRANS:
            raise NodeError(
                "transaction_left",
                "The SQL began or ended a transaction. FlowForge does that itself: “batch” says"
                " what belongs together.",
            )

    @contextmanager
    def _told_errors(self, is_repeatable: bool = True) -> Iterator[None]:
        self._attempt.check()
        try:
            yield
        except psycopg.Error as error:
            self._attempt.check()
            raise told(error, is_repeatable) from None

    def _cancel(self) -> None:
        """Stop what the server is doing for us; from any thread."""
        with suppress(psycopg.Error, OSError):
            self._connection.cancel_safe(timeout=CANCEL_S)


@dataclass(frozen=True, slots=True)
class _Described:
    """What a statement takes and gives."""

    types: list[int]
    gives_rows: bool


class _Room:
    """What the rows of one session, which is one step, may take up."""

    def __init__(self) -> None:
        self._rows = 0
        self._bytes = 0

    def take(self, values: Sequence[Any]) -> None:
        self._rows += 1
        self._bytes += sum(_size(value) for value in values)
        if self._rows > MAX_ROWS or self._bytes > MAX_BYTES:
            limit = f"{MAX_ROWS:,} rows or {MAX_BYTES // 2**20} MB"
            raise NodeError(
                "result_too_large",
                f"PostgreSQL gave this step more than {limit}.",
                "Ask for fewer rows or columns: by conditions, a limit, or aggregates.",
            )


def _size(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, list):
        return sum(_size(each) for each in value)
    if isinstance(value, dict):
        return sum(len(name) + _size(each) for name, each in value.items())
    return 8


def connect(policy: EgressPolicy, attempt: Attempt, values: Mapping[str, Any]) -> PostgresSession:
    """Open a session with the server of a `postgres` credential.

    Raises NodeError: invalid_host, egress_refused, name_not_resolved, connect, tls, timeout,
    login_refused.
    """
    host, port = server_host(values["host"]), int(values["port"])
    failure: psycopg.Error | None = None
    try:
        addresses = policy.vet(host, port, _patience_s(attempt))
    except TimeoutError:
        raise NodeError(
            "timeout", f"The address of {host} was not told in time.", retryable=True
        ) from None
    for address in addresses:
        attempt.check()
        options = _options(values, host, str(address), port, _patience_s(attempt))
        try:
            connection = psycopg.connect(
                autocommit=True, prepare_threshold=None, context=adapters(), **options
            )
        except psycopg.Error as error:
            failure = error
            continue
        return PostgresSession(connection, attempt)
    assert failure is not None
    raise _not_connected(failure, host, port, values)


def _patience_s(attempt: Attempt) -> int:
    """Its least is what libpq takes for a timeout at all."""
    return max(2, min(CONNECT_S, int(attempt.remaining_s())))


def _options(
    values: Mapping[str, Any], host: str, address: str, port: int, patience_s: int
) -> dict[str, Any]:
    sslmode = values["sslmode"]
    verified = (
        {"sslrootcert": os.environ.get("SSL_CERT_FILE") or certifi.where()}
        if sslmode.startswith("verify")
        else {}
    )
    return {
        "host": host,
        "hostaddr": address,
        "port": port,
        "dbname": _plain(values["database"]),
        "user": _plain(values["user"]),
        "password": _plain(values["password"]),
        "sslmode": sslmode,
        "connect_timeout": patience_s,
        "application_name": "FlowForge",
        "client_encoding": "UTF8",
        # What follows is only said so that nothing of this machine is taken instead.
        "options": "",
        "passfile": _NOWHERE,
        "sslcert": _NOWHERE,
        "sslkey": _NOWHERE,
        "sslrootcert": _NOWHERE,
        "gssencmode": "disable",
        "target_session_attrs": "any",
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        **verified,
    }


def _plain(text: Any) -> str:
    if "\x00" in str(text):
        raise NodeError("invalid_value", "A value of the credential holds a NUL character.")
    return str(text)


def _not_connected(
    error: psycopg.Error, host: str, port: int, values: Mapping[str, Any]
) -> NodeError:
    """Why there is no session: by the server's or the system's words, without what is secret."""
    lines = str(error).strip().splitlines() or ["no reason was given"]
    why = lines[0].rpartition("failed: ")[2].removeprefix("FATAL: ").strip()[:300]
    if values["password"]:
        why = why.replace(str(values["password"]), "•••")
    server = f"PostgreSQL at {host}:{port}"
    if isinstance(error, psycopg.errors.ConnectionTimeout):
        return NodeError("timeout", f"{server} did not answer in time.", retryable=True)
    if "SSL" in why or "certificate" in why:
        return NodeError("tls", f"{server}: the secure connection failed: {why}.")
    if "FATAL" in str(error) or "password" in why:
        passing = re.search(r"too many|starting up|shutting down|recovery", why)
        return NodeError(
            "login_refused", f"{server} refused the login: {why}.", retryable=bool(passing)
        )
    return NodeError("connect", f"{server}: no connection: {why}.", retryable=True)


def told(error: psycopg.Error, is_repeatable: bool = True) -> NodeError:
    """A statement's error, by what it means for another attempt."""
    state = error.sqlstate
    if state == _TIMED_OUT:
        return NodeError("timeout", "The statement took too long, and was stopped.", retryable=True)
    if state is None or state[:2] == "08" or error.diag.message_primary is None:
        return _lost(error, is_repeatable)
    parts = (error.diag.message_primary, error.diag.message_detail)
    text = " ".join(f"{part.rstrip('.')}." for part in parts if part)
    return SqlError(f"PostgreSQL says: {text[:500]}", error.diag.message_hint, state)


def _lost(error: psycopg.Error, is_repeatable: bool) -> NodeError:
    if isinstance(error, psycopg.OperationalError):
        if is_repeatable:
            return NodeError(
                "connection_lost", "The connection to PostgreSQL broke off.", retryable=True
            )
        return NodeError(
            "commit_unknown",
            "The connection to PostgreSQL broke off while the transaction was being committed:"
            " whether it was is not known.",
        )
    why = str(error).splitlines()[0][:300] if str(error) else type(error).__name__
    return NodeError("sql_error", f"The statement cannot be run: {why}.")
