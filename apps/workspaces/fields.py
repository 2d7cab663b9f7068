"""A field for JSON that is kept as it was written."""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from apps.engine.encoding import decode, encode


class OrderedJSONField(models.Field):
    """JSON that keeps key order, integers of any size and NUL: the type `json`, text on SQLite.

    None is SQL's NULL. PostgreSQL's `json` has no equality: such a column can be asked for
    `isnull`, be neither sorted by nor be part of DISTINCT, and is cast to jsonb for more.
    """

    description = "JSON that keeps key order"

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "json" if connection.vendor == "postgresql" else "text"

    def from_db_value(self, value: Any, expression: object, connection: BaseDatabaseWrapper) -> Any:
        # psycopg has read the json type already, by the same json.loads.
        if value is None or connection.vendor == "postgresql":
            return value
        return decode(value)

    def get_prep_value(self, value: Any) -> str | None:
        value = super().get_prep_value(value)
        return None if value is None else encode(value).decode()

    def value_to_string(self, obj: models.Model) -> Any:
        return self.value_from_object(obj)
