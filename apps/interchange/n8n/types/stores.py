"""Databases and files."""

import re

from apps.engine.items import Json
from apps.interchange.n8n.given import Given, UnsupportedError, is_expression
from apps.interchange.n8n.source import Made, Source
from apps.interchange.n8n.statements import bound

_OPERATIONS = {
    "insert": "insert",
    "upsert": "upsert",
    "update": "update",
    "select": "select",
    "deleteTable": "delete",
    "delete": "delete",
    "executeQuery": "execute",
}
_COMPARED = {
    "equal": "equals",
    "=": "equals",
    "!=": "not_equals",
    ">": "greater",
    ">=": "greater_or_equal",
    "<": "less",
    "<=": "less_or_equal",
    "LIKE": "like",
    "IS NULL": "is_null",
    "IS NOT NULL": "is_not_null",
}


def postgres(source: Source) -> Made:
    given, options = source.given, source.given.inner("options")
    operation = given.choice("operation", _OPERATIONS, "insert")
    params: dict[str, Json] = {"operation": operation}
    if operation == "execute":
        return Made("postgres", params | _statement(source))
    if operation == "delete" and given.text("deleteCommand", "truncate") != "delete":
        raise UnsupportedError("It empties or drops a table: write that as a statement.")
    params["table"] = given.text("table")
    if schema := given.text("schema"):
        params["schema"] = schema
    if operation in ("select", "delete"):
        params["where"] = [_where(row) for row in given.rows("where", "values")]
        params["combinator"] = "or" if given.text("combineConditions") == "OR" else "and"
    else:
        params |= _columns(source, operation)
    if operation == "select":
        params["order"] = [
            {
                "column": row.text("column"),
                "direction": "descending" if row.text("direction") == "DESC" else "ascending",
            }
            for row in given.rows("sort", "values")
        ]
        if not given.flag("returnAll"):
            params["limit"] = given.number("limit", 50)
        columns = options.value("outputColumns")
        listed = columns if isinstance(columns, list) else []
        params["returning"] = [each for each in listed if isinstance(each, str)] or ["*"]
    return Made("postgres", params)


def _where(row: Given) -> Json:
    operator = row.choice("condition", _COMPARED, "equal")
    condition: dict[str, Json] = {"column": row.text("column"), "operator": operator}
    return condition if operator.startswith("is_") else condition | {"value": row.value("value")}


def _columns(source: Source, operation: str) -> dict[str, Json]:
    given = source.given
    mapped = given.inner("columns")
    params: dict[str, Json] = {}
    if mapped.text("mappingMode") == "defineBelow":
        params["columns"] = dict(mapped.inner("value").members)
    elif rows := given.pairs("valuesToSend", "values", name="column"):
        params["columns"] = rows
    elif isinstance(given.value("columns"), str) and (names := given.names("columns")):
        params["columns"] = {name: f"={{{{ $json[{name!r}] }}}}" for name in names}
    if operation in ("update", "upsert"):
        matching = mapped.value("matchingColumns") or given.names("columnToMatchOn")
        listed = matching if isinstance(matching, list) else []
        params["match"] = [name for name in listed if isinstance(name, str)]
    return params


def _statement(source: Source) -> dict[str, Json]:
    given = source.given
    text = given.text("query")
    replacement = given.inner("options").value("queryReplacement")
    if replacement is not None:
        source.warn("Say by “values” what $1, $2 … are: in n8n one text gives them all.")
    text = text.removeprefix("=")
    if "{{" not in text:
        values: list[Json] = []
        if isinstance(replacement, str) and not is_expression(replacement):
            values = [part.strip() for part in replacement.split(",")]
        return {"sql": text, "values": values}
    if replacement is not None:
        return {"sql": text}
    source.warn("Its expressions became values $1, $2 …: write names of tables into the statement.")
    return bound(text)


_READ = {
    "csv": "csv",
    "html": "html",
    "fromIcs": "ics",
    "fromJson": "json",
    "pdf": "pdf",
    "extractFromPDF": "pdf",
    "text": "text",
    "binaryToPropery": "base64",
    "xlsx": "xlsx",
}


def extract(source: Source) -> Made:
    given, options = source.given, source.given.inner("options")
    format = given.choice("operation", _READ, "csv")
    params: dict[str, Json] = {"format": format, "file": given.text("binaryPropertyName", "data")}
    if format in ("json", "text", "base64"):
        params["result"] = given.text("destinationKey", "data")
    if format in ("csv", "xlsx", "html"):
        params["header"] = options.flag("headerRow", True)
    if format == "csv" and (delimiter := options.text("delimiter")):
        params["delimiter"] = delimiter
    if sheet := options.text("sheetName"):
        params["sheet"] = sheet
    return Made("extract_from_file", params)


_WRITTEN = {
    "csv": "csv",
    "html": "html",
    "iCal": "ics",
    "toJson": "json",
    "toText": "text",
    "toBinary": "base64",
    "xlsx": "xlsx",
}


def convert(source: Source) -> Made:
    given, options = source.given, source.given.inner("options")
    format = given.choice("operation", _WRITTEN, "csv")
    each = format in ("text", "base64") or given.text("mode") == "each"
    params: dict[str, Json] = {
        "format": format,
        "into": "each" if each else "all",
        "result": given.text("binaryPropertyName", "data") or "data",
    }
    if format in ("text", "base64"):
        params["value"] = _path(given.text("sourceProperty"))
    if name := options.text("fileName"):
        params["name"] = name
    if format == "ics":
        params |= {key: given.value(key) for key in ("title", "start", "end") if key in given}
    if options.value("headerRow") is False:
        params["header"] = False
    if options.flag("format"):
        params["pretty"] = True
    return Made("convert_to_file", params)


def _path(name: str) -> str:
    """n8n names a field; we take its value."""
    if is_expression(name):
        inner = name[1:].strip()
        if inner.startswith("{{"):
            raise UnsupportedError("The field to write is named by an expression.")
        name = inner
    return f"={{{{ $json.{name} }}}}" if re.fullmatch(r"[\w$.\[\]]+", name) else f"={name}"


def compression(source: Source) -> Made:
    given = source.given
    files = [*given.names("binaryPropertyName")]
    if given.text("operation", "decompress") == "decompress":
        prefix = given.text("outputPrefix", "file_")
        return Made("compression", {"operation": "decompress", "files": files, "prefix": prefix})
    formats = {"zip": "zip", "gzip": "gzip"}
    params: dict[str, Json] = {
        "operation": "compress",
        "files": files,
        "format": given.choice("outputFormat", formats, "zip"),
        "result": given.text("binaryPropertyOutput", "data"),
    }
    if name := given.text("fileName"):
        params["name"] = name
    return Made("compression", params)


def execution_data(source: Source) -> Made:
    return Made(
        "execution_data", {"values": source.given.pairs("dataToSave", "values", name="key")}
    )
