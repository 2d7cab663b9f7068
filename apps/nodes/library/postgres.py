"""Postgres: reads and writes rows of a PostgreSQL database."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from contextlib import contextmanager
from itertools import groupby
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, model_validator

from apps.engine.errors import NodeError
from apps.engine.graph import OnCrash
from apps.engine.items import Item, Items, Json
from apps.engine.outcomes import Kind
from apps.nodes.context import StepContext
from apps.nodes.contract import Example, node
from apps.nodes.item_errors import of_item
from apps.nodes.outside import postgres_statements as statements
from apps.nodes.outside.postgres import POSTGRES_CREDENTIALS, Result, Session
from apps.nodes.outside.postgres_once import KEY_TABLE, run_once
from apps.nodes.outside.postgres_statements import Condition, Operator, Statement
from apps.nodes.params import Literally, LiteralText, ParamsModel, sure_fault, when

Operation = Literal["insert", "upsert", "update", "select", "delete", "execute"]
ONE_ROW_EACH = ("insert", "upsert")


_OF_A_TABLE = ("insert", "upsert", "update", "select", "delete")
_WRITES = ("insert", "upsert", "update", "delete", "execute")
_WITH_VALUE = tuple(each for each in get_args(Operator) if each not in ("is_null", "is_not_null"))


class Where(ParamsModel):
    column: str = Field(title="Column", min_length=1)
    operator: Operator = Field("equals", title="Is")
    value: Any = Field(None, title="Value", json_schema_extra=when(operator=_WITH_VALUE))


class Order(ParamsModel):
    column: str = Field(title="Column", min_length=1)
    direction: Literal["ascending", "descending"] = Field("ascending", title="Direction")


class Params(ParamsModel):
    credential: LiteralText = Field(
        title="Credential",
        min_length=1,
        json_schema_extra={"x-widget": "credential"},
    )
    operation: Annotated[Operation, Literally()] = Field("insert", title="Operation")
    schema_: str = Field(
        "",
        alias="schema",
        title="Schema",
        examples=["public"],
        json_schema_extra=when(operation=_OF_A_TABLE),
    )
    table: str = Field(
        "", title="Table", examples=["orders"], json_schema_extra=when(operation=_OF_A_TABLE)
    )
    columns: dict[str, Any] = Field(
        default_factory=dict,
        title="Columns and values",
        description="Empty: each field of the item, in the column of its name.",
        max_length=1_600,
        json_schema_extra={"x-widget": "key-values"}
        | when(operation=("insert", "upsert", "update")),
    )
    match: list[str] = Field(
        default_factory=list,
        title="Columns that find the row",
        description="Of upsert and update.",
        max_length=100,
        json_schema_extra=when(operation=("upsert", "update")),
    )
    where: list[Where] = Field(
        default_factory=list,
        title="Conditions",
        description="Of select and delete.",
        max_length=100,
        json_schema_extra=when(operation=("select", "delete")),
    )
    combinator: Literal["and", "or"] = Field(
        "and", title="Combine conditions by", json_schema_extra=when(operation=("select", "delete"))
    )
    order: list[Order] = Field(
        default_factory=list,
        title="Order of rows",
        max_length=100,
        json_schema_extra=when(operation="select"),
    )
    limit: int | None = Field(
        None, title="Rows at most", ge=1, json_schema_extra=when(operation="select")
    )
    returning: list[str] = Field(
        default_factory=lambda: ["*"],
        title="Columns to give",
        description="* for all. Empty: a write passes its item on.",
        max_length=1_600,
        json_schema_extra=when(operation=_OF_A_TABLE),
    )
    sql: LiteralText = Field(
        "",
        title="SQL",
        description="One statement, with $1, $2 … where the values belong.",
        max_length=100_000,
        json_schema_extra={"x-widget": "code", "x-language": "sql"} | when(operation="execute"),
    )
    values: list[Any] = Field(
        default_factory=list,
        title="Values of $1, $2 …",
        max_length=1_000,
        examples=["={{ $json.id }}"],
        json_schema_extra=when(operation="execute"),
    )
    batch: Annotated[Literal["all", "each"], Literally()] = Field(
        "all", title="One transaction for", description="All items, or each of them."
    )
    exactly_once: Annotated[bool, Literally()] = Field(
        False,
        title="Write exactly once",
        description="Needs a table for keys in the database.",
        json_schema_extra=when(operation=_WRITES),
    )
    key_table: LiteralText = Field(
        KEY_TABLE,
        title="Table for keys",
        min_length=1,
        json_schema_extra=when(operation=_WRITES, exactly_once=True),
    )

    @model_validator(mode="after")
    def _complete(self) -> "Params":
        if self.operation == "execute":
            if not self.sql.strip():
                raise ValueError("sql: execute needs a statement.")
        elif not self.table:
            raise ValueError("table: it is needed to know where to read or write.")
        if self.operation == "delete" and not self.where:
            raise ValueError("where: delete needs a condition; to empty a table, execute SQL.")
        if self.operation in ("upsert", "update") and not self.match:
            raise ValueError("match: name the columns by which a row is found.")
        if self.operation == "update" and self.where:
            raise sure_fault(
                "where: an update finds its rows by match, and would heed no condition."
            )
        return self


def after_crash(params: Mapping[str, Json]) -> OnCrash:
    """Reading may be repeated, and so may what is written exactly once."""
    repeatable = params.get("operation") == "select" or params.get("exactly_once") is True
    return "run_again" if repeatable else "fail"


@node(
    type="postgres",
    label="Postgres",
    group="actions",
    icon="database",
    keywords=("sql", "postgresql", "database", "query"),
    kind=Kind.EFFECT,
    each="results",
    on_crash=after_crash,
    credentials=POSTGRES_CREDENTIALS,
    examples=[
        Example(
            title="Insert items as rows",
            params={"credential": "db", "table": "people", "returning": ["id", "name"]},
            takes=[{"name": "Ada"}, {"name": "Grace"}],
            postgres="CREATE TABLE people (id serial PRIMARY KEY, name text NOT NULL)",
            gives=[{"id": 1, "name": "Ada"}, {"id": 2, "name": "Grace"}],
        ),
        Example(
            title="Execute SQL",
            params={
                "credential": "db",
                "operation": "execute",
                "sql": "SELECT sum(total) AS total FROM orders WHERE customer = $1",
                "values": ["={{ $json.customer }}"],
            },
            takes=[{"customer": "Ada"}],
            postgres="CREATE TABLE orders (customer text, total int);"
            "INSERT INTO orders VALUES ('Ada', 3), ('Ada', 4), ('Grace', 9)",
            gives=[{"total": 7}],
        ),
        Example(
            title="A row that breaks a rule of the database",
            params={"credential": "db", "table": "people"},
            takes=[{"name": None}],
            postgres="CREATE TABLE people (name text NOT NULL)",
            fails="sql_error",
        ),
    ],
)
def postgres(items: Items, params: list[Params], ctx: StepContext) -> Iterator[Items | NodeError]:
    """Reads and writes rows of a PostgreSQL database.

    Names of tables and columns are quoted, values are bound: neither becomes SQL. Rows become
    items; numbers of the type `numeric` come as text, which is exact, bytes in base64, moments in
    UTC. A step may read 250,000 rows or 32 MB.

    All items are written in one transaction: all or none. With one transaction for each item, those
    that fail are those that have the error. After a crash it is not known whether a transaction was
    committed; with “Write exactly once” it is: beside each write FlowForge keeps a key in a table
    that you make once in that database, and a write whose key is there is not repeated:

        CREATE TABLE flowforge_writes (
            key text PRIMARY KEY, result jsonb, at timestamptz NOT NULL DEFAULT now()
        )

    Keys older than your longest run can be deleted at any time.
    """
    if not items:
        return
    work = list(zip(items, params, strict=True))
    if params[0].batch == "all":
        yield from _in_one_transaction(work, ctx)
        return
    for one in work:
        try:
            yield _in_one_transaction([one], ctx)[0]
        except NodeError as error:
            yield error


def _in_one_transaction(work: Sequence[tuple[Item, Params]], ctx: StepContext) -> list[Items]:
    """What came of each item, once all are committed."""
    first = work[0][1]
    session = ctx.postgres(first.credential)
    repeatable = first.operation == "select" or first.exactly_once
    wanted: list[Statement] = []
    with _told_item(work, wanted):
        for item, params in work:
            wanted.append(_statement(item, params))
    results: list[Result] = []
    with session.transaction(is_repeatable=repeatable), _told_item(work, results):
        for result in _run(session, work, wanted, ctx):
            results.append(result)
    return [
        _given(item, params, result) for (item, params), result in zip(work, results, strict=True)
    ]


@contextmanager
def _told_item(work: Sequence[tuple[Item, Params]], done: Sized) -> Iterator[None]:
    """Say of an error which item it is of: the first behind those for which this is done."""
    try:
        yield
    except NodeError as error:
        place = min(len(done), len(work) - 1)
        paired = work[place][0].paired
        raise of_item(error, paired[0].item if paired else place, len(work)) from None


def _run(
    session: Session,
    work: Sequence[tuple[Item, Params]],
    wanted: Sequence[Statement],
    ctx: StepContext,
) -> Iterable[Result]:
    first = work[0][1]
    if first.exactly_once and first.operation != "select":
        for (item, _), statement in zip(work, wanted, strict=True):
            yield run_once(session, first.key_table, ctx.key_of(item), statement)
    elif first.operation in ONE_ROW_EACH:
        for text, same in groupby(wanted, key=lambda statement: statement.text):
            yield from session.run_many(text, [statement.values for statement in same])
    else:
        for statement in wanted:
            yield session.run(statement.text, statement.values)


def _statement(item: Item, params: Params) -> Statement:
    if params.operation == "execute":
        return Statement(params.sql, params.values)
    table = statements.table_of(params.schema_, params.table)
    where = [Condition(each.column, each.operator, each.value) for each in params.where]
    columns = params.columns or item.json
    match params.operation:
        case "insert":
            return statements.insert(table, columns, params.returning)
        case "upsert":
            return statements.upsert(table, columns, params.match, params.returning)
        case "update":
            return statements.update(table, columns, params.match, params.returning)
        case "delete":
            return statements.delete(table, where, params.combinator, params.returning)
        case "select":
            order = [(each.column, each.direction == "descending") for each in params.order]
            return statements.select(
                table, where, params.combinator, params.returning, order, params.limit
            )


def _given(item: Item, params: Params, result: Result) -> Items:
    """Rows as items; a write without rows passes its item on."""
    if result.rows is not None:
        return [Item(row, paired=item.paired) for row in result.rows]
    return (
        [item.with_json({"row_count": result.count})] if params.operation == "execute" else [item]
    )
