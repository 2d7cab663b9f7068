"""Sessions with PostgreSQL: where they lead, what they read, when they end."""

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from apps.engine.errors import NodeError, RevokedError
from apps.nodes.context import Services
from apps.nodes.credential_checks import check_credential
from apps.nodes.outside import postgres
from apps.nodes.outside.egress import EgressPolicy
from apps.nodes.outside.postgres import PostgresSession, connect
from apps.nodes.vault import Credential
from tests.nodes.databases import LOCKED, PASSWORD, SLEEPING, Database, LockedPostgres, read
from tests.nodes.hostile import cases
from tests.nodes.servers import trap
from tests.nodes.twins import MemoryAttempt
from tests.services import MissingBinaryError, leave_out, wait_for


@pytest.fixture
def database(postgres_url: str) -> Database:
    return Database(postgres_url)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is busy with tests may take long to cancel a statement."""
    monkeypatch.setattr(postgres, "CANCEL_S", 10.0)


@pytest.fixture
def attempt() -> MemoryAttempt:
    return MemoryAttempt()


@pytest.fixture
def session(database: Database, attempt: MemoryAttempt) -> Iterator[PostgresSession]:
    session = connect(database.policy, attempt, database.values)
    yield session
    session.close()


def in_transaction(
    session: PostgresSession,
    sql: str,
    then: Callable[[], None] = lambda: None,
    *,
    is_repeatable: bool = False,
) -> None:
    with session.transaction(is_repeatable=is_repeatable):
        session.run(sql)
        then()


def refused(values: dict[str, Any], policy: EgressPolicy | None = None) -> NodeError:
    with pytest.raises(NodeError) as raised:
        connect(policy or EgressPolicy(), MemoryAttempt(), values)
    return raised.value


# How much, and for how long


def test_more_rows_than_there_may_be_are_a_named_error(
    session: PostgresSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "MAX_ROWS", 10)
    with (
        pytest.raises(NodeError, match="10 rows") as raised,
        session.transaction(is_repeatable=True),
    ):
        session.run("SELECT generate_series(1, 1000000000)")
    assert raised.value.code == "result_too_large"
    in_transaction(session, "CREATE TABLE t (n int)")


def test_more_bytes_than_there_may_be_are_a_named_error(session: PostgresSession) -> None:
    with pytest.raises(NodeError, match="32 MB") as raised:
        in_transaction(session, "SELECT repeat('x', 1000000) FROM generate_series(1, 1000)")
    assert raised.value.code == "result_too_large"


def test_a_statement_ends_with_the_time_of_its_attempt(database: Database) -> None:
    attempt = MemoryAttempt()
    session = connect(database.policy, attempt, database.values)
    attempt.ends_in(0.2)
    with pytest.raises(NodeError) as raised:
        in_transaction(session, "SELECT pg_sleep(60)")
    session.close()
    assert (raised.value.code, raised.value.retryable) == ("timeout", True)


def sleeping(database: Database) -> bool:
    return database.execute(SLEEPING) != [(0,)]


def test_a_revoked_attempt_waits_for_nothing_and_leaves_nothing_running(
    database: Database, session: PostgresSession, attempt: MemoryAttempt
) -> None:
    def revoke() -> None:
        wait_for(lambda: sleeping(database))
        attempt.revoke()

    thread = threading.Thread(target=revoke, daemon=True)
    thread.start()
    with pytest.raises(RevokedError):
        in_transaction(session, "SELECT pg_sleep(60)")
    thread.join()
    wait_for(lambda: not sleeping(database))


def test_a_revoked_attempt_commits_nothing(
    database: Database, session: PostgresSession, attempt: MemoryAttempt
) -> None:
    database.execute("CREATE TABLE t (n int)")
    with pytest.raises(RevokedError):
        in_transaction(session, "INSERT INTO t VALUES (1)", attempt.revoke)
    assert database.execute("SELECT count(*) FROM t") == [(0,)]


def kill_others(database: Database) -> None:
    database.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )


def test_a_connection_that_breaks_off_may_be_tried_again(
    database: Database, session: PostgresSession
) -> None:
    def kill() -> None:
        kill_others(database)
        session.run("SELECT 1")

    with pytest.raises(NodeError) as raised:
        in_transaction(session, "SELECT 1", kill)
    assert raised.value.retryable


@pytest.mark.parametrize(
    ("is_repeatable", "code"), [(False, "commit_unknown"), (True, "connection_lost")]
)
def test_what_breaks_off_at_its_commit_is_repeated_only_where_that_is_harmless(
    session: PostgresSession, is_repeatable: bool, code: str
) -> None:
    # As a network does: the server may or may not have heard of the commit.
    with pytest.raises(NodeError) as raised:
        in_transaction(session, "SELECT 1", session._cut_off.cut, is_repeatable=is_repeatable)
    assert (raised.value.code, raised.value.retryable) == (code, is_repeatable)


# Where it leads


@pytest.mark.parametrize(
    "host",
    [
        "",
        "/var/run/postgresql",
        "@socket",
        "a,127.0.0.1",
        "host=127.0.0.1",
        "host=public.test hostaddr=127.0.0.1",
        "postgresql://127.0.0.1/db",
        "a b",
        "127.1",
        "0x7f000001",
        "a\0b",
        "a'b",
    ],
)
def test_what_is_no_host_is_not_connected_to(host: str) -> None:
    with trap() as listener:
        values = values_at(host, listener.port)
        assert refused(values).code in {"invalid_host", "egress_refused"}
        assert listener.connections() == 0


def values_at(host: str, port: int, **more: Any) -> dict[str, Any]:
    login = {"database": "d", "user": "u", "password": "s3cret-word", "sslmode": "prefer"}
    return {"host": host, "port": port, **login, **more}


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "[::1]", "169.254.169.254", "10.0.0.1"])
def test_private_addresses_are_refused(host: str) -> None:
    with trap() as listener:
        assert refused(values_at(host, listener.port)).code == "egress_refused"
        assert listener.connections() == 0


def test_a_name_that_leads_to_a_private_address_is_refused() -> None:
    with trap() as listener:
        policy = EgressPolicy(resolve=lambda host: ["127.0.0.1"])
        assert refused(values_at("db.test", listener.port), policy).code == "egress_refused"
        assert listener.connections() == 0


@pytest.mark.parametrize("field", ["database", "user"])
def test_no_value_of_a_credential_becomes_an_option(database: Database, field: str) -> None:
    with trap() as listener:
        trick = f"x' hostaddr=127.0.0.1 port={listener.port} dbname='x"
        error = refused({**database.values, field: trick}, database.policy)
        assert (error.code, listener.connections()) == ("login_refused", 0)


def test_the_database_may_not_be_an_address(database: Database) -> None:
    with trap() as listener:
        trick = f"postgresql://127.0.0.1:{listener.port}/x"
        error = refused({**database.values, "database": trick}, database.policy)
        assert (error.code, listener.connections()) == ("login_refused", 0)


def test_the_environment_of_the_process_says_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with trap() as listener:
        for name, value in {
            "PGHOST": "127.0.0.1",
            "PGHOSTADDR": "127.0.0.1",
            "PGPORT": str(listener.port),
            "PGOPTIONS": "-c search_path=evil",
            "PGSSLMODE": "verify-full",
            "PGPASSFILE": "/etc/passwd",
            "PGTARGETSESSIONATTRS": "read-only",
            "PGAPPNAME": "evil",
        }.items():
            monkeypatch.setenv(name, value)
        session = connect(database.policy, MemoryAttempt(), database.values)
        assert read(session, "SHOW search_path") == '"$user", public'
        assert read(session, "SHOW application_name") == "FlowForge"
        session.close()
        assert listener.connections() == 0


@pytest.mark.parametrize("case", cases("ssrf.jsonl", lambda case: case.get("node") == "postgres"))
def test_a_hostile_host_is_refused(case: Any) -> None:
    with trap() as listener:
        host = case["url"].replace("{trap}", str(listener.port))
        policy = EgressPolicy(resolve=lambda host: ["127.0.0.1"])
        assert refused(values_at(host, listener.port), policy).code in {
            "invalid_host",
            "egress_refused",
        }
        assert listener.connections() == 0


# Who lets it in


def test_a_server_that_is_not_there_may_be_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    error = refused(values_at("127.0.0.1", port), EgressPolicy([f"127.0.0.1:{port}"]))
    assert (error.code, error.retryable) == ("connect", True)
    assert "s3cret-word" not in error.message


def test_a_server_that_does_not_answer_takes_no_longer_than_the_attempt() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        policy = EgressPolicy([f"127.0.0.1:{port}"])
        with pytest.raises(NodeError) as raised:
            connect(policy, MemoryAttempt(timeout_s=1), values_at("127.0.0.1", port))
    assert (raised.value.code, raised.value.retryable) == ("timeout", True)


def test_each_address_is_given_what_is_left_of_the_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    attempt, left, waits = MemoryAttempt(), iter([60.0, 9.0, 4.0]), []

    def silent(**options: Any) -> None:
        waits.append(options["connect_timeout"])
        raise psycopg.errors.ConnectionTimeout

    monkeypatch.setattr(attempt, "remaining_s", lambda: next(left))
    monkeypatch.setattr(psycopg, "connect", silent)
    policy = EgressPolicy(resolve=lambda host: ["8.8.8.8", "8.8.4.4"])
    with pytest.raises(NodeError, match="did not answer in time"):
        connect(policy, attempt, values_at("db.test", 5432))
    assert waits == [9, 4]


@pytest.mark.parametrize("field", ["database", "user"])
def test_what_the_server_does_not_know_is_told(database: Database, field: str) -> None:
    error = refused(
        {**database.values, field: "nobody", "password": "s3cret-word"}, database.policy
    )
    assert (error.code, error.retryable) == ("login_refused", False)
    assert '"nobody" does not exist' in error.message
    assert "s3cret-word" not in f"{error!r} {error.message} {error.hint}"


@pytest.fixture(scope="module")
def locked() -> Iterator[LockedPostgres]:
    try:
        server = LockedPostgres().start()
    except MissingBinaryError as missing:
        leave_out(str(missing))
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {LOCKED} LOGIN PASSWORD '{PASSWORD}'")
    yield server
    server.remove()


def values_of(locked: LockedPostgres, **more: Any) -> dict[str, Any]:
    login = {"database": "postgres", "user": LOCKED, "password": PASSWORD}
    return values_at("db.test", locked.port, **login, **more)


def policy_of(locked: LockedPostgres) -> EgressPolicy:
    return EgressPolicy([f"127.0.0.1:{locked.port}"], resolve=lambda host: ["127.0.0.1"])


def test_a_wrong_password_is_refused_and_not_told(locked: LockedPostgres) -> None:
    error = refused(values_of(locked) | {"password": "wrong horse"}, policy_of(locked))
    assert error.code == "login_refused"
    assert "password authentication failed" in error.message
    assert "wrong horse" not in f"{error!r} {error.message} {error.hint}"


@pytest.mark.parametrize("mode", ["prefer", "require", "verify-ca", "verify-full"])
def test_a_trusted_server_is_spoken_to_in_secret(
    locked: LockedPostgres, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(locked.certificate))
    values = values_of(locked) | {"sslmode": mode}
    session = connect(policy_of(locked), MemoryAttempt(), values)
    assert read(session, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()") is True
    session.close()


def test_a_server_that_refuses_what_is_open_says_so(locked: LockedPostgres) -> None:
    error = refused(values_of(locked) | {"sslmode": "disable"}, policy_of(locked))
    assert error.code == "login_refused"


@pytest.mark.parametrize("mode", ["verify-ca", "verify-full"])
def test_a_server_that_nobody_vouches_for_is_told_no_password(
    locked: LockedPostgres, mode: str
) -> None:
    error = refused(values_of(locked) | {"sslmode": mode}, policy_of(locked))
    assert error.code == "tls"


def test_a_certificate_of_another_is_no_connection(
    locked: LockedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(locked.certificate))
    values = values_of(locked) | {"sslmode": "verify-full", "host": "other.test"}
    assert refused(values, policy_of(locked)).code == "tls"


def test_a_credential_is_tried_by_logging_in(locked: LockedPostgres, services: Services) -> None:
    tried = replace(services, egress=policy_of(locked))
    check_credential(Credential("postgres", values_of(locked)), tried)
    wrong = values_of(locked) | {"password": "wrong horse"}
    with pytest.raises(NodeError) as raised:
        check_credential(Credential("postgres", wrong), tried)
    assert raised.value.code == "login_refused"


def test_a_statement_that_waits_to_be_prepared_is_revoked_too(
    database: Database, session: PostgresSession, attempt: MemoryAttempt
) -> None:
    database.execute("CREATE TABLE t (n int)")
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"

    def revoke() -> None:
        wait_for(lambda: database.execute(waiting) == [(1,)])
        attempt.revoke()

    with psycopg.connect(database.url) as other:
        other.execute("LOCK TABLE t")
        thread = threading.Thread(target=revoke, daemon=True)
        thread.start()
        with pytest.raises(RevokedError):
            in_transaction(session, "SELECT * FROM t")
        thread.join()
