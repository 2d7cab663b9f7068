"""The base of every admin of rows that belong to a workspace.

Superusers see all. Other staff see and do in the admin what their roles give them elsewhere: the
table of rights is asked, not Django's permissions.
"""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG, PAGE_VAR
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.core.paginator import EmptyPage, InvalidPage
from django.db import OperationalError, transaction
from django.db.models import ForeignKey, Model, QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from unfold.admin import ModelAdmin

from apps.engine.errors import FaultsError, FlowForgeError
from apps.workspaces import linked_fields  # noqa: F401 - it takes the place of the theme's
from apps.workspaces.admin_refusals import NOBODY, SUPERUSERS, refused
from apps.workspaces.keyset import KeysetChangeList
from apps.workspaces.models import Workspace
from apps.workspaces.permissions import RIGHTS, Role, principal_of
from apps.workspaces.reconnect import is_held_elsewhere

NOTED = mark_safe(
    # Inline: before a block of its own a line may end, whatever stands there.
    '<span class="material-symbols-outlined align-middle" style="display: inline; font-size: 1rem"'
    ' role="img" aria-label="with notes" title="with notes">sticky_note_2</span>'
)
ONE_BUTTON = {"show_save_and_continue": False, "show_save_and_add_another": False}
"""The context of a form that is only saved, and then left."""
HELD_ELSEWHERE = "Somebody else changes it just now. Nothing was done; try again."
HISTORY_OF = "of"
"""The parameter of the audit trail's list that names a row by its id."""

AdminView = Callable[..., HttpResponse]
Part = Callable[[HttpRequest, Any], SafeString]

page_parts: dict[type[Model], list[Part]] = {}
"""What floors above show below the fields of a row's page, by its model. It stands in the page's
form, and has none of its own."""


