"""The fields of the form that starts a run, of the JSON Schema of what its trigger asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from apps.engine.encoding import NotJsonError, encode, read_json
from apps.engine.faults import shown
from apps.engine.items import Json
from apps.runs.admin.show import cut

LONG_TEXT = 200
LONGEST_NAME = 64
_INPUT_TYPES = {"date": "date", "email": "email", "uri": "url"}
MISSING = object()


class JsonTextField(forms.CharField):
    """JSON as a person types it; nothing is None."""

    widget = UnfoldAdminTextareaWidget

    def clean(self, value: Any) -> Json:
        text = super().clean(value)
        if not text.strip():
            return None
        try:
            return read_json(text.encode())
        except NotJsonError as error:
            # It speaks of requests; here it stands beside a field.
            told = error.message.replace("The body", "The text", 1)
            raise forms.ValidationError(told, error.code) from None


class GivenText(forms.CharField):
    """Text as it is typed; empty: it is not given."""

    def clean(self, value: Any) -> Any:
        return super().clean(value) or MISSING


class GivenJson(JsonTextField):
    """Any value, as JSON; empty: it is not given."""

    def clean(self, value: Any) -> Any:
        return MISSING if not str(value or "").strip() else super().clean(value)


class GivenChoice(forms.ChoiceField):
    """One of some values, chosen by its place; none: it is not given."""

    def __init__(self, values: list[Json], **kwargs: Any) -> None:
        self._values = values
        named = ((str(place), _named(value)) for place, value in enumerate(values))
        choices = [("", "–"), *named]
        super().__init__(choices=choices, widget=UnfoldAdminSelectWidget, **kwargs)

    def clean(self, value: Any) -> Any:
        place = super().clean(value)
        return self._values[int(place)] if place else MISSING


@dataclass(frozen=True, slots=True)
class InputField:
    """A property of the schema: its name, and the form's field for it."""

    name: str
    field: forms.Field


def input_fields(schema: Mapping[str, Json], prefix: str) -> dict[str, InputField]:
    """A field for each property of the schema's own, by the form's names for them."""
    required = schema.get("required", [])
    fields = {}
    for place, (name, part) in enumerate(schema.get("properties", {}).items()):
        field = _field(name, part if isinstance(part, dict) else {})
        # Whether it is given the schema judges; the label tells it before.
        field.required = False
        if name in required:
            field.label = f"{field.label} (required)"
        fields[f"{prefix}{place}"] = InputField(name, field)
    return fields


def _field(name: str, schema: Mapping[str, Json]) -> forms.Field:
    default = schema.get("default", MISSING)
    kind, values = schema.get("type"), _values(schema)
    field: forms.Field
    if values:
        field = GivenChoice(values)
        field.initial = str(values.index(default)) if default in values else ""
    elif kind == "string":
        field = GivenText(widget=_text_widget(schema), strip=False)
        field.initial = "" if default is MISSING else default
    else:
        # Numbers too: those of any length are given as they were typed.
        field = GivenJson(widget=_json_widget(kind))
        field.initial = "" if default is MISSING else encode(default).decode()
    field.label = str(schema.get("title") or name)
    is_json = not values and kind not in ("string", "integer", "number")
    field.help_text = f"{schema.get('description') or ''}{' JSON.' if is_json else ''}".strip()
    return field


def _json_widget(kind: Json) -> forms.Widget:
    if kind in ("integer", "number"):
        attrs = {"type": "number", "step": "1" if kind == "integer" else "any"}
        return UnfoldAdminTextInputWidget(attrs=attrs)
    return UnfoldAdminTextareaWidget(attrs={"rows": 3})


def _text_widget(schema: Mapping[str, Json]) -> forms.Widget:
    longest = schema.get("maxLength")
    if isinstance(longest, int) and longest > LONG_TEXT:
        return UnfoldAdminTextareaWidget(attrs={"rows": 4})
    kind = _INPUT_TYPES.get(str(schema.get("format")), "text")
    return UnfoldAdminTextInputWidget(attrs={"type": kind})


def _named(value: Json) -> str:
    """Text as it is, without the quotation marks of a sentence."""
    is_text = isinstance(value, str) and value.strip()
    return cut(value, LONGEST_NAME) if is_text else shown(value)


def _values(schema: Mapping[str, Json]) -> list[Json]:
    if schema.get("type") == "boolean":
        return [True, False]
    values = schema.get("enum")
    return values if isinstance(values, list) else []
