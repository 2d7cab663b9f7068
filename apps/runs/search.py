"""Runs that bear a text: looked for among the newest alone, for no index holds what steps gave."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast

from apps.engine.encoding import encode
from apps.runs.models import Run, RunValue, StepRun
from apps.workspaces.ids import made_by

MOST_LOOKED_AT = 1_000
MOST_BYTES = 32 * 1024**2
"""Of what these runs keep, about. The newest is looked at, whatever it keeps."""


@dataclass(frozen=True, slots=True)
class Looked:
    """How far a search has looked where there is more."""

    runs: int
    since: datetime
    """All that were made since then were looked at; who looks on asks for those before it."""


def bearing(runs: QuerySet[Run], text: str) -> tuple[QuerySet[Run], Looked | None]:
    """Of the newest of these runs those that bear the text, in any case; None: it saw them all.

    A whole id finds its run however old it is. Else the end of the id, the error, kept values,
    the input, and what steps took and gave are looked at, as far as these lie in rows: larger
    values are kept beside them.
    """
    if (id := _as_id(text)) and (own := runs.filter(pk=id)).exists():
        return own, None
    newest = list(runs.order_by("-id").values_list("id", "output_bytes")[: MOST_LOOKED_AT + 1])
    looked = None
    if (count := _how_many(size for _, size in newest)) < len(newest):
        last = newest[count - 1][0]
        looked = Looked(count, made_by(last))
        runs = runs.filter(pk__gte=last)
    # As it stands in JSON, where quotes and line ends are escaped.
    written = encode(text).decode()[1:-1]
    # By a pattern: SQLite's LIKE knows the case of ASCII letters alone.
    plain, written = re.escape(text), re.escape(written)
    kept = RunValue.objects.filter(run=OuterRef("pk"), value__iregex=plain)
    steps = StepRun.objects.filter(run=OuterRef("pk")).alias(
        took=Cast("input_json", TextField()), gave=Cast("output_json", TextField())
    )
    matches = Q(took__iregex=written) | Q(gave__iregex=written) | Q(error__iregex=plain)
    runs = runs.alias(id_text=Cast("id", TextField()), given=Cast("input_json", TextField()))
    found = runs.filter(
        Q(error_message__iregex=plain)
        | Q(id_text__iendswith=text)
        | Q(given__iregex=written)
        | Exists(kept)
        | Exists(steps.filter(matches))
    )
    return found, looked


def _how_many(sizes: Iterable[int]) -> int:
    """How many of these runs, one after the other, a search looks at."""
    count = whole = 0
    for size in sizes:
        whole += size
        if count == MOST_LOOKED_AT or (count and whole > MOST_BYTES):
            break
        count += 1
    return count


def _as_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
