"""What asks over HTTP, and what answers."""

import json

from apps.engine.items import Json
from apps.interchange.n8n.given import Given
from apps.interchange.n8n.source import Made, Source
from apps.interchange.n8n.typed_json import typed_json

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_READ_AS = {"autodetect": "auto", "json": "json", "string": "text", "text": "text", "file": "file"}


def http(source: Source) -> Made:
    given, options = source.given, source.given.inner("options")
    is_old = source.version < 3
    method = given.text("requestMethod" if is_old else "method", "GET").upper()
    if method not in _METHODS:
        source.warn(f"The method “{method[:40]}” is not known; GET stands in its place.")
        method = "GET"
    params: dict[str, Json] = {"method": method, "url": given.text("url"), "whole_response": False}
    if is_old:
        params |= _old_parts(source)
    else:
        params |= _parts(source)
    params |= _answer(source, options)
    params |= _pace(source, options)
    if options.flag("allowUnauthorizedCerts") or given.flag("allowUnauthorizedCerts"):
        params["verify_tls"] = False
    if "pagination" in options:
        params |= _pagination(source, options.inner("pagination", "pagination"))
    if "proxy" in options:
        source.warn("Its proxy is not taken over.")
    return Made("http_call", params)


def _parts(source: Source) -> dict[str, Json]:
    """Query, headers and body from version 3 on: each is sent only where that is said."""
    given = source.given
    parts: dict[str, Json] = {}
    if given.flag("sendQuery"):
        parts["query"] = _named(source, "specifyQuery", "queryParameters", "jsonQuery")
    if given.flag("sendHeaders"):
        parts["headers"] = _named(source, "specifyHeaders", "headerParameters", "jsonHeaders")
    if given.flag("sendBody"):
        parts |= _body(source)
    return {key: value for key, value in parts.items() if value != {}}


def _named(source: Source, how: str, pairs: str, text: str) -> Json:
    if source.given.text(how) == "json":
        return typed_json(source, text)
    return source.given.pairs(pairs, "parameters")


def _body(source: Source) -> dict[str, Json]:
    given = source.given
    kind = given.text("contentType", "json")
    if kind == "binaryData":
        return {"body_kind": "binary", "file": given.text("inputDataFieldName", "data")}
    if kind == "raw":
        body: dict[str, Json] = {"body_kind": "raw", "body": given.text("body")}
        media_type = given.text("rawContentType")
        return body | ({"content_type": media_type} if media_type else {})
    if kind == "multipart-form-data":
        return _multipart(given)
    if kind == "form-urlencoded":
        if given.text("specifyBody") == "string":
            media_type = "application/x-www-form-urlencoded"
            return {"body_kind": "raw", "body": given.text("body"), "content_type": media_type}
        return {"body_kind": "form", "body": given.pairs("bodyParameters", "parameters")}
    if kind != "json":
        source.warn(f"The body’s kind “{kind[:40]}” is not known; it is sent as JSON.")
    if given.text("specifyBody", "keypair") == "json":
        return {"body_kind": "json", "body": typed_json(source, "jsonBody")}
    return {"body_kind": "json", "body": given.pairs("bodyParameters", "parameters")}


def _multipart(given: Given) -> dict[str, Json]:
    files: dict[str, Json] = {}
    fields: dict[str, Json] = {}
    for row in given.rows("bodyParameters", "parameters"):
        name = row.text("name")
        if name and row.text("parameterType") == "formBinaryData":
            files[name] = row.text("inputDataFieldName", "data")
        elif name:
            fields[name] = row.value("value", "")
    params: dict[str, Json] = {"body_kind": "multipart", "body": fields}
    return params | ({"files": files} if files else {})


def _old_parts(source: Source) -> dict[str, Json]:
    """Versions 1 and 2: each part as rows, or as JSON where `jsonParameters` is on."""
    given = source.given
    kinds = {"json": "json", "form-urlencoded": "form", "multipart-form-data": "multipart"}
    kind = given.inner("options").text("bodyContentType", "json")

    def read(part: str) -> Json:
        if given.flag("jsonParameters"):
            key = f"{part}ParametersJson"
            return typed_json(source, key)
        return given.pairs(f"{part}ParametersUi", "parameter")

    parts: dict[str, Json] = {"query": read("query"), "headers": read("header")}
    if given.flag("sendBinaryData"):
        parts |= {"body_kind": "binary", "file": given.text("binaryPropertyName", "data")}
    elif body := read("body"):
        if kind == "raw":
            parts |= {"body_kind": "raw", "body": body if isinstance(body, str) else _text(body)}
        else:
            parts |= {"body_kind": kinds.get(kind, "json"), "body": body}
    return {key: value for key, value in parts.items() if value not in ({}, "")}


