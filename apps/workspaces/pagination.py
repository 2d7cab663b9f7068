"""Lists in pages: each begins behind the last row of the one before, however far one reads."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.conf import settings
from django.core.exceptions import ValidationError as InvalidValue
from django.db.models import Model, Q, QuerySet
from django.utils.timezone import is_naive
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.engine.errors import Fault, FaultsError

DEFAULT_LIMIT, MAX_LIMIT = 50, 200


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a list: the ordering fields' values of a row, and which way to read from it."""

    values: Sequence[Any]
    is_backward: bool = False

    def encode(self) -> str:
        written = orjson.dumps([self.is_backward, *self.values], default=str)
        return urlsafe_b64encode(written).decode().rstrip("=")


class CursorPagination(BasePagination):
    """Pages by the values of the ordering's fields, without counting and without offsets.

    A view may declare `orderings`: what `?ordering=` may say -> the model's fields, the last of
    them unique. The first is the default. Without it the queryset's own order holds.
    """

    def paginate_queryset(
        self, queryset: Any, request: Request, view: APIView | None = None
    ) -> list[Any]:
        faults: list[Fault] = []
        self.request = request
        self.limit = _limit(request, faults)
        self.fields = _ordering(queryset, request, view, faults)
        self.cursor = _cursor(queryset, request, self.fields, faults)
        if faults:
            raise FaultsError(faults)
        is_backward = self.cursor is not None and self.cursor.is_backward
        fields = [_reversed(field) for field in self.fields] if is_backward else self.fields
        if self.cursor:
            queryset = queryset.filter(_behind(fields, self.cursor.values))
        rows = list(queryset.order_by(*fields)[: self.limit + 1])
        has_more = len(rows) > self.limit
        self.rows = rows[: self.limit]
        if is_backward:
            self.rows.reverse()
        self.has_next = is_backward or has_more
        self.has_previous = has_more if is_backward else self.cursor is not None
        return self.rows

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"results": data} | self.links())

    def links(self) -> dict[str, str | None]:
        """The addresses of the pages around this one; null where there is none."""
        return {
            "next": self._link(self.rows[-1], False) if self.has_next and self.rows else None,
            "previous": self._link(self.rows[0], True) if self.has_previous and self.rows else None,
        }

    def _link(self, row: Model, is_backward: bool) -> str:
        values = [getattr(row, _attribute(row, field)) for field in self.fields]
        query = self.request.query_params.copy()
        query["cursor"] = Cursor(values, is_backward).encode()
        return f"{settings.PUBLIC_URL}{self.request.path}?{query.urlencode()}"

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "format": "uri", "nullable": True}
        return {
            "type": "object",
            "required": ["results", "next", "previous"],
            "properties": {
                "results": schema,
                "next": link,
                "previous": link,
            },
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        limit = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
        parameters: list[tuple[str, str, dict[str, Any]]] = [
            ("limit", "How many rows a page holds.", limit),
            (
                "cursor",
                "Where the page begins: taken from `next` or `previous`.",
                {"type": "string"},
            ),
        ]
        if orderings := getattr(view, "orderings", None):
            choices = {"type": "string", "enum": list(orderings)}
            parameters.append(("ordering", "The order of the rows.", choices))
        return [
            {"name": name, "in": "query", "description": told, "required": False, "schema": schema}
            for name, told, schema in parameters
        ]


def _limit(request: Request, faults: list[Fault]) -> int:
    asked = request.query_params.get("limit", str(DEFAULT_LIMIT))
    if asked.isascii() and asked.isdigit() and len(asked) < 10 and 1 <= int(asked) <= MAX_LIMIT:
        return int(asked)
    sentence = f"“limit” must be a number from 1 to {MAX_LIMIT}."
    faults.append(Fault("limit", "out_of_range", sentence))
    return DEFAULT_LIMIT


def _ordering(
    queryset: QuerySet, request: Request, view: APIView | None, faults: list[Fault]
) -> Sequence[str]:
    orderings: dict[str, Sequence[str]] = getattr(view, "orderings", {})
    own: Any = queryset.query.order_by or queryset.model._meta.ordering
    default = next(iter(orderings.values()), own)
    asked = request.query_params.get("ordering")
    if asked is None or not orderings:
        return default
    if asked not in orderings:
        sentence = f"“ordering” must be one of {', '.join(orderings)}."
        faults.append(Fault("ordering", "unknown", sentence))
        return default
    return orderings[asked]


def _cursor(
    queryset: QuerySet, request: Request, fields: Sequence[str], faults: list[Fault]
) -> Cursor | None:
    text = request.query_params.get("cursor")
    if text is None:
        return None
    try:
        is_backward, *written = orjson.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return Cursor(list(_read_values(queryset, fields, written)), bool(is_backward))
    except (binascii.Error, ValueError, TypeError, InvalidValue):
        sentence = "“cursor” is none of this list: take it from “next” or “previous”."
        faults.append(Fault("cursor", "unknown", sentence))
        return None


def _read_values(
    queryset: QuerySet, fields: Sequence[str], written: Iterable[Any]
) -> Iterable[Any]:
    """The values as the model's fields read them. Raises for what is none, or too many, or NUL, or
    a time of no zone."""
    for field, value in zip(fields, written, strict=True):
        if not isinstance(value, str | int) or "\0" in str(value):
            raise ValueError
        read = queryset.model._meta.get_field(field.lstrip("-")).clean(value, None)
        if isinstance(read, datetime) and is_naive(read):
            raise ValueError
        yield read


def _behind(fields: Sequence[str], values: Sequence[Any]) -> Q:
    """Rows that come after the values in the order of the fields, each in its own direction."""
    behind, before = Q(), Q()
    for field, value in zip(fields, values, strict=True):
        name = field.lstrip("-")
        comparison = "lt" if field.startswith("-") else "gt"
        behind |= before & Q(**{f"{name}__{comparison}": value})
        before &= Q(**{name: value})
    return behind


def _reversed(field: str) -> str:
    return field[1:] if field.startswith("-") else f"-{field}"


def _attribute(row: Model, field: str) -> str:
    return str(row._meta.get_field(field.lstrip("-")).attname)  # type: ignore[union-attr]
