"""Where items go, and when."""

from apps.engine.items import Json
from apps.interchange.n8n.conditions import (
    OLD_TYPES,
    conditions_in,
    conditions_of,
    old_condition,
)
from apps.interchange.n8n.given import Given, UnsupportedError, is_expression
from apps.interchange.n8n.source import Made, Source
from apps.interchange.n8n.types.form_fields import page_params

MOST_INPUTS = 20
MOST_RULES = 100


def condition(source: Source) -> Made:
    return Made("condition", {"conditions": conditions_of(source)}, outputs=("true", "false"))


def filter(source: Source) -> Made:
    return Made("filter", {"conditions": conditions_of(source)}, outputs=("main", "discarded"))


def switch(source: Source) -> Made:
    given = source.given
    if given.text("mode") == "expression":
        return _switch_by_expression(source)
    if source.version < 3:
        return _old_switch(source)
    options = given.inner("options")
    written = given.rows("rules", "values") or given.rows("rules", "rules")
    if len(written) > MOST_RULES:
        raise UnsupportedError(f"It has {len(written)} rules; at most {MOST_RULES} may be.")
    names = _names([row.text("outputKey") for row in written])
    rules: list[Json] = [
        {"name": name, "conditions": conditions_in(row.inner("conditions"), source, given)}
        for name, row in zip(names, written, strict=True)
    ]
    fallback = options.value("fallbackOutput", "none")
    outputs = tuple(names)
    params: dict[str, Json] = {
        "rules": rules,
        "all_matches": options.flag("allMatchingOutputs"),
        "fallback": "none",
    }
    if fallback == "extra":
        name = _free(options.text("renameFallbackOutput") or "fallback", set(names))
        params |= {"fallback": "output", "fallback_name": name}
        outputs = (*outputs, name)
    elif isinstance(fallback, int) and not isinstance(fallback, bool):
        source.warn("What matches no rule leaves by “fallback”: draw its edges from there.")
        params |= {"fallback": "output", "fallback_name": _free("fallback", set(names))}
    return _switch(params, outputs)


def _old_switch(source: Source) -> Made:
    """Versions 1 and 2: one value is compared with that of each rule, which names its output."""
    given = source.given
    type = given.text("dataType", "number")
    if type not in OLD_TYPES:
        raise UnsupportedError(f"“{type[:40]}” of “dataType” has no counterpart.")
    left = given.value("value1", "")
    count = 4
    by_output: dict[int, list[Json]] = {}
    for row in given.rows("rules", "rules"):
        output = int(row.plain_number("output", 0, 0, 99))
        made = old_condition(type, left, row, source)
        if made is not None:
            by_output.setdefault(output, []).append(made)
    fallback = given.value("fallbackOutput", -1)
    count = max([count - 1, *by_output]) + 1
    names = [str(number) for number in range(count)]
    options: Json = {"caseSensitive": True, "typeValidation": "loose", "version": 2}
    rules: list[Json] = [
        {
            "name": names[output],
            "conditions": {"combinator": "or", "conditions": conditions, "options": options},
        }
        for output, conditions in sorted(by_output.items())
    ]
    params: dict[str, Json] = {"rules": rules, "fallback": "none"}
    if isinstance(fallback, int) and 0 <= fallback < count:
        if fallback in by_output:
            source.warn("What matches no rule leaves by “fallback”: draw its edges from there.")
            params |= {"fallback": "output", "fallback_name": "fallback"}
        else:
            params |= {"fallback": "output", "fallback_name": names[fallback]}
    known = {str(output) for output in by_output} | {params.get("fallback_name")}
    last = names[max(by_output, default=0)]
    return _switch(params, tuple(name if name in known else last for name in names))


def _switch_by_expression(source: Source) -> Made:
    count = int(source.given.plain_number("numberOutputs", 4, 1, 100))
    names = tuple(str(number) for number in range(count))
    value = source.given.value("output", 0)
    return _switch(
        {"rules": [{"name": name} for name in names], "expression": value, "fallback": "none"},
        names,
    )


def _switch(params: dict[str, Json], outputs: tuple[str, ...]) -> Made:
    if not params["rules"]:
        raise UnsupportedError("It has no rules.")
    return Made("switch", params, outputs=outputs)


