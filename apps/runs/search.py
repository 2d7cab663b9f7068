"""Runs that bear a text: looked for among the newest alone, for no index holds what steps gave."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast

from apps.engine.encoding import encode
from apps.runs.models import Run, RunValue, StepRun
from apps.workspaces.ids import made_by

MOST_LOOKED_AT = 1_000


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
    newest = runs.order_by("-id").values_list("id", flat=True)
    looked = None
    if len(ends := list(newest[MOST_LOOKED_AT - 1 : MOST_LOOKED_AT + 1])) == 2:
        looked = Looked(MOST_LOOKED_AT, made_by(ends[0]))
        runs = runs.filter(pk__gte=ends[0])
    # As it stands in JSON, where quotes and line ends are escaped.
    written = encode(text).decode()[1:-1]
    kept = RunValue.objects.filter(run=OuterRef("pk"), value__icontains=text)
    steps = StepRun.objects.filter(run=OuterRef("pk")).alias(
        took=Cast("input_json", TextField()), gave=Cast("output_json", TextField())
    )
    matches = Q(took__icontains=written) | Q(gave__icontains=written) | Q(error__icontains=text)
    runs = runs.alias(id_text=Cast("id", TextField()), given=Cast("input_json", TextField()))
    found = runs.filter(
        Q(error_message__icontains=text)
        | Q(id_text__iendswith=text)
        | Q(given__icontains=written)
        | Exists(kept)
        | Exists(steps.filter(matches))
    )
    return found, looked


def _as_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
