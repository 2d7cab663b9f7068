"""Which steps of a run are listed."""

from collections.abc import Sequence

import django_filters
from django.db.models import OuterRef, QuerySet, Subquery

from apps.runs.models import StepRun


class _Ids(django_filters.BaseInFilter, django_filters.CharFilter):
    pass


class StepFilter(django_filters.FilterSet):
    newest_of = _Ids(
        method="newest",
        help_text="Ids of nodes, with commas between: of each of them its newest step alone.",
    )

    def newest(
        self, steps: QuerySet[StepRun], name: str, nodes: Sequence[str]
    ) -> QuerySet[StepRun]:
        of_node = StepRun.objects.filter(run=OuterRef("run"), node_id=OuterRef("node_id"))
        newest = of_node.order_by("-iteration").values("iteration")[:1]
        return steps.filter(node_id__in=nodes, iteration=Subquery(newest))
