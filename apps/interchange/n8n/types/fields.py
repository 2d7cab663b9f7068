"""What changes the fields of items."""

import json

from apps.engine.items import Json
from apps.interchange.n8n.given import Given, UnsupportedError, is_expression
from apps.interchange.n8n.source import Made, Source
from apps.interchange.n8n.typed_json import typed_json

_TYPES = ("string", "number", "boolean", "array", "object")
_INCLUDE = {"all": "all", "none": "none", "selected": "selected", "except": "except"}


def set_fields(source: Source) -> Made:
    """Set, later called Edit Fields."""
    given = source.given
    if source.version < 3:
        return _old_set(source)
    options = given.inner("options")
    params: dict[str, Json] = _including(source)
    if given.text("mode") == "raw":
        params |= {"mode": "json", "json": typed_json(source, "jsonOutput")}
    else:
        lenient = options.flag("ignoreConversionErrors")
        rows = given.rows("assignments", "assignments") or [
            _named_by_type(row) for row in given.rows("fields", "values")
        ]
        params["assignments"] = [_assignment(row, lenient) for row in rows if row.text("name")]
    if options.value("dotNotation") is False:
        params["dot_notation"] = False
    keeps = options.flag("includeBinary", not options.flag("stripBinary"))
    if not keeps:
        params["keep_binary"] = False
    return Made("set_fields", params)


def _including(source: Source) -> dict[str, Json]:
    given = source.given
    if source.version >= 3.3 and not given.flag("includeOtherFields"):
        return {"include": "none"}
    include = given.choice("include", _INCLUDE, "all")
    if include == "selected":
        return {"include": include, "fields": [*given.names("includeFields")]}
    if include == "except":
        return {"include": include, "fields": [*given.names("excludeFields")]}
    return {"include": include}


def _assignment(row: Given, lenient: bool) -> Json:
    type = row.text("type", "string")
    assignment: dict[str, Json] = {
        "name": row.text("name"),
        "type": type if type in _TYPES else "string",
        "value": row.value("value", ""),
    }
    return assignment | ({"lenient": True} if lenient else {})


def _named_by_type(row: Given) -> Given:
    """The rows of versions 3.0 to 3.2: `{type: "stringValue", stringValue: …}`."""
    key = row.text("type", "stringValue")
    type = key.removesuffix("Value")
    return Given({"name": row.text("name"), "type": type, "value": row.value(key, "")})


def _old_set(source: Source) -> Made:
    given = source.given
    assignments: list[Json] = []
    for type in ("boolean", "number", "string"):
        for row in given.rows("values", type):
            if row.text("name"):
                empty: Json = {"boolean": False, "number": 0, "string": ""}[type]
                value = row.value("value", empty)
                # These versions never read a value as the type.
                assignments.append(
                    {"name": row.text("name"), "type": type, "value": value, "lenient": True}
                )
    params: dict[str, Json] = {
        "assignments": assignments,
        "include": "none" if given.flag("keepOnlySet") else "all",
    }
    if given.inner("options").value("dotNotation") is False:
        params["dot_notation"] = False
    return Made("set_fields", params)


def rename(source: Source) -> Made:
    given = source.given
    keys: list[Json] = [
        {"old": row.text("currentKey"), "new": row.text("newKey")}
        for row in given.rows("keys", "key")
        if row.text("currentKey") and row.text("newKey")
    ]
    patterns: list[Json] = [
        {
            "pattern": row.text("searchRegex"),
            "replacement": row.text("replaceRegex"),
            "ignore_case": row.inner("options").flag("caseInsensitive"),
            "depth": row.inner("options").number("depth", -1),
        }
        for row in given.rows("additionalOptions", "regexReplacement", "replacements")
        if row.text("searchRegex")
    ]
    return Made("rename_keys", {"keys": keys, "patterns": patterns})


_UNITS = {unit: unit for unit in (
    "years", "quarters", "months", "weeks", "days", "hours", "minutes", "seconds", "milliseconds"
)}  # fmt: skip
_UNITS |= {unit.removesuffix("s"): unit for unit in list(_UNITS)}
_PARTS = {part: part for part in ("year", "month", "week", "day", "hour", "minute", "second")}


