"""Postgres: what of a step counts as a whole, which item is to blame, and what happens once."""

from collections.abc import Iterator
from typing import Any

import pytest

from apps.engine.items import Json
from apps.nodes.context import Services
from apps.nodes.outside import postgres
from apps.nodes.registry import library
from tests.nodes.databases import Database
from tests.nodes.outside import database_with
from tests.nodes.postgres_steps import TABLE, failure, ran, rows

KEYS = "CREATE TABLE flowforge_writes (key text PRIMARY KEY, result jsonb, at timestamptz)"


@pytest.fixture
def database(postgres_url: str, services: Services) -> Iterator[Database]:
    """A database with two tables, which every credential stands for."""
    with database_with(TABLE, postgres_url, services) as database:
        yield database


def test_all_items_are_written_or_none(database: Database) -> None:
    error = failure({}, [{"name": "Ada"}, {"name": "Ada"}])
    assert error.code == "sql_error"
    assert "23505" in error.message
    assert not error.retryable
    assert database.execute("SELECT count(*) FROM people") == [(0,)]


def test_items_written_each_by_itself_fail_each_by_itself(database: Database) -> None:
    takes = [{"name": "Ada"}, {"name": "Ada"}, {"name": "Grace"}]
    given = ran({"batch": "each", "returning": ["name"]}, takes, "continue")
    assert [item.json.get("error", {}).get("code") for item in given] == [None, "sql_error", None]
    assert database.execute("SELECT name FROM people ORDER BY id") == [("Ada",), ("Grace",)]


def test_an_item_whose_connection_breaks_off_costs_the_others_nothing(database: Database) -> None:
    sql = "SELECT CASE WHEN $1 = 'die' THEN pg_terminate_backend(pg_backend_pid()) END"
    params: dict[str, Json] = {
        "operation": "execute",
        "sql": sql,
        "values": ["={{ $json.do }}"],
        "batch": "each",
    }
    given = ran(params, [{"do": "live"}, {"do": "die"}, {"do": "live"}], "continue")
    assert ["error" in item.json for item in given] == [False, True, False]


def test_the_first_item_that_fails_stops_the_others(database: Database) -> None:
    takes = [{"name": "Ada"}, {"name": "Ada"}, {"name": "Grace"}]
    failure({"batch": "each"}, takes)
    assert database.execute("SELECT name FROM people") == [("Ada",)]


def test_a_write_with_a_key_happens_once(database: Database) -> None:
    database.execute(KEYS)
    params: dict[str, Json] = {"exactly_once": True, "returning": ["id", "name"]}
    takes = [{"name": "Ada"}, {"name": "Grace"}]
    first = rows(params, takes)
    assert rows(params, takes) == first == [{"id": 1, "name": "Ada"}, {"id": 2, "name": "Grace"}]
    assert database.execute("SELECT count(*) FROM people") == [(2,)]


def test_keys_may_stand_in_a_table_of_another_name(database: Database) -> None:
    database.execute(KEYS.replace("flowforge_writes", '"my keys"'))
    params: dict[str, Json] = {"exactly_once": True, "key_table": "my keys"}
    assert len(rows(params, [{"name": "Ada"}])) == 1
    assert len(rows(params, [{"name": "Ada"}])) == 1
    assert database.execute("SELECT count(*) FROM people") == [(1,)]
    assert database.execute('SELECT count(*) FROM "my keys"') == [(1,)]


def test_a_write_that_failed_leaves_no_key(database: Database) -> None:
    database.execute(KEYS)
    database.execute("INSERT INTO people (name) VALUES ('Ada')")
    params: dict[str, Json] = {"exactly_once": True}
    assert failure(params, [{"name": "Ada"}]).code == "sql_error"
    database.execute("DELETE FROM people")
    assert len(rows(params, [{"name": "Ada"}])) == 1


def test_the_table_for_keys_is_asked_for_and_never_made(database: Database) -> None:
    error = failure({"exactly_once": True}, [{"name": "Ada"}])
    assert error.code == "key_table_missing"
    assert error.hint is not None
    database.execute(error.hint.partition(": ")[2])
    assert len(rows({"exactly_once": True}, [{"name": "Ada"}])) == 1


@pytest.mark.parametrize(
    ("params", "policy"),
    [
        ({}, "fail"),
        ({"operation": "upsert"}, "fail"),
        ({"operation": "select"}, "run_again"),
        ({"operation": "insert", "exactly_once": True}, "run_again"),
        ({"operation": 7, "exactly_once": "={{ 1 }}"}, "fail"),
    ],
)
def test_only_what_may_be_repeated_is_repeated_after_a_crash(params: Any, policy: str) -> None:
    type = library().find("postgres", 1)
    assert type is not None
    assert type.crash_policy(params) == policy


def test_the_item_that_undoes_all_is_named(database: Database) -> None:
    names = ["Ada", "Grace", "Edsger", "Ada", "Barbara"]
    error = failure({}, [{"name": name} for name in names])
    assert error.message.startswith("Item 3: PostgreSQL says: ")
    assert error.code == "sql_error"


def test_an_item_is_named_whatever_it_fails_at(database: Database) -> None:
    database.execute(KEYS)
    execute: dict[str, Json] = {
        "operation": "execute",
        "sql": "SELECT 1 / $1::int",
        "values": ["={{ $json.n }}"],
    }
    assert failure(execute, [{"n": 1}, {"n": 0}]).message.startswith("Item 1: PostgreSQL says: ")
    once: dict[str, Json] = {"exactly_once": True}
    taken = failure(once, [{"name": "Ada"}, {"name": "Ada"}])
    assert taken.message.startswith("Item 1: PostgreSQL says: ")
    unfit = failure({}, [{"name": "Ada"}, {"name": "Grace"}, {"name": "a\0b"}])
    assert unfit.message.startswith("Item 2: PostgreSQL stores no text")
    unnamed = failure({}, [{"name": "Ada"}, {"": 1}])
    assert unnamed.message.startswith("Item 1: '' is no name")


def test_an_item_behind_many_is_named_by_its_place(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "CHUNK", 2)
    takes: list[Json] = [{"name": "Ada"}, {"name": "Bo", "age": 1}, {"name": "Cy", "age": 2}]
    takes += [{"name": "Di", "age": 3}, {"name": "Bo", "age": 4}]
    assert failure({}, takes).message.startswith("Item 4: ")


def test_an_error_of_the_commit_is_of_no_item(database: Database) -> None:
    database.execute("CREATE TABLE late (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)")
    error = failure({"table": "late"}, [{"n": 1}, {"n": 1}])
    assert error.message.startswith("PostgreSQL says: ")