def _text(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


def _answer(source: Source, options: Given) -> dict[str, Json]:
    said = options.inner("response", "response") if source.version >= 3 else source.given
    read_as = said.text("responseFormat", "autodetect" if source.version >= 3 else "json")
    answer: dict[str, Json] = {"response": _READ_AS.get(read_as, "auto")}
    name = said.text("outputPropertyName") or said.text("dataPropertyName", "data")
    if answer["response"] == "file":
        answer["response_file"] = name
    elif answer["response"] == "text" and name != "body":
        source.warn(f"Text that it answers is in “body”; in n8n it is in “{name[:80]}”.")
    if said.flag("fullResponse") or options.flag("fullResponse"):
        answer["whole_response"] = True
        source.warn("The status of its answer is “status” here, and “statusCode” in n8n.")
    if said.flag("neverError") or options.flag("ignoreResponseCode"):
        answer["fail_on_status"] = False
    return answer


def _pace(source: Source, options: Given) -> dict[str, Json]:
    pace: dict[str, Json] = {}
    timeout = options.number("timeout", 0)
    if isinstance(timeout, int | float) and timeout > 0:
        pace["timeout_s"] = min(timeout, 3_600_000) / 1_000
    elif source.version >= 3:
        pace["timeout_s"] = 300
    redirect = options.inner("redirect", "redirect")
    if redirect.value("followRedirects") is False:
        pace["max_redirects"] = 0
    elif "maxRedirects" in redirect:
        pace["max_redirects"] = int(redirect.plain_number("maxRedirects", 20, 0, 20))
    batch = options.inner("batching", "batch")
    if batch.members:
        size = int(batch.plain_number("batchSize", 50, 1, 1_000))
        interval = batch.plain_number("batchInterval", 1_000, 0, 3_600_000) / 1_000
        pace["batching"] = {"size": size, "interval_s": interval}
    return pace


def _pagination(source: Source, written: Given) -> dict[str, Json]:
    mode = written.text("paginationMode", "updateAParameterInEachRequest")
    if mode == "off":
        return {}
    pages: dict[str, Json] = {}
    if mode == "responseContainsNextURL":
        pages |= {"mode": "next_url", "next_url": written.value("nextURL", "")}
    else:
        pages["mode"] = "parameters"
        places = {"qs": "query", "queryString": "query", "headers": "headers", "body": "body"}
        for row in written.rows("parameters", "parameters"):
            place = places.get(row.text("type", "queryString"))
            if place is None:
                source.warn("Of its pages what changes the URL itself is not taken over.")
                continue
            changed = pages.setdefault(place, {})
            if isinstance(changed, dict):
                changed[row.text("name")] = row.value("value", "")
    ends = {
        "responseIsEmpty": "empty",
        "receiveSpecificStatusCodes": "status",
        "other": "expression",
    }
    pages["until"] = ends.get(written.text("paginationCompleteWhen", "responseIsEmpty"), "empty")
    if pages["until"] == "status":
        codes = [
            int(part)
            for part in written.text("statusCodesWhenComplete").split(",")
            if part.strip().isascii() and part.strip().isdigit() and len(part.strip()) == 3
        ]
        pages["statuses"] = codes or [404]
    elif pages["until"] == "expression":
        pages["is_last"] = written.value("completeExpression", False)
    if written.flag("limitPagesFetched"):
        pages["max_pages"] = int(written.plain_number("maxRequests", 100, 1, 10_000))
    interval = written.plain_number("requestInterval", 0, 0, 3_600_000)
    return {"pagination": pages | ({"interval_s": interval / 1_000} if interval else {})}


_RESPOND_WITH = {
    "firstIncomingItem": "first_item",
    "allIncomingItems": "all_items",
    "json": "json",
    "text": "text",
    "binary": "file",
    "redirect": "redirect",
    "noData": "nothing",
}


def respond(source: Source) -> Made:
    given, options = source.given, source.given.inner("options")
    answer = given.choice("respondWith", _RESPOND_WITH, "firstIncomingItem")
    params: dict[str, Json] = {"answer": answer}
    if answer == "json":
        params["body"] = typed_json(source, "responseBody")
    elif answer == "text":
        params["body"] = given.text("responseBody")
    elif answer == "redirect":
        params["url"] = given.text("redirectURL")
    elif answer == "file":
        automatic = given.text("responseDataSource", "automatically") == "automatically"
        params["file"] = "data" if automatic else given.text("inputFieldName", "data")
    if "responseCode" in options:
        params["status"] = options.number("responseCode", 200)
    if headers := options.pairs("responseHeaders", "entries"):
        params["headers"] = headers
    return Made("respond_to_webhook", params)


def graphql(source: Source) -> Made:
    given = source.given
    params: dict[str, Json] = {"url": given.text("endpoint"), "query": given.text("query")}
    if "variables" in given:
        params["variables"] = typed_json(source, "variables")
    if headers := given.pairs("headerParametersUi", "parameter"):
        params["headers"] = headers
    source.warn("Its answer is the data itself; n8n puts it below “data”.")
    return Made("graphql", params)


def rss(source: Source) -> Made:
    return Made("rss_read", {"url": source.given.text("url")})
