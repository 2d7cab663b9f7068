"""Postgres: what its examples cannot say, on a real server."""

from collections.abc import Iterator

import pytest

from apps.engine.items import Json
from apps.nodes.context import Services
from apps.nodes.registry import library
from tests.nodes.databases import Database
from tests.nodes.outside import database_with
from tests.nodes.postgres_steps import TABLE, failure, ran, rows


@pytest.fixture
def database(postgres_url: str, services: Services) -> Iterator[Database]:
    """A database with two tables, which every credential stands for."""
    with database_with(TABLE, postgres_url, services) as database:
        yield database


def execute(sql: str, *values: Json) -> list[Json]:
    return rows({"operation": "execute", "sql": sql, "values": list(values)})


def test_no_items_connect_to_nothing(services: Services) -> None:
    assert ran({}, []) == []


def test_each_row_comes_from_its_item(database: Database) -> None:
    given = ran({}, [{"name": "Ada"}, {"name": "Grace"}])
    assert [item.json["name"] for item in given] == ["Ada", "Grace"]
    assert [pair.item for item in given for pair in item.paired or ()] == [0, 1]


def test_items_may_have_different_fields(database: Database) -> None:
    ran({}, [{"name": "Ada"}, {"name": "Grace", "age": 85}, {"name": "Edsger"}])
    assert database.execute("SELECT name, age FROM people ORDER BY id") == [
        ("Ada", None),
        ("Grace", 85),
        ("Edsger", None),
    ]


def test_columns_may_be_chosen_and_computed(database: Database) -> None:
    params = {"columns": {"name": "={{ $json.first }} Lovelace"}, "returning": ["name"]}
    assert rows(params, [{"first": "Ada", "noise": 1}]) == [{"name": "Ada Lovelace"}]


def test_an_insert_without_rows_to_give_passes_its_items_on(database: Database) -> None:
    assert rows({"returning": []}, [{"name": "Ada"}]) == [{"name": "Ada"}]


def test_an_item_without_fields_is_a_row_of_defaults(database: Database) -> None:
    database.execute("CREATE TABLE marks (id serial, at date DEFAULT '2026-03-01')")
    assert rows({"table": "marks"}, [{}, {}]) == [
        {"id": 1, "at": "2026-03-01"},
        {"id": 2, "at": "2026-03-01"},
    ]


def test_an_upsert_changes_the_row_that_is_there(database: Database) -> None:
    database.execute("INSERT INTO people (name, age) VALUES ('Ada', 1)")
    params: dict[str, Json] = {"operation": "upsert", "match": ["name"], "returning": ["id", "age"]}
    given = rows(params, [{"name": "Ada", "age": 36}, {"name": "Grace", "age": 85}])
    assert [row["age"] for row in given] == [36, 85]
    assert given[0]["id"] == 1


def test_an_upsert_of_nothing_but_its_key_gives_the_row(database: Database) -> None:
    database.execute("INSERT INTO people (name, age) VALUES ('Ada', 1)")
    params: dict[str, Json] = {"operation": "upsert", "match": ["name"]}
    assert rows(params, [{"name": "Ada"}]) == [{"id": 1, "name": "Ada", "age": 1}]


def test_an_update_changes_only_the_rows_that_match(database: Database) -> None:
    database.execute("INSERT INTO people (name) VALUES ('Ada'), ('Grace')")
    params: dict[str, Json] = {"operation": "update", "match": ["name"]}
    assert rows(params, [{"name": "Ada", "age": 36}, {"name": "Nobody", "age": 1}]) == [
        {"id": 1, "name": "Ada", "age": 36}
    ]
    assert database.execute("SELECT age FROM people ORDER BY id") == [(36,), (None,)]


def test_rows_are_matched_by_null_too(database: Database) -> None:
    database.execute("INSERT INTO people (name, age) VALUES ('Ada', NULL), ('Grace', 85)")
    params: dict[str, Json] = {"operation": "update", "match": ["age"], "returning": ["name"]}
    assert rows(params, [{"age": None, "name": "Unknown"}]) == [{"name": "Unknown"}]


PEOPLE = "INSERT INTO people (name, age) VALUES ('Ada', 36), ('Grace', 85), ('Al', NULL)"


