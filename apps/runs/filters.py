"""By what runs are found: in lists, and for what is done to many at once."""

import django_filters
from django.core.validators import RegexValidator
from django.db.models import Exists, OuterRef, QuerySet

from apps.runs.models import Run, RunValue
from apps.runs.states import RunStatus, Trigger
from apps.workspaces.api.fields import must_be_one_of


class RunFilter(django_filters.FilterSet):
    workspace = django_filters.UUIDFilter()
    workflow = django_filters.UUIDFilter()
    # Not distinct: no filter joins, and PostgreSQL cannot compare the JSON of two rows.
    status = django_filters.MultipleChoiceFilter(
        choices=RunStatus.choices,
        distinct=False,
        error_messages=must_be_one_of(RunStatus.values),
    )
    trigger = django_filters.MultipleChoiceFilter(
        choices=Trigger.choices, distinct=False, error_messages=must_be_one_of(Trigger.values)
    )
    retry_of = django_filters.UUIDFilter()
    parent_run = django_filters.UUIDFilter("parent_step__run")
    started_after = django_filters.IsoDateTimeFilter("started_at", "gte")
    started_before = django_filters.IsoDateTimeFilter("started_at", "lt")
    value = django_filters.CharFilter(
        method="having_value",
        validators=[RegexValidator("^[^:]+:", "Must be name:value.")],
        help_text="`name:value`: of which a step kept that value.",
    )

    def having_value(self, runs: QuerySet[Run], _: str, wanted: str) -> QuerySet[Run]:
        name, _, value = wanted.partition(":")
        return runs.filter(
            Exists(RunValue.objects.filter(run=OuterRef("pk"), name=name, value=value))
        )

    class Meta:
        model = Run
        fields: list[str] = []