def date_time(source: Source) -> Made:
    if source.version < 2:
        return _old_date(source)
    given, options = source.given, source.given.inner("options")
    operation = given.text("operation", "getCurrentDate")
    name = given.text("outputFieldName")
    common: dict[str, Json] = {"keep_fields": options.flag("includeInputFields")}
    if zone := options.text("timezone"):
        common["timezone"] = zone
    if operation == "getCurrentDate":
        with_time = given.flag("includeTime", True)
        return _date("current", name or "currentDate", common | {"with_time": with_time})
    if operation in ("addToDate", "subtractFromDate"):
        changed: dict[str, Json] = {
            "value": given.value("magnitude", ""),
            "unit": given.choice("timeUnit", _UNITS, "days"),
            "amount": given.number("duration", 0),
        }
        ours = "add" if operation == "addToDate" else "subtract"
        return _date(ours, name or "newDate", common | changed)
    if operation == "formatDate":
        return _date("format", name or "formattedDate", common | _format(given))
    if operation == "roundDate":
        up = given.text("mode") == "roundUp"
        rounded: dict[str, Json] = {
            "value": given.value("date", ""),
            "direction": "up" if up else "down",
            "unit": given.choice("to" if up else "toNearest", _UNITS, "months"),
        }
        return _date("round", name or "roundedDate", common | rounded)
    if operation == "extractDate":
        taken: dict[str, Json] = {
            "value": given.value("date", ""),
            "part": given.choice("part", _PARTS, "month"),
        }
        return _date("extract", name or "datePart", common | taken)
    if operation == "getTimeBetweenDates":
        units = given.value("units", ["days"])
        between: dict[str, Json] = {
            "value": given.value("startDate", ""),
            "end": given.value("endDate", ""),
            "units": [
                _UNITS[unit]
                for unit in (units if isinstance(units, list) else [units])
                if isinstance(unit, str) and unit in _UNITS
            ]
            or ["days"],
        }
        source.warn("Its result is an object of the units; n8n’s names end the same way.")
        return _date("difference", name or "timeDifference", common | between)
    raise UnsupportedError(f"The operation “{operation[:40]}” has no counterpart.")


def _date(operation: str, result: str, params: dict[str, Json]) -> Made:
    return Made("date_time", {"operation": operation, "result": result} | params)


def _format(given: Given) -> dict[str, Json]:
    chosen = given.text("format", "MM/dd/yyyy")
    if chosen == "custom":
        chosen = given.text("customFormat")
    presets = {"X": "seconds", "x": "milliseconds"}
    written: dict[str, Json] = {"value": given.value("date", "")}
    if chosen in presets:
        return written | {"preset": presets[chosen]}
    return written | {"preset": "custom", "format": chosen}


def _old_date(source: Source) -> Made:
    given = source.given
    result = given.text("dataPropertyName", "data")
    params: dict[str, Json] = {"value": given.value("value", "")}
    zone = given.inner("options").text("toTimezone")
    if zone:
        params["timezone"] = zone
    if given.text("action", "format") == "calculate":
        subtracts = given.text("operation") == "subtract"
        params |= {
            "unit": given.choice("timeUnit", _UNITS, "days"),
            "amount": given.number("duration", 0),
        }
        return _date("subtract" if subtracts else "add", result, params)
    source.warn("Its format is in the letters of moment, and must be in those of luxon here.")
    chosen = "toFormat" if given.text("toFormat") else "customFormat"
    written = given.text(chosen).replace("YYYY", "yyyy").replace("DD", "dd")
    return _date("format", result, params | {"format": written or "yyyy-MM-dd"})


def markdown(source: Source) -> Made:
    given = source.given
    to_html = given.text("mode") == "markdownToHtml"
    result = given.text("destinationKey", "data")
    operation = "to_html" if to_html else "to_markdown"
    value = given.value("markdown" if to_html else "html", "")
    return Made("markdown", {"operation": operation, "value": value, "result": result})


