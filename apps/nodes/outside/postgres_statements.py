"""SQL of the operations on a table: names quoted, values only ever `$1`, `$2` …."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from psycopg import sql

from apps.engine.errors import NodeError
from apps.engine.items import Json

MAX_NAME_BYTES = 63
Operator = Literal[
    "equals", "not_equals", "greater", "greater_or_equal", "less", "less_or_equal",
    "like", "not_like", "ilike", "not_ilike", "in", "not_in", "is_null", "is_not_null",
]  # fmt: skip
_OPERATORS: Mapping[str, sql.SQL] = {
    "equals": sql.SQL("="),
    "not_equals": sql.SQL("<>"),
    "greater": sql.SQL(">"),
    "greater_or_equal": sql.SQL(">="),
    "less": sql.SQL("<"),
    "less_or_equal": sql.SQL("<="),
    "like": sql.SQL("LIKE"),
    "not_like": sql.SQL("NOT LIKE"),
    "ilike": sql.SQL("ILIKE"),
    "not_ilike": sql.SQL("NOT ILIKE"),
}
_COMMA = sql.SQL(", ")


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement and the values of its parameters."""

    text: str
    values: list[Json]


@dataclass(frozen=True, slots=True)
class Condition:
    """What a column must be."""

    column: str
    operator: Operator
    value: Json


class _Values:
    """Hands out `$1`, `$2` … for values, in order."""

    def __init__(self) -> None:
        self.given: list[Json] = []

    def place(self, value: Json) -> sql.Composable:
        self.given.append(value)
        return sql.SQL(f"${len(self.given)}")


def insert(
    table: sql.Composable, columns: Mapping[str, Json], returning: Sequence[str]
) -> Statement:
    values = _Values()
    return _statement([_inserted(table, columns, values), _returned(returning)], values)


def upsert(
    table: sql.Composable,
    columns: Mapping[str, Json],
    match: Sequence[str],
    returning: Sequence[str],
) -> Statement:
    """Insert a row, or change the one that has the same in the columns of `match`."""
    values = _Values()
    _require(columns, match)
    changed = [name for name in columns if name not in match]
    # Without anything to change the row is set to what it is: else it would not be returned.
    setting = _COMMA.join(
        sql.SQL("{0} = EXCLUDED.{0}").format(name_of(name)) for name in changed or match[:1]
    )
    conflict = sql.SQL("ON CONFLICT ({}) DO UPDATE SET {}").format(names_of(match), setting)
    parts = [_inserted(table, columns, values), conflict, _returned(returning)]
    return _statement(parts, values)


def update(
    table: sql.Composable,
    columns: Mapping[str, Json],
    match: Sequence[str],
    returning: Sequence[str],
) -> Statement:
    """Change the rows that have the values of `match`."""
    values = _Values()
    _require(columns, match)
    changed = {name: value for name, value in columns.items() if name not in match}
    if not changed:
        raise NodeError("no_columns", "There is no column to change beside those of “match”.")
    setting = _COMMA.join(
        sql.SQL("{} = {}").format(name_of(name), values.place(value))
        for name, value in changed.items()
    )
    found = [Condition(name, "equals", columns[name]) for name in match]
    parts = [
        sql.SQL("UPDATE {} SET {}").format(table, setting),
        _where(found, "and", values),
        _returned(returning),
    ]
    return _statement(parts, values)


def delete(
    table: sql.Composable,
    where: Sequence[Condition],
    combinator: str,
    returning: Sequence[str],
) -> Statement:
    values = _Values()
    parts = [
        sql.SQL("DELETE FROM {}").format(table),
        _where(where, combinator, values),
        _returned(returning),
    ]
    return _statement(parts, values)


def select(
    table: sql.Composable,
    where: Sequence[Condition],
    combinator: str,
    returning: Sequence[str],
    order: Sequence[tuple[str, bool]],
    limit: int | None,
) -> Statement:
    """Read rows; `order` says of each column whether it falls."""
    values = _Values()
    parts = [
        sql.SQL("SELECT {} FROM {}").format(_columns(returning), table),
        _where(where, combinator, values),
    ]
    if order:
        columns = _COMMA.join(
            sql.SQL("{} DESC" if falls else "{}").format(name_of(name)) for name, falls in order
        )
        parts.append(sql.SQL("ORDER BY {}").format(columns))
    if limit is not None:
        parts.append(sql.SQL("LIMIT {}").format(values.place(limit)))
    return _statement(parts, values)


def table_of(schema: str, table: str) -> sql.Composable:
    """A table's name, quoted. Without a schema `sales.orders` is a table of a schema."""
    if not schema and table.count(".") == 1:
        schema, _, table = table.partition(".")
    return names_of([schema, table], ".") if schema else name_of(table)


def name_of(name: str) -> sql.Composable:
    """A name, quoted. Raises NodeError `invalid_name` for what would be another name then."""
    try:
        size = len(name.encode())
    except UnicodeEncodeError:
        size = 0
    if not 0 < size <= MAX_NAME_BYTES or "\x00" in name:
        raise NodeError(
            "invalid_name",
            f"{name[:80]!r} is no name of a table or column: 1 to {MAX_NAME_BYTES} bytes of text.",
        )
    return sql.Identifier(name)


def names_of(names: Sequence[str], between: Literal[", ", "."] = ", ") -> sql.Composable:
    return sql.SQL(between).join(name_of(name) for name in names)


def _inserted(
    table: sql.Composable, columns: Mapping[str, Json], values: _Values
) -> sql.Composable:
    if not columns:
        return sql.SQL("INSERT INTO {} DEFAULT VALUES").format(table)
    places = _COMMA.join(values.place(value) for value in columns.values())
    return sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(table, names_of(list(columns)), places)


def _where(conditions: Sequence[Condition], combinator: str, values: _Values) -> sql.Composable:
    if not conditions:
        return sql.SQL("")
    between = sql.SQL(" OR ") if combinator == "or" else sql.SQL(" AND ")
    return sql.SQL("WHERE ") + between.join(_holds(each, values) for each in conditions)


def _holds(condition: Condition, values: _Values) -> sql.Composable:
    column, operator, value = name_of(condition.column), condition.operator, condition.value
    if operator == "is_null" or (operator == "equals" and value is None):
        return sql.SQL("{} IS NULL").format(column)
    if operator == "is_not_null" or (operator == "not_equals" and value is None):
        return sql.SQL("{} IS NOT NULL").format(column)
    if operator in ("in", "not_in"):
        test = sql.SQL("{} = ANY({})" if operator == "in" else "{} <> ALL({})")
        return test.format(column, values.place(value if isinstance(value, list) else [value]))
    return sql.SQL("{} {} {}").format(column, _OPERATORS[operator], values.place(value))


def _columns(returning: Sequence[str]) -> sql.Composable:
    return names_of(returning) if returning and "*" not in returning else sql.SQL("*")


def _returned(returning: Sequence[str]) -> sql.Composable:
    return sql.SQL("RETURNING ") + _columns(returning) if returning else sql.SQL("")


def _require(columns: Mapping[str, Json], match: Sequence[str]) -> None:
    """There must be a value for every column that finds the row."""
    if not match:
        raise NodeError("no_match", "Name the columns in “match” by which a row is found.")
    for name in match:
        if name not in columns:
            raise NodeError("no_match", f"There is no value for the column “{name[:80]}” to match.")


def _statement(parts: Sequence[sql.Composable], values: _Values) -> Statement:
    return Statement(sql.SQL(" ").join(parts).as_string(None).strip(), values.given)