@pytest.mark.parametrize(
    ("conditions", "names"),
    [
        ([], ["Ada", "Grace", "Al"]),
        ([("name", "equals", "Ada")], ["Ada"]),
        ([("age", "equals", None)], ["Al"]),
        ([("age", "not_equals", None)], ["Ada", "Grace"]),
        ([("name", "not_equals", "Ada")], ["Grace", "Al"]),
        ([("age", "greater", 36)], ["Grace"]),
        ([("age", "greater_or_equal", "36")], ["Ada", "Grace"]),
        ([("age", "less", 85)], ["Ada"]),
        ([("age", "less_or_equal", 85)], ["Ada", "Grace"]),
        ([("name", "like", "A%")], ["Ada", "Al"]),
        ([("name", "like", "a%")], []),
        ([("name", "ilike", "a%")], ["Ada", "Al"]),
        ([("name", "not_like", "A%")], ["Grace"]),
        ([("name", "not_ilike", "a%")], ["Grace"]),
        ([("name", "in", ["Ada", "Al"])], ["Ada", "Al"]),
        ([("name", "in", "Ada")], ["Ada"]),
        ([("name", "in", [])], []),
        ([("age", "not_in", [36])], ["Grace"]),
        ([("age", "is_null", None)], ["Al"]),
        ([("age", "is_not_null", None), ("name", "equals", "Ada")], ["Ada"]),
    ],
)
def test_rows_are_selected_by_conditions(
    database: Database, conditions: list[tuple[str, str, Json]], names: list[str]
) -> None:
    database.execute(PEOPLE)
    where = [{"column": c, "operator": o, "value": v} for c, o, v in conditions]
    params = {"operation": "select", "where": where, "returning": ["name"]}
    assert [row["name"] for row in rows(params)] == names


def test_conditions_may_be_alternatives_and_rows_have_an_order_and_an_end(
    database: Database,
) -> None:
    database.execute(PEOPLE)
    params = {
        "operation": "select",
        "where": [
            {"column": "name", "value": "Al"},
            {"column": "age", "operator": "greater", "value": "={{ $json.over }}"},
        ],
        "combinator": "or",
        "order": [{"column": "age", "direction": "descending"}, {"column": "name"}],
        "limit": 2,
    }
    assert [row["name"] for row in rows(params, [{"over": 30}])] == ["Al", "Grace"]


def test_conditions_hold_together_unless_they_are_alternatives(database: Database) -> None:
    database.execute(PEOPLE)
    where: list[Json] = [
        {"column": "age", "operator": "greater", "value": 1},
        {"column": "name", "operator": "like", "value": "A%"},
    ]
    order: list[Json] = [{"column": "name", "direction": "ascending"}]
    params: dict[str, Json] = {"operation": "select", "where": where, "order": order}
    for combinator, names in (("and", ["Ada"]), ("or", ["Ada", "Al", "Grace"])):
        assert [row["name"] for row in rows({**params, "combinator": combinator})] == names


def test_delete_gives_what_was_deleted(database: Database) -> None:
    database.execute(PEOPLE)
    where = [{"column": "age", "operator": "is_not_null"}]
    given = rows({"operation": "delete", "where": where, "returning": ["name"]})
    assert given == [{"name": "Ada"}, {"name": "Grace"}]
    assert database.execute("SELECT count(*) FROM people") == [(1,)]


@pytest.mark.parametrize(
    ("params", "path"),
    [
        ({"operation": "delete"}, "where"),
        ({"operation": "update"}, "match"),
        ({"operation": "update", "match": ["id"], "where": [{"column": "age"}]}, "where"),
        ({"operation": "upsert"}, "match"),
        ({"operation": "execute"}, "sql"),
        ({"table": ""}, "table"),
        ({"operation": "execute", "sql": "=SELECT {{ $json.id }}"}, "sql"),
        ({"operation": "={{ $json.what }}"}, "operation"),
        ({"limit": 0}, "limit"),
    ],
)
def test_what_makes_no_sense_is_a_fault_of_the_graph(params: dict[str, Json], path: str) -> None:
    type = library().find("postgres", 1)
    assert type is not None
    [fault] = type.check({"credential": "db", "table": "people", **params})
    assert path in (fault.path, fault.message.partition(":")[0])