def html(source: Source) -> Made:
    given = source.given
    operation = given.text("operation", "generateHtmlTemplate")
    if operation == "extractHtmlContent":
        return extract_html(source)
    if operation == "convertToHtmlTable":
        return Made("html", {"operation": "table", "result": "table"})
    source.warn(
        "Its expressions are not escaped: what people wrote goes into “values”, as [[name]]."
    )
    text = given.text("html")
    if "{{" in text and not is_expression(text):
        text = f"={text}"
    return Made("html", {"operation": "build", "html": text, "keep_fields": False})


def extract_html(source: Source) -> Made:
    given, options = source.given, source.given.inner("options")
    name = given.text("dataPropertyName", "data")
    if is_expression(name):
        raise UnsupportedError("“dataPropertyName” is an expression.")
    params: dict[str, Json] = {"operation": "extract", "keep_fields": False}
    if given.text("sourceData") == "binary":
        params |= {"source": "file", "file": name}
    else:
        params |= {"source": "text", "value": field_of(name)}
    takes = {"text": "text", "html": "html", "attribute": "attribute", "value": "value"}
    extracted: list[Json] = []
    for row in given.rows("extractionValues", "values"):
        one: dict[str, Json] = {
            "name": row.text("key"),
            "selector": row.text("cssSelector"),
            "take": row.choice("returnValue", takes, "text"),
            "all": row.flag("returnArray"),
        }
        one |= {"attribute": row.text("attribute")} if one["take"] == "attribute" else {}
        one |= {"skip": row.text("skipSelectors")} if row.text("skipSelectors") else {}
        extracted.append(one)
    return Made(
        "html", params | {"extract": extracted, "clean_up": options.flag("cleanUpText", False)}
    )


def field_of(name: str) -> str:
    """The expression that gives a field of the item, by its name or path."""
    path = ".".join(name.split("."))
    if all(part.isidentifier() for part in path.split(".")):
        return f"={{{{ $json.{path} }}}}"
    return f"={{{{ $json[{json.dumps(name, ensure_ascii=False)}] }}}}"


def xml(source: Source) -> Made:
    given, options = source.given, source.given.inner("options")
    name = given.text("dataPropertyName", "data").removeprefix("=")
    if given.text("mode") == "jsonToxml":
        params: dict[str, Json] = {"operation": "to_xml", "value": "={{ $json }}", "result": name}
        if root := options.text("rootName"):
            params["root"] = root
        return Made("xml", params | {"header": not options.flag("headless")})
    params = {
        "operation": "to_json",
        "value": field_of(name),
        "result": "",
        "keep_fields": False,
        "attributes": "merge" if options.flag("mergeAttrs", True) else "object",
        "attributes_key": options.text("attrkey", "$"),
        "text_key": options.text("charkey", "_"),
        "always_lists": options.flag("explicitArray"),
        "trim": options.flag("trim"),
        "lower_case": options.flag("normalizeTags"),
    }
    return Made("xml", params)


_HASHES = {
    "MD5": "md5",
    "SHA256": "sha256",
    "SHA384": "sha384",
    "SHA512": "sha512",
    "SHA3-256": "sha3_256",
    "SHA3-384": "sha3_384",
    "SHA3-512": "sha3_512",
}


def crypto(source: Source) -> Made:
    given = source.given
    action = given.text("action", "hash")
    params: dict[str, Json] = {"result": given.text("dataPropertyName", "data")}
    if action == "generate":
        kinds = {"uuid": "uuid_v4", "hex": "hex", "base64": "base64", "ascii": "ascii"}
        kind = given.choice("encodingType", kinds, "uuid")
        length = given.number("stringLength", 32)
        return Made("crypto", params | {"operation": "random", "kind": kind, "length": length})
    if action not in ("hash", "hmac"):
        raise UnsupportedError(f"The action “{action[:40]}” has no counterpart.")
    if given.flag("binaryData"):
        params |= {"source": "file", "file": given.text("binaryPropertyName", "data")}
    else:
        params["value"] = given.value("value", "")
    if action == "hmac":
        source.warn("Its secret is not taken over: make a credential “Signing key” of it.")
    encodings = {"hex": "hex", "base64": "base64"}
    return Made(
        "crypto",
        params
        | {
            "operation": action,
            "algorithm": given.choice("type", _HASHES, "MD5"),
            "encoding": given.choice("encoding", encodings, "hex"),
        },
    )
