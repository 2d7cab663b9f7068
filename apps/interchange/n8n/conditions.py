"""The conditions of n8n's If, Filter and Switch in both of their forms."""

from apps.engine.items import Json
from apps.interchange.n8n.given import Given
from apps.interchange.n8n.source import Source
from apps.nodes.conditions.operations import OPERATIONS

_OLD_OPERATIONS = {
    "equal": "equals",
    "notEqual": "notEquals",
    "larger": "gt",
    "largerEqual": "gte",
    "smaller": "lt",
    "smallerEqual": "lte",
    "isEmpty": "empty",
    "isNotEmpty": "notEmpty",
    "contains": "contains",
    "notContains": "notContains",
    "startsWith": "startsWith",
    "notStartsWith": "notStartsWith",
    "endsWith": "endsWith",
    "notEndsWith": "notEndsWith",
    "regex": "regex",
    "notRegex": "notRegex",
    "after": "after",
    "before": "before",
}
_TYPES = frozenset({"string", "number", "boolean", "dateTime", "array", "object", "any"})
OLD_TYPES = ("boolean", "dateTime", "number", "string")


def conditions_of(source: Source) -> dict[str, Json]:
    """The conditions of a node that has one group of them, in our form."""
    written = source.given.inner("conditions")
    if source.version < 2 or "conditions" not in written:
        return old_conditions(written, source)
    return conditions_in(written, source, source.given)


def conditions_in(written: Given, source: Source, settings: Given) -> dict[str, Json]:
    """A group of conditions in the form that we share with n8n. `settings` bears the looseness."""
    options = written.inner("options")
    outer = settings.inner("options")
    is_loose = (
        settings.flag("looseTypeValidation")
        or outer.flag("looseTypeValidation")
        or options.text("typeValidation") == "loose"
    )
    ignores_case = outer.flag("ignoreCase") or not options.flag("caseSensitive", True)
    combinator = "or" if written.text("combinator") == "or" else "and"
    conditions = [_condition(each, source) for each in written.rows("conditions")]
    return {
        "combinator": combinator,
        "conditions": [each for each in conditions if each is not None],
        "options": {
            "caseSensitive": not ignores_case,
            "typeValidation": "loose" if is_loose else "strict",
            "version": 1 if options.value("version") == 1 else 2,
        },
    }


def _condition(written: Given, source: Source) -> dict[str, Json] | None:
    operator = written.inner("operator")
    type, operation = operator.text("type"), operator.text("operation")
    if type not in _TYPES or operation not in OPERATIONS[type]:
        source.warn(f"The condition “{type or '?'} {operation or '?'}” is not known; left out.")
        return None
    condition: dict[str, Json] = {
        "leftValue": written.value("leftValue", ""),
        "operator": {"type": type, "operation": operation},
    }
    right = operator.text("rightType")
    if right in _TYPES:
        condition["operator"] = {"type": type, "operation": operation, "rightType": right}
    if not operator.flag("singleValue"):
        condition["rightValue"] = written.value("rightValue", "")
    return condition


def old_conditions(written: Given, source: Source) -> dict[str, Json]:
    """Conditions grouped by type, as the first versions have them. They compare loosely."""
    conditions: list[Json] = []
    for type in OLD_TYPES:
        for each in written.rows(type):
            value = each.value("value1", "")
            condition = old_condition(type, value, each, source)
            if condition is not None:
                conditions.append(condition)
    is_any = source.given.text("combineOperation") == "any" or (
        source.given.text("combineConditions") == "OR"
    )
    return {
        "combinator": "or" if is_any else "and",
        "conditions": conditions,
        "options": {"caseSensitive": True, "typeValidation": "loose", "version": 2},
    }


def old_condition(type: str, left: Json, written: Given, source: Source) -> dict[str, Json] | None:
    default = "smaller" if type == "number" else "after" if type == "dateTime" else "equal"
    operation = written.text("operation", default)
    ours = _OLD_OPERATIONS.get(operation)
    if ours is None or ours not in OPERATIONS[type]:
        source.warn(f"The condition “{type} {operation}” is not known; left out.")
        return None
    right = written.value("value2", 0 if type == "number" else False if type == "boolean" else "")
    return {
        "leftValue": left,
        "operator": {"type": type, "operation": ours},
        "rightValue": right,
    }