def _names(wanted: list[str]) -> list[str]:
    taken: set[str] = set()
    names = []
    for place, name in enumerate(wanted):
        if not name or is_expression(name):
            name = str(place)
        names.append(_free(name, taken))
    return names


def _free(name: str, taken: set[str]) -> str:
    """A name for an output that no other has."""
    name = name[:60]
    free, number = name, 1
    while free in taken or free == "error":
        number += 1
        free = f"{name[:58]} {number}"
    taken.add(free)
    return free


def merge(source: Source) -> Made:
    given = source.given
    mode = given.text("mode", "append")
    if source.version < 2:
        params = _oldest_merge(source, mode)
    elif mode in ("append", "chooseBranch"):
        params = {"mode": "append"} if mode == "append" else _branch(given)
    elif mode == "combine":
        how = given.text("combineBy") or given.text("combinationMode")
        params = _combine(source, how or _combining_by_default(source))
    elif mode == "multiplex":
        params = _combine(source, mode)
    elif mode == "combineBySql":
        raise UnsupportedError("It combines by SQL.")
    else:
        raise UnsupportedError(f"The mode “{mode[:40]}” has no counterpart.")
    count = int(given.plain_number("numberInputs", 2, 2, MOST_INPUTS))
    if count > 2:
        params["input_count"] = count
    return Made("merge", params, inputs=tuple(f"input_{n}" for n in range(1, count + 1)))


def _combining_by_default(source: Source) -> str:
    return "mergeByFields" if source.version < 3 else "combineByFields"


def _branch(given: Given) -> dict[str, Json]:
    chosen = given.text("output") or given.text("chooseBranchMode")
    if chosen == "empty":
        return {"mode": "choose_branch", "branch": 0}
    branch = given.number("useDataOfInput", 1)
    if given.text("output") in ("input1", "input2"):
        branch = int(given.text("output")[-1])
    return {"mode": "choose_branch", "branch": branch}


def _combine(source: Source, how: str) -> dict[str, Json]:
    given, options = source.given, source.given.inner("options")
    params: dict[str, Json] = {"mode": "combine"} | _clash(options)
    if how in ("combineByPosition", "mergeByPosition"):
        unpaired = options.flag("includeUnpaired")
        return params | {"combine_by": "position", "include_unpaired": unpaired}
    if how in ("combineAll", "multiplex"):
        return params | {"combine_by": "all"}
    joins = {
        "keepMatches": "keep_matches",
        "keepNonMatches": "keep_non_matches",
        "keepEverything": "keep_everything",
        "enrichInput1": "enrich_1",
        "enrichInput2": "enrich_2",
    }
    params |= {
        "combine_by": "fields",
        "fields": _matches(source),
        "join": given.choice("joinMode", joins, "keepMatches"),
        "multiple_matches": "first" if options.text("multipleMatches") == "first" else "all",
        "fuzzy": options.flag("fuzzyCompare"),
        "dot_notation": not options.flag("disableDotNotation"),
    }
    if params["join"] in ("keep_matches", "keep_non_matches"):
        from_input = {"both": "both", "input1": "input_1", "input2": "input_2"}
        params["data_from"] = given.choice("outputDataFrom", from_input, "both")
    return params


def _matches(source: Source) -> list[Json]:
    given = source.given
    fields: list[Json] = [
        {"left": row.text("field1"), "right": row.text("field2")}
        for key in ("mergeByFields", "fields")
        for row in given.rows(key, "values")
        if row.text("field1") and row.text("field2")
    ]
    fields += [{"left": name, "right": name} for name in given.names("fieldsToMatchString")]
    if not fields:
        source.warn("Say which fields must be equal: it names none.")
    return fields[:50]


def _clash(options: Given) -> dict[str, Json]:
    chosen = options.inner("clashHandling", "values")
    known = {"preferInput1": "first", "preferInput2": "last", "preferLast": "last"}
    known |= {"addSuffix": "suffix"}
    clash: dict[str, Json] = {}
    if (resolve := chosen.text("resolveClash")) in known:
        clash["clash"] = known[resolve]
    if chosen.text("mergeMode") == "shallowMerge":
        clash["deep"] = False
    if chosen.flag("overrideEmpty"):
        clash["keep_filled"] = True
    return clash


