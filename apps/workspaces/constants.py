"""A value that a statement bears in its own text."""

from typing import Any

from django.db.models import Value


class Constant(Value):
    """One of our own words in a condition, such as a status that an index is limited to.

    PostgreSQL may plan a statement once for all parameters that may come. Then it cannot use an
    index of `status = 'pending'` for `status = $1`, and reads the whole table.
    """

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[()]]:
        word = str(self.value)
        if not word.isidentifier():
            raise ValueError(f"{word!r} is no plain word.")
        return f"'{word}'", ()