def refusals_shown(view: AdminView) -> AdminView:
    """Have an admin page show what a deed refuses, instead of failing."""

    @wraps(view)
    def shown(self: ModelAdmin, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(self, request, *args, **kwargs)
        except FlowForgeError as refusal:
            told = sentence(refusal)
        except OperationalError as error:
            # Who only looks would be led to the same again and again.
            if request.method != "POST" or not is_held_elsewhere(error):
                raise
            told = HELD_ELSEWHERE
        self.message_user(request, told, messages.ERROR)
        return HttpResponseRedirect(request.get_full_path())

    return shown


class DeedAdmin(ModelAdmin):
    """Pages that show what deeds refuse."""

    @refusals_shown
    def changeform_view(self, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().changeform_view(*args, **kwargs)

    @refusals_shown
    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changelist_view(request, *args, **kwargs)
        except InvalidPage:
            return self._first_page(request)

    @refusals_shown
    def delete_view(self, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().delete_view(*args, **kwargs)

    def _first_page(self, request: HttpRequest) -> HttpResponse:
        """Lead to it who asked for a page that the list has not, or has no more."""
        asked = request.GET.copy()
        page = asked.pop(PAGE_VAR)[-1][:20]
        told = f"This list has no page {page}: this is its first page."
        self.message_user(request, told, messages.WARNING)
        return HttpResponseRedirect(f"{request.path}?{asked.urlencode()}".rstrip("?"))

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Raises IncorrectLookupParameters, too, for NUL, which PostgreSQL has in no text; and
        InvalidPage where there is no such page."""
        try:
            if any("\0" in value for value in request.GET.values()):
                raise IncorrectLookupParameters("No text has NUL.")
            found: Any = super().get_changelist_instance(request)
            if found.page_num > 1 and not found.result_list:
                raise EmptyPage  # as of lists that do not know how many pages they have
            return found
        except (IncorrectLookupParameters, DisallowedModelAdminLookup) as refusal:
            if isinstance(refusal.__context__, InvalidPage):
                raise refusal.__context__ from refusal
            asked = request.GET.urlencode()[:200]
            told = f"This list cannot be asked for “{asked}”, so nothing is shown."
            self.message_user(request, told, messages.ERROR)
            raise IncorrectLookupParameters from refusal

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Of what Django allows only what the list's filters ask for, and the row of a field by its
        id, as links do. By other lookups one could spell out what no page shows, such as secrets;
        and what many rows lead to would be told apart by whole rows, which have JSON."""
        filters: Any = self.get_list_filter(request)
        offered = [
            each if isinstance(each, str)
            else each[0] if isinstance(each, tuple)
            else each.parameter_name
            for each in filters
        ]  # fmt: skip
        is_offered = any(lookup == name or lookup.startswith(f"{name}_") for name in offered)
        by_id = {f"{field.name}__id__exact" for field in self.opts.concrete_fields}
        return (is_offered or lookup in by_id) and super().lookup_allowed(lookup, value, request)

    def get_queryset(self, request: HttpRequest) -> Any:
        """Nothing where the list was asked for what it cannot be: Django, which leads to it with
        this parameter alone, would show all."""
        rows = super().get_queryset(request)
        return rows.none() if ERROR_FLAG in request.GET else rows

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        row = context.get("original")
        parts = page_parts.get(self.model, []) if row is not None else []
        context["parts"] = [part(request, row) for part in parts]
        context["show_history"] = may_see_history(request, row)
        context["adminform"].form.looked_at_by = request
        return super().render_change_form(request, context, *args, **kwargs)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """What the audit trail has of this row; Django's own log is not kept beside it."""
        row = self.get_object(request, object_id)
        if not may_see_history(request, row):
            raise PermissionDenied
        entries = reverse("admin:workspaces_auditentry_changelist")
        return HttpResponseRedirect(f"{entries}?{HISTORY_OF}={self.told_of(row)}")

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """All of them or, where one is refused, none."""
        with transaction.atomic():
            for row in queryset:
                self.delete_model(request, row)

    def told_of(self, row: Any) -> Any:
        """The id by which the audit trail knows what is done to this row."""
        return row.pk

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Nothing: deeds are recorded in the audit trail."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Nothing, as above."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Nothing, as above."""

    def do_each(self, request: HttpRequest, rows: QuerySet[Any], done: str, deed: Any) -> None:
        """Do something to each of these rows, and say what came: `done` is told behind how many
        they are, with `{s}` where several have one.

        One refusal does not keep the others from being done.
        """
        count = 0
        for row in rows:
            try:
                deed(row, by=principal_of(request))
                count += 1
            except FlowForgeError as refusal:
                self.message_user(request, f"{row}: {sentence(refusal)}", messages.ERROR)
            except ObjectDoesNotExist:
                self.message_user(request, f"{row} is not there any more.", messages.ERROR)
            except OperationalError as error:
                if not is_held_elsewhere(error):
                    raise
                self.message_user(request, f"{row}: {HELD_ELSEWHERE}", messages.ERROR)
        told = f"{count} {done.format(s='' if count == 1 else 's')}."
        self.message_user(request, told, messages.SUCCESS if count else messages.INFO)


class ScopedAdmin(DeedAdmin):
    """Rows for staff by the table of rights.

    `view_right` names the action that seeing takes, `add_right`, `change_right` and
    `delete_right` the others; None: nobody does that here. The model's queryset has `visible_to`.
    """

    view_right: ClassVar[str]
    add_right: ClassVar[str | None] = None
    change_right: ClassVar[str | None] = None
    delete_right: ClassVar[str | None] = None
    show_full_result_count = False
    # Without a form there would be no way to send what is chosen in a field.
    list_filter_submit = True
    delete_selected_confirmation_template = "workspaces_admin/delete_selected.html"

    def get_queryset(self, request: HttpRequest) -> Any:
        rows: Any = super().get_queryset(request)
        return seen_by(request, rows, self.view_right)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_allowed(request, self.view_right, obj)

    def has_view_or_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may change rows may see them: else who may not see one were told who changes it."""
        return self.has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_allowed(request, self.add_right)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_allowed(request, self.change_right, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_allowed(request, self.delete_right, obj)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """The rows alone: what belongs to one goes with it, though nobody deletes that by itself,
        and whether it may the deed says."""
        told = [str(row) for row in objs]
        kept = {str(row) for row in objs if not self.has_delete_permission(request, row)}
        return told, {self.opts.verbose_name_plural: len(objs)}, kept, []

    def formfield_for_foreignkey(
        self, db_field: "ForeignKey[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField | None:
        """Offer, and accept, only what the asker may see; of workspaces, where they may add."""
        rows: Any = db_field.related_model._default_manager.all()
        if db_field.related_model is Workspace:
            kwargs["queryset"] = seen_by(request, rows, self.add_right or self.view_right)
        elif not is_superuser(request):
            kwargs["queryset"] = rows.visible_to(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Without rows that the address names and that there cannot be: Django's own search field
        would fail of them."""
        given = super().get_changeform_initial_data(request)
        return {name: value for name, value in given.items() if not self._is_no_row(name, value)}

    def _is_no_row(self, name: str, value: Any) -> bool:
        field = next((each for each in self.opts.fields if each.name == name), None)
        if not isinstance(field, ForeignKey):
            return False
        try:
            field.target_field.to_python(value)
        except ValidationError:
            return True
        return False

    def may(self, request: HttpRequest, right: str, id: Any) -> bool:
        """Whether who asks may do this with the row of that id; without one: anywhere at all."""
        if id is None:
            return is_allowed(request, right)
        row = self.row(request, id)
        return row is not None and is_allowed(request, right, row)

    def row(self, request: HttpRequest, id: Any) -> Any:
        """The row of that id, read once a request: each button of a page asks, and no row moves to
        another workspace."""
        page: Any = request
        rows = page.__dict__.setdefault("rows_in_admin", {})
        if (self.model, str(id)) not in rows:
            rows[self.model, str(id)] = self.get_object(request, str(id))
        return rows[self.model, str(id)]

    def run_deed(
        self, request: HttpRequest, rows: QuerySet[Any], right: str, done: str, deed: Any
    ) -> None:
        """Do something to each of the chosen rows that the asker may do it to, and say what
        came."""
        self.do_each(request, seen_by(request, rows, right), done, deed)


class SuperusersAdmin(DeedAdmin):
    """Rows of the installation itself, which is no workspace's: for superusers alone."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return superusers_alone(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return superusers_alone(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return superusers_alone(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return superusers_alone(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return superusers_alone(request)


class BigTableAdmin(ScopedAdmin):
    """Rows of a table that grows without end: newest first, nothing counted, nothing sorted."""

    list_per_page = 50
    list_disable_select_all = True
    sortable_by = ()
    show_facets = admin.ShowFacets.NEVER
    ordering = ("-id",)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        return KeysetChangeList


def noted(name: object) -> SafeString:
    """The name of something that people wrote notes on, and their mark on the same line."""
    return format_html("{}\N{NO-BREAK SPACE}{}", name, NOTED)


def back_to(request: HttpRequest, page: str) -> HttpResponse:
    """Send the browser to a page, here or elsewhere, after a dialog was answered."""
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": page})
    return HttpResponseRedirect(page)


def sentence(refusal: FlowForgeError) -> str:
    """What was refused and why; of faults each."""
    if isinstance(refusal, FaultsError):
        return " ".join(fault.message for fault in refusal.faults)
    return f"{refusal.message} {refusal.hint}" if refusal.hint else refusal.message


def is_superuser(request: HttpRequest) -> bool:
    return bool(request.user.is_active and request.user.is_superuser)


def superusers_alone(request: HttpRequest) -> bool:
    """The same; who is none is told that only superusers may."""
    return is_superuser(request) or refused(request, SUPERUSERS)


def seen_by(request: HttpRequest, rows: Any, right: str) -> Any:
    """Those of the rows that who asks may do this with."""
    return rows if is_superuser(request) else rows.visible_to(request.user, right)


def is_allowed(request: HttpRequest, right: str | None, row: Model | None = None) -> bool:
    """Whether who asks may do this with the row; without one: anywhere at all."""
    if right is None:
        return refused(request, NOBODY)
    if not request.user.is_authenticated:
        return False
    if is_superuser(request):
        return True
    least = RIGHTS[right]
    return any(role.reaches(least) for role in _roles_at(request, row)) or refused(request, least)


def _roles_at(request: HttpRequest, row: Model | None) -> list[Role]:
    """The asker's roles where the row is; without one: everywhere."""
    roles = _roles(request)
    if row is None:
        return list(roles.values())
    workspace_id = row.pk if isinstance(row, Workspace) else getattr(row, "workspace_id", None)
    return [roles[workspace_id]] if workspace_id in roles else []


def may_see_history(request: HttpRequest, row: Model | None) -> bool:
    """Whether who asks may read what the audit trail has of this row; of what belongs to no
    workspace superusers may."""
    return row is not None and is_allowed(request, "audit.view", row)


def _roles(request: HttpRequest) -> dict[UUID, Role]:
    """The asker's roles, read once a request: each page asks of every model what it may link to."""
    page: Any = request
    if not hasattr(page, "roles_in_admin"):
        page.roles_in_admin = principal_of(request).roles()
    roles: dict[UUID, Role] = page.roles_in_admin
    return roles


def shown_json(value: object) -> SafeString:
    """JSON on a read-only page."""
    written = json.dumps(value, indent=2, ensure_ascii=False)
    return format_html('<pre style="white-space: pre-wrap">{}</pre>', written)