def _oldest_merge(source: Source, mode: str) -> dict[str, Json]:
    given = source.given
    left, right = given.text("propertyName1"), given.text("propertyName2")
    by_key: dict[str, Json] = {
        "mode": "combine",
        "combine_by": "fields",
        "fields": [{"left": left, "right": right}],
        "multiple_matches": "first",
    }
    if mode == "append":
        return {"mode": "append"}
    if mode == "passThrough":
        branch = 2 if given.text("output") == "input2" else 1
        return {"mode": "choose_branch", "branch": branch}
    if mode == "wait":
        return {"mode": "choose_branch", "branch": 0}
    if mode == "multiplex":
        return {"mode": "combine", "combine_by": "all"}
    if mode == "mergeByIndex":
        unpaired = given.text("join", "left") != "inner"
        return {"mode": "combine", "combine_by": "position", "include_unpaired": unpaired}
    if mode == "mergeByKey":
        return by_key | {"join": "enrich_1"}
    if mode == "removeKeyMatches":
        return by_key | {"join": "keep_non_matches", "data_from": "input_1"}
    raise UnsupportedError(f"The mode “{mode[:40]}” has no counterpart.")


def loop(source: Source) -> Made:
    size = source.given.number("batchSize", 1 if source.version >= 3 else 10)
    if source.given.inner("options").value("reset") not in (None, False):
        source.warn("“Reset” is not taken over: the Loop begins anew when it is entered anew.")
    if source.version < 2:
        source.warn("Draw what follows the last batch from “done”; the oldest form has one output.")
        return Made("loop", {"batch_size": size}, outputs=("loop",))
    outputs = ("done", "loop") if source.version >= 3 else ("loop", "done")
    return Made("loop", {"batch_size": size}, outputs=outputs)


_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3_600, "days": 86_400}


def wait(source: Source) -> Made:
    given = source.given
    resume = given.text("resume", "timeInterval")
    if resume == "timeInterval":
        old = source.version < 1.1
        amount = given.number("amount", 1 if old else 5)
        factor = _SECONDS.get(given.text("unit", "hours" if old else "seconds"), 1)
        if isinstance(amount, str):
            return Made("delay", {"seconds": _times(amount, factor)})
        return Made("delay", {"seconds": amount * factor})
    if resume == "specificTime":
        return Made("delay", {"until": given.text("dateTime")})
    params: dict[str, Json] = {}
    if given.flag("limitWaitTime"):
        factor = _SECONDS.get(given.text("resumeUnit", "hours"), 3_600)
        params["wait_s"] = given.plain_number("resumeAmount", 1, 0, 1e9) * factor
        source.warn("When the time is over it goes on by “timed_out”: draw an edge from there.")
    if resume == "webhook":
        return Made("wait_for_webhook", params)
    if resume == "form":
        return Made("form_page", page_params(source) | params)
    raise UnsupportedError(f"“{resume[:40]}” of “resume” has no counterpart.")


def _times(template: str, factor: int) -> str:
    """An expression in another unit, as seconds."""
    if factor == 1:
        return template
    inner = template.removeprefix("=").strip()
    if inner.startswith("{{") and inner.endswith("}}") and inner.count("{{") == 1:
        return f"={{{{ ({inner[2:-2].strip()}) * {factor} }}}}"
    try:
        return f"={{{{ {float(inner):g} * {factor} }}}}"
    except ValueError:
        raise UnsupportedError("Its time is text with expressions in it.") from None


def stop(source: Source) -> Made:
    if source.given.text("errorType") == "errorObject":
        return Made("stop_and_error", {"error": source.given.value("errorObject", "")})
    return Made("stop_and_error", {"message": source.given.text("errorMessage")})


def nothing(source: Source) -> Made:
    return Made("no_operation", {})


def run_workflow(source: Source) -> Made:
    given = source.given
    if given.text("source", "database") not in ("database", ""):
        raise UnsupportedError("It takes the other workflow from somewhere else than its list.")
    other = given.text("workflowId")
    source.warn(f"Choose the workflow to run: in n8n it is “{other[:80]}”.")
    inputs = given.inner("workflowInputs", "value")
    if inputs.members:
        source.warn("The items are passed on as they are; set the inputs by a Set Fields before.")
    wait = given.inner("options").flag("waitForSubWorkflow", True)
    mode = "each" if given.text("mode") == "each" else "all"
    return Made("run_workflow", {"workflow": "", "mode": mode, "wait": wait})
