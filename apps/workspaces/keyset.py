"""Pages of large tables: each begins behind the last row of the one before, so that page 1,000
costs what page 1 does, and rows that come meanwhile move nothing to another page."""

from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from unfold.paginator import InfinitePaginator
from unfold.views import ChangeList

BEHIND, BEFORE = "behind", "before"
PAGES = "workspaces_admin/keyset_pages.html"


class KeysetChangeList(ChangeList):
    """The list of a model in the order of one field, which no two of its rows share.

    The page asks for what stands `behind` a row's value, or, to go back, `before` it.
    """

    first_page: str | None = None
    previous_page: str | None = None
    next_page: str | None = None

    def get_filters_params(self, params: Any = None) -> Any:
        found = super().get_filters_params(params)
        return {name: value for name, value in found.items() if name not in (BEHIND, BEFORE)}

    def get_results(self, request: HttpRequest) -> None:
        # Unfold knows by its class that nothing is counted.
        self.paginator = InfinitePaginator(self.queryset, self.list_per_page)
        self.paginator.template_name = PAGES
        self.show_full_result_count = self.can_show_all = False
        self.full_result_count = None
        self.show_admin_actions = self.multi_page = True
        order = self.model_admin.get_ordering(request)[0]
        name, goes_down = order.lstrip("-"), order.startswith("-")
        self._key = self.lookup_opts.pk.name if name == "pk" else name
        is_back = BEFORE in self.params and BEHIND not in self.params
        rows = self.queryset.order_by(f"{'-' if goes_down != is_back else ''}{self._key}")
        start = self.params.get(BEFORE if is_back else BEHIND)
        if start is not None:
            side = "lt" if goes_down != is_back else "gt"
            rows = rows.filter(**{f"{self._key}__{side}": self._read(start)})
        found = list(rows[: self.list_per_page + 1])
        has_more = len(found) > self.list_per_page
        found = found[: self.list_per_page]
        if is_back:
            found.reverse()
        self.result_list = found
        self.result_count = len(found)
        has_earlier, has_later = (has_more, True) if is_back else (start is not None, has_more)
        if found and has_later:
            self.next_page = self._page(BEHIND, found[-1])
        if has_earlier:
            self.first_page = self.get_query_string(remove=[BEHIND, BEFORE])
            if found:
                self.previous_page = self._page(BEFORE, found[0])

    def _read(self, value: str) -> Any:
        try:
            return self.lookup_opts.get_field(self._key).to_python(value)
        except ValidationError as error:
            raise IncorrectLookupParameters(error) from error

    def _page(self, side: str, row: Any) -> str:
        other = BEFORE if side == BEHIND else BEHIND
        return self.get_query_string({side: str(getattr(row, self._key))}, remove=[other])
