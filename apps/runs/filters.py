"""By what runs are found: in lists, and for what is done to many at once."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import django_filters
from django.core.validators import RegexValidator
from django.db.models import (
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    QuerySet,
    Subquery,
)

from apps.runs.models import Run, RunValue
from apps.runs.querysets import has_notes
from apps.runs.states import RunStatus, Trigger
from apps.versions.models import WorkflowVersion
from apps.workspaces.api.fields import must_be_one_of
from apps.workspaces.constants import Constant
from apps.workspaces.ids import first_id_at
from apps.workspaces.permissions import principal_of

TOOK = ExpressionWrapper(F("finished_at") - F("started_at"), DurationField())
LONGEST_S = 10**9
MOST_VERSIONS = 1_000
"""Of one number, whose runs are found by an index."""


class RunFilter(django_filters.FilterSet):
    """`versions` are those among which one is looked for by its number: of the workspaces that the
    runs are of."""

    workspace = django_filters.UUIDFilter()
    workflow = django_filters.UUIDFilter()
    # Not distinct: no filter joins, and PostgreSQL cannot compare the JSON of two rows.
    status = django_filters.MultipleChoiceFilter(
        method="in_words",
        choices=RunStatus.choices,
        distinct=False,
        error_messages=must_be_one_of(RunStatus.values),
    )
    trigger = django_filters.MultipleChoiceFilter(
        method="in_words",
        choices=Trigger.choices,
        distinct=False,
        error_messages=must_be_one_of(Trigger.values),
    )
    error_group = django_filters.UUIDFilter(
        help_text="Those that failed the same way: the group's id."
    )
    retry_of = django_filters.UUIDFilter()
    parent_run = django_filters.UUIDFilter("parent_step__run")
    started_after = django_filters.IsoDateTimeFilter("started_at", "gte")
    started_before = django_filters.IsoDateTimeFilter(method="begun_until")
    created_after = django_filters.IsoDateTimeFilter(method="made_from")
    created_before = django_filters.IsoDateTimeFilter(method="made_until")
    finished_after = django_filters.IsoDateTimeFilter("finished_at", "gte")
    finished_before = django_filters.IsoDateTimeFilter(method="ended_until")
    min_duration_s = django_filters.NumberFilter(
        method="took_at_least", min_value=0, max_value=LONGEST_S, help_text="Of runs that ended."
    )
    max_duration_s = django_filters.NumberFilter(
        method="took_at_most", min_value=0, max_value=LONGEST_S, help_text="Of runs that ended."
    )
    version = django_filters.NumberFilter(
        method="of_version", min_value=1, max_value=2**31 - 1, decimal_places=0
    )
    value = django_filters.CharFilter(
        method="having_value",
        validators=[RegexValidator("^[^:]+:", "Must be name:value.")],
        help_text="`name:value`: of which a step kept that value.",
    )
    has_notes = django_filters.ChoiceFilter(
        method="with_notes",
        choices=[("true", "yes"), ("false", "no")],
        error_messages=must_be_one_of(["true", "false"]),
    )

    is_trial = django_filters.ChoiceFilter(
        method="on_trial",
        choices=[("true", "yes"), ("false", "no")],
        error_messages=must_be_one_of(["true", "false"]),
        help_text="Of a version that was not published when the run was made.",
    )

    def __init__(
        self, *args: Any, versions: "QuerySet[WorkflowVersion] | None" = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._versions = versions

    def versions(self) -> "QuerySet[WorkflowVersion]":
        return WorkflowVersion.objects.all() if self._versions is None else self._versions

    # PostgreSQL knows how rare a word is only of one that it sees.
    def in_words(self, runs: QuerySet[Run], name: str, words: list[str]) -> QuerySet[Run]:
        return runs.filter(**{f"{name}__in": [Constant(word) for word in words]})

    # By the time in their ids, which every index of runs is ordered by.
    def made_from(self, runs: QuerySet[Run], _: str, moment: datetime) -> QuerySet[Run]:
        return runs.filter(pk__gte=first_id_at(moment))

    def made_until(self, runs: QuerySet[Run], _: str, moment: datetime) -> QuerySet[Run]:
        return runs.filter(pk__lt=first_id_at(moment))

    def took_at_least(self, runs: QuerySet[Run], _: str, seconds: Decimal) -> QuerySet[Run]:
        return runs.alias(took=TOOK).filter(took__gte=timedelta(seconds=float(seconds)))

    def took_at_most(self, runs: QuerySet[Run], _: str, seconds: Decimal) -> QuerySet[Run]:
        return runs.alias(took=TOOK).filter(took__lte=timedelta(seconds=float(seconds)))

    def begun_until(self, runs: QuerySet[Run], _: str, moment: datetime) -> QuerySet[Run]:
        # What started before then was made before then, too.
        return runs.filter(started_at__lt=moment, pk__lt=first_id_at(moment))

    def ended_until(self, runs: QuerySet[Run], _: str, moment: datetime) -> QuerySet[Run]:
        return runs.filter(finished_at__lt=moment, pk__lt=first_id_at(moment))

    def of_version(self, runs: QuerySet[Run], _: str, number: int) -> QuerySet[Run]:
        given = self.form.cleaned_data
        among = {name: given[name] for name in ("workflow", "workspace") if given.get(name)}
        versions = self.versions().filter(version=number, **among).order_by()
        # By their ids: how many runs a join finds PostgreSQL guesses wrong by thousands.
        ids = list(versions.values_list("pk", flat=True)[: MOST_VERSIONS + 1])
        if len(ids) <= MOST_VERSIONS:
            return runs.filter(version__in=ids)
        # So many have runs all the time: they are met on the way from the newest on.
        own = WorkflowVersion.objects.filter(pk=OuterRef("version")).values("version")
        return runs.alias(own_number=Subquery(own)).filter(own_number=number)

    def having_value(self, runs: QuerySet[Run], _: str, wanted: str) -> QuerySet[Run]:
        name, _, value = wanted.partition(":")
        return runs.filter(
            Exists(RunValue.objects.filter(run=OuterRef("pk"), name=name, value=value))
        )

    def with_notes(self, runs: QuerySet[Run], _: str, wanted: str) -> QuerySet[Run]:
        return runs.filter(has_notes() if wanted == "true" else ~has_notes())

    def on_trial(self, runs: QuerySet[Run], _: str, wanted: str) -> QuerySet[Run]:
        return runs.filter(is_trial=wanted == "true")

    class Meta:
        model = Run
        fields: list[str] = []


class RunListFilter(RunFilter):
    """What a list may be asked for beside that. No job may: it does not look at all runs."""

    search = django_filters.CharFilter(
        method="left_to_search",
        max_length=200,
        help_text="Text in the end of the id, the error, kept values, or what steps took and "
        "gave, of the newest 1,000 runs that the other filters find, or fewer where these keep "
        "more than 32 MB; see `searched`.",
    )

    def versions(self) -> "QuerySet[WorkflowVersion]":
        all: Any = super().versions()
        seen: QuerySet[WorkflowVersion] = all.visible_to(principal_of(self.request), "run.view")
        return seen

    def left_to_search(self, runs: QuerySet[Run], _: str, text: str) -> QuerySet[Run]:
        return runs  # the view looks, last of all, and tells how far