def test_a_table_may_lie_in_a_schema(database: Database) -> None:
    database.execute('CREATE SCHEMA sales; CREATE TABLE sales."a.b" (n int)')
    database.execute("CREATE TABLE sales.orders (n int)")
    assert rows({"schema": "sales", "table": "a.b"}, [{"n": 1}]) == [{"n": 1}]
    assert rows({"table": "sales.orders"}, [{"n": 2}]) == [{"n": 2}]


def test_null_is_null(database: Database) -> None:
    rows({}, [{"name": "Ada", "age": None}])
    assert database.execute("SELECT age FROM people") == [(None,)]
    assert "23502" in failure({}, [{"name": None}]).message


def test_execute_tells_how_many_rows_it_changed(database: Database) -> None:
    database.execute(PEOPLE)
    assert execute("UPDATE people SET age = $1 WHERE age > $2", 1, 0) == [{"row_count": 2}]
    assert execute("CREATE TABLE more (n int)") == [{"row_count": 0}]
    assert execute("SELECT name FROM people WHERE name = $1", "Nobody") == []


@pytest.mark.parametrize(
    ("sql", "values", "code"),
    [
        ("SELECT $1::int", [], "wrong_parameters"),
        ("SELECT 1", [1], "wrong_parameters"),
        ("SELECT 1; DROP TABLE untouched", [], "sql_error"),
        ("DROP TABLE untouched; COMMIT", [], "sql_error"),
        ("COMMIT", [], "transaction_left"),
        ("ROLLBACK", [], "transaction_left"),
        ("COPY people TO STDOUT", [], "sql_error"),
        ("COPY people FROM STDIN", [], "sql_error"),
        ("VACUUM", [], "sql_error"),
        ("SELEKT 1", [], "sql_error"),
        ("SELECT 1/$1", [0], "sql_error"),
        ("SELECT $1::int", ["x"], "sql_error"),
        ("SELECT $1::text", ["a\0b"], "invalid_value"),
        ("SELECT $1::jsonb", [{"a": "\0"}], "sql_error"),
        ("SELECT $1::text", ["\ud800"], "invalid_value"),
        ("SELECT $1::bytea", ["no base64!"], "invalid_value"),
        ("SELECT '\0'", [], "invalid_value"),
    ],
)
def test_sql_that_cannot_be_run_is_a_named_error(
    database: Database, sql: str, values: list[Json], code: str
) -> None:
    error = failure({"operation": "execute", "sql": sql, "values": values})
    assert error.code == code
    assert database.execute("SELECT count(*) FROM untouched") == [(0,)]


HOSTILE = [
    't"; DROP TABLE untouched;--',
    "'; DROP TABLE untouched;--",
    "$$; DROP TABLE untouched;--",
    "\\'; DROP TABLE untouched;--",
    "%s %(a)s 100%",
    "{a,b} {} {0}",
    "$1",
    'a"b',
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_value_is_never_sql(database: Database, text: str) -> None:
    assert rows({"returning": ["name"]}, [{"name": text}]) == [{"name": text}]
    where = [{"column": "name", "value": text}]
    assert rows({"operation": "select", "where": where, "returning": ["name"]}) == [{"name": text}]
    assert execute("SELECT $1 AS t", text) == [{"t": text}]
    assert database.execute("SELECT count(*) FROM untouched") == [(0,)]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_never_sql(database: Database, name: str) -> None:
    quoted = name.replace('"', '""')
    database.execute(f'CREATE TABLE "{quoted}" ("{quoted}" int)')
    params: dict[str, Json] = {"schema": "public", "table": name, "returning": [name]}
    assert rows(params, [{name: 1}]) == [{name: 1}]
    order = [{"column": name}]
    assert rows({**params, "operation": "select", "order": order}) == [{name: 1}]
    upsert = {"operation": "upsert", "match": [name]}
    assert failure({**params, **upsert}, [{name: 1}]).code == "sql_error"
    assert database.execute("SELECT count(*) FROM untouched") == [(0,)]


@pytest.mark.parametrize("name", ["a\0b", "x" * 64, "é" * 32, "", "\ud800"])
def test_what_would_be_another_name_is_refused(database: Database, name: str) -> None:
    assert failure({}, [{name: 1}]).code == "invalid_name"
