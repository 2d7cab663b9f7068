"""Values of PostgreSQL: how they are read, and how they are bound."""

from collections.abc import Iterator

import pytest

from apps.engine.items import Json
from apps.nodes.outside.postgres import PostgresSession, connect
from tests.nodes.databases import Database, read
from tests.nodes.twins import MemoryAttempt

UUID = "c9a0c7a6-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def database(postgres_url: str) -> Database:
    return Database(postgres_url)


@pytest.fixture(scope="module")
def session(database: Database) -> Iterator[PostgresSession]:
    session = connect(database.policy, MemoryAttempt(100), database.values)
    yield session
    session.close()


@pytest.mark.parametrize(
    ("sql", "value"),
    [
        ("SELECT NULL", None),
        ("SELECT true", True),
        ("SELECT 9223372036854775807", 2**63 - 1),
        ("SELECT 4294967295::oid", 2**32 - 1),
        # exact, and with the places that it has
        ("SELECT 10.10::numeric", "10.10"),
        ("SELECT 12345678901234567890123.5", "12345678901234567890123.5"),
        ("SELECT 1.5::float8", 1.5),
        ("SELECT 0.1::float4", 0.1),
        ("SELECT 'NaN'::float8", "NaN"),
        ("SELECT '-Infinity'::float4", "-Infinity"),
        ("SELECT 'NaN'::numeric", "NaN"),
        ("SELECT 'é👋'::text", "é👋"),
        ("SELECT 'ab'::char(3)", "ab "),
        ("SELECT '2026-03-01'::date", "2026-03-01"),
        ("SELECT '10:00'::time", "10:00:00"),
        ("SELECT '2026-03-01 10:00:00.5'::timestamp", "2026-03-01T10:00:00.5"),
        ("SELECT '2026-03-01 12:00+02'::timestamptz", "2026-03-01T10:00:00Z"),
        ("SELECT 'infinity'::timestamptz", "infinity"),
        ("SELECT '0044-03-15 00:00+00 BC'::timestamptz", "0044-03-15 00:00:00+00 BC"),
        ("SELECT '1 day 2 hours'::interval", "P1DT2H"),
        ("SELECT '\\xff00'::bytea", "/wA="),
        ("""SELECT '{"a": 12345678901234567890}'::jsonb""", {"a": 12345678901234567890}),
        ("SELECT '\"text\"'::json", "text"),
        ("SELECT 'null'::jsonb", None),
        # what items cannot carry stays text
        ("SELECT '1e999'::json", "1e999"),
        ("SELECT ARRAY[1, NULL, 3]", [1, None, 3]),
        ("SELECT ARRAY['a,b', 'c\"d', '', NULL]", ["a,b", 'c"d', "", None]),
        ("SELECT ARRAY[[1, 2], [3, 4]]", [[1, 2], [3, 4]]),
        ("SELECT ARRAY['{\"a\": 1}'::jsonb]", [{"a": 1}]),
        ("SELECT '{}'::int[]", []),
        (
            "SELECT 'c9a0c7a6-0000-4000-8000-000000000000'::uuid",
            "c9a0c7a6-0000-4000-8000-000000000000",
        ),
        ("SELECT '10.0.0.0/8'::cidr", "10.0.0.0/8"),
        ("SELECT '[1,3)'::int4range", "[1,3)"),
        ("SELECT row(1, 'a')", "(1,a)"),
        ("SELECT 'good'::name", "good"),
    ],
)
def test_a_value_is_read_as_json_can_carry_it(
    session: PostgresSession, sql: str, value: Json
) -> None:
    assert read(session, sql) == value


def test_json_that_is_too_deep_for_items_stays_text(session: PostgresSession) -> None:
    deep = "[" * 500 + "]" * 500
    assert read(session, f"SELECT '{deep}'::json") == deep


def test_moments_are_told_in_utc_whatever_the_zone_of_the_database(
    postgres_url: str,
) -> None:
    database = Database(postgres_url)
    name = database.values["database"]
    database.execute(f"ALTER DATABASE \"{name}\" SET timezone = 'Asia/Kolkata'")
    database.execute(f"ALTER DATABASE \"{name}\" SET datestyle = 'German'")
    session = connect(database.policy, MemoryAttempt(), database.values)
    at = "SELECT '2026-03-01 12:00'::timestamptz"
    assert read(session, at) == "2026-03-01T06:30:00Z"
    session.close()


@pytest.mark.parametrize(
    ("type", "given", "back"),
    [
        ("text", 7, "7"),
        ("text", 7.0, "7"),
        ("text", True, "true"),
        ("text", {"a": [1]}, '{"a":[1]}'),
        ("int", "7", 7),
        ("int", 7.0, 7),
        ("numeric", 10**40, str(10**40)),
        ("numeric", "0.10", "0.10"),
        ("bool", "yes", True),
        ("jsonb", {"a": [1, None]}, {"a": [1, None]}),
        ("jsonb", [1, "a"], [1, "a"]),
        ("jsonb", '{"a": 1}', {"a": 1}),
        ("jsonb", "text", "text"),
        ("jsonb", "{no json", "{no json"),
        ("jsonb", 7, 7),
        ("jsonb", None, None),
        ("json", "a", "a"),
        ("text[]", ["a,b", 'c"d\\', None, "NULL", ""], ["a,b", 'c"d\\', None, "NULL", ""]),
        ("int[]", [[1, 2], [3, 4]], [[1, 2], [3, 4]]),
        ("int[]", "{1,2}", [1, 2]),
        ("jsonb[]", [{"a": [1]}, [2]], [{"a": [1]}, [2]]),
        ("bytea", "/wA=", "/wA="),
        ("bytea", "\\xff00", "/wA="),
        ("timestamptz", "2026-03-01T10:00:00Z", "2026-03-01T10:00:00Z"),
        ("date", "2026-03-01", "2026-03-01"),
        ("interval", "PT1H", "PT1H"),
        ("uuid", UUID, UUID),
        ("inet", "10.0.0.1", "10.0.0.1"),
    ],
)
def test_a_value_is_bound_as_the_type_that_it_is_for(
    session: PostgresSession, type: str, given: Json, back: Json
) -> None:
    assert read(session, f"SELECT $1::{type}", given) == back


def test_an_enum_takes_text(session: PostgresSession, database: Database) -> None:
    database.execute("CREATE TYPE mood AS ENUM ('good', 'bad')")
    assert read(session, "SELECT $1::mood", "good") == "good"
