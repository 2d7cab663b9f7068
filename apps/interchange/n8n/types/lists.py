"""What makes other items of many."""

from apps.engine.items import Json
from apps.interchange.n8n.given import UnsupportedError
from apps.interchange.n8n.source import Made, Source, Translate

_INCLUDE = {
    "noOtherFields": "none",
    "allOtherFields": "all",
    "selectedOtherFields": "selected",
}
_OF_ITEMS = {"allFields": "all", "specifiedFields": "selected", "allFieldsExcept": "except"}


def _names(source: Source, key: str, inner: str = "fieldName") -> list[Json]:
    """Names in a text with commas, or in rows as the older List node has them."""
    rows = [row.text(inner) for row in source.given.rows(key, "fields")]
    return [*(rows or source.given.names(key))]


def _dots(source: Source) -> dict[str, Json]:
    off = source.given.inner("options").flag("disableDotNotation")
    return {"dot_notation": False} if off else {}


def aggregate(source: Source) -> Made:
    given, options = source.given, source.given.inner("options")
    params: dict[str, Json] = _dots(source)
    if options.flag("includeBinaries"):
        params["keep_binary"] = True
    if given.text("aggregate") == "aggregateAllItemData":
        include = given.choice("include", _OF_ITEMS, "allFields")
        params |= {
            "mode": "items",
            "name": given.text("destinationFieldName") or "data",
            "include": include,
        }
        if include != "all":
            key = "fieldsToInclude" if include == "selected" else "fieldsToExclude"
            params["fields"] = _names(source, key)
        return Made("aggregate", params)
    lists: list[Json] = []
    for row in given.rows("fieldsToAggregate", "fieldToAggregate"):
        if field := row.text("fieldToAggregate"):
            name = row.text("outputFieldName") if row.flag("renameField") else ""
            lists.append({"field": field} | ({"name": name} if name else {}))
    params |= {
        "mode": "fields",
        "lists": lists,
        "merge_lists": options.flag("mergeLists"),
        "keep_missing": options.flag("keepMissing"),
    }
    return Made("aggregate", params)


def split_out(source: Source) -> Made:
    given, options = source.given, source.given.inner("options")
    include = given.choice("include", _INCLUDE, "noOtherFields")
    params: dict[str, Json] = _dots(source) | {
        "split": [*given.names("fieldToSplitOut")],
        "include": include,
    }
    if names := options.names("destinationFieldName"):
        params["names"] = [*names]
    if include == "selected":
        params["fields"] = _names(source, "fieldsToInclude")
    if options.flag("includeBinary"):
        params["keep_binary"] = True
    return Made("split_out", params)


def limit(source: Source) -> Made:
    keep = "last" if source.given.text("keep") == "lastItems" else "first"
    return Made("limit", {"max_items": source.given.number("maxItems", 1), "keep": keep})


def sort(source: Source) -> Made:
    given = source.given
    how = given.text("type", "simple")
    if how == "random":
        return Made("sort", {"by": "random"})
    if how == "code":
        source.warn("The code that compares sees the items “a” and “b”, as in n8n.")
        return Made("sort", {"by": "code", "code": given.text("code")})
    fields: list[Json] = [
        {
            "field": row.text("fieldName"),
            "direction": "descending" if row.text("order") == "descending" else "ascending",
        }
        for row in given.rows("sortFieldsUi", "sortField")
        if row.text("fieldName")
    ]
    return Made("sort", _dots(source) | {"by": "fields", "fields": fields})


_COMPARE = {"allFields": "all", "allFieldsExcept": "except", "selectedFields": "selected"}


