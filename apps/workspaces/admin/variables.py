"""Variables in the admin."""

from typing import Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest

from apps.workspaces.admin_filters import VisibleFilter
from apps.workspaces.models import (
    Variable,
)
from apps.workspaces.permissions import principal_of
from apps.workspaces.scoped_admin import ScopedAdmin
from apps.workspaces.variables import change_variable, create_variable, delete_variable


@admin.register(Variable)
class VariableAdmin(ScopedAdmin):
    view_right = "variable.view"
    add_right = change_right = delete_right = "variable.edit"
    list_display = ("name", "value", "workspace", "created_at")
    list_select_related = ("workspace",)
    list_filter = (("workspace", VisibleFilter),)
    search_fields = ("name", "value")
    fields = ("workspace", "name", "value")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("workspace",) if obj else ()

    def save_model(
        self, request: HttpRequest, obj: Variable, form: ModelForm, change: bool
    ) -> None:
        by = principal_of(request)
        if change:
            change_variable(obj, obj.name, obj.value, by=by)
        else:
            obj.pk = create_variable(obj.workspace, obj.name, obj.value, by=by).pk

    def delete_model(self, request: HttpRequest, obj: Variable) -> None:
        delete_variable(obj, by=principal_of(request))
