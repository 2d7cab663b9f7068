"""Fields of requests and answers, stricter than REST framework's own."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.engine.events import write_time
from apps.workspaces.permissions import Role


class TextField(serializers.CharField):
    """Text, kept exactly as it was sent; a number is no text."""

    def __init__(self, **options: Any) -> None:
        super().__init__(trim_whitespace=False, **options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class NameField(TextField):
    """What a thing is called: some visible text."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=200, **options)

    def to_internal_value(self, data: Any) -> str:
        name = super().to_internal_value(data)
        if not name.strip():
            self.fail("blank")
        return name


class NumberField(serializers.IntegerField):
    """A whole number that every database can hold; text is no number."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**({"min_value": 0, "max_value": 2**31 - 1} | options))

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return data


class FlagField(serializers.BooleanField):
    """True or false; words that mean them are none."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid")
        return data


class TimeField(serializers.DateTimeField):
    """RFC 3339; answers are in UTC with milliseconds."""

    def to_representation(self, value: datetime) -> str:
        return write_time(value)


def must_be_one_of(choices: Iterable[str]) -> dict[str, str]:
    """The sentence of a field or a filter for a word that is none of its choices."""
    return {"invalid_choice": f"Must be one of {', '.join(choices)}."}


class ChoiceField(serializers.ChoiceField):
    """One of a few words; who sends another is told which."""

    def __init__(self, choices: Sequence[Any], **options: Any) -> None:
        super().__init__(choices, **options)
        self.error_messages |= must_be_one_of(self.choices)


class RoleField(ChoiceField):
    def __init__(self, **options: Any) -> None:
        super().__init__(choices=Role.choices, **options)


@extend_schema_field(OpenApiTypes.ANY)
class JSONField(serializers.Field):
    """Any JSON value, as it is."""

    def to_internal_value(self, data: Any) -> Any:
        return data

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field(OpenApiTypes.OBJECT)
class ObjectField(JSONField):
    """A JSON object, by what it says of itself: nothing is refused here."""


@extend_schema_field({"type": "array", "items": {"type": "object", "additionalProperties": {}}})
class ObjectsField(JSONField):
    """A list of JSON objects."""