def remove_duplicates(source: Source) -> Made:
    given = source.given
    operation = given.text("operation", "removeDuplicateInputItems")
    if operation in ("removeDuplicateInputItems", "removeDuplicates"):
        compare = given.choice("compare", _COMPARE, "allFields")
        params: dict[str, Json] = _dots(source) | {"compare": compare}
        if compare == "selected":
            params["fields"] = _names(source, "fieldsToCompare")
        elif compare == "except":
            params["fields"] = _names(source, "fieldsToExclude")
        if given.inner("options").flag("removeOtherFields"):
            source.warn("The other fields are kept; put a Set Fields behind to remove them.")
        return Made("remove_duplicates", params)
    if operation == "clearDeduplicationHistory":
        return Made("remove_duplicates", {"operation": "forget"})
    if given.text("logic", "removeItemsWithAlreadySeenKeyValues") != (
        "removeItemsWithAlreadySeenKeyValues"
    ):
        raise UnsupportedError("It keeps only what is newer, or later, than what was seen.")
    source.warn("Say by which fields items are known again: in n8n an expression gives that.")
    history = given.inner("options").plain_number("historySize", 10_000, 1, 1_000_000)
    return Made("remove_duplicates", {"operation": "earlier_runs", "history": int(history)})


_AGGREGATIONS = {
    "append": "append",
    "average": "average",
    "concatenate": "concatenate",
    "count": "count",
    "countUnique": "count_unique",
    "max": "max",
    "min": "min",
    "sum": "sum",
}


def summarize(source: Source) -> Made:
    given, options = source.given, source.given.inner("options")
    summaries: list[Json] = []
    for row in given.rows("fieldsToSummarize", "values"):
        one: dict[str, Json] = {
            "aggregation": row.choice("aggregation", _AGGREGATIONS, "count"),
            "field": row.text("field"),
        }
        if one["aggregation"] == "concatenate":
            separator = row.text("separateBy", ",")
            one["separator"] = row.text("customSeparator") if separator == "other" else separator
        if row.flag("includeEmpty"):
            one["include_empty"] = True
        summaries.append(one)
    params: dict[str, Json] = _dots(source) | {
        "summaries": summaries,
        "group_by": [*given.names("fieldsToSplitBy")],
        "output": "nested" if options.text("outputFormat") == "singleItem" else "items",
    }
    if options.flag("skipEmptySplitFields"):
        params["skip_without_group"] = True
    return Made("summarize", params)


def item_lists(source: Source) -> Made:
    """The older node of all these operations."""
    operations: dict[str, Translate] = {
        "splitOutItems": split_out,
        "aggregateItems": aggregate,
        "concatenateItems": aggregate,
        "limit": limit,
        "removeDuplicates": remove_duplicates,
        "sort": sort,
        "summarize": summarize,
    }
    operation = source.given.text("operation", "splitOutItems")
    if operation not in operations:
        raise UnsupportedError(f"The operation “{operation[:40]}” has no counterpart.")
    return operations[operation](source)


def compare(source: Source) -> Made:
    given, options = source.given, source.given.inner("options")
    match: list[Json] = [
        {"left": row.text("field1"), "right": row.text("field2")}
        for row in given.rows("mergeByFields", "values")
        if row.text("field1") and row.text("field2")
    ]
    gives = {
        "preferInput1": "prefer_1",
        "preferInput2": "prefer_2",
        "mix": "mix",
        "includeBoth": "both",
    }
    params: dict[str, Json] = _dots(source) | {
        "match": match,
        "give": given.choice("resolve", gives, "includeBoth"),
        "fuzzy": given.flag("fuzzyCompare") or options.flag("fuzzyCompare"),
        "skip": [*options.names("skipFields")],
        "multiple_matches": "all" if options.text("multipleMatches") == "all" else "first",
    }
    if params["give"] == "mix":
        base = "input_2" if given.text("preferWhenMix") == "input2" else "input_1"
        params |= {"mix_base": base, "mix_except": [*given.names("exceptWhenMix")]}
    return Made(
        "compare_datasets",
        params,
        outputs=("only_1", "same", "different", "only_2"),
        inputs=("input_1", "input_2"),
    )
