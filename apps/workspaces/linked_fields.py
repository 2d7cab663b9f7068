"""Read-only fields of the admin that name another row: they lead to its page where who looks finds
it there, and name it without a link elsewhere."""

from typing import Any

from django.http import HttpRequest
from unfold import forms
from unfold.fields import UnfoldAdminReadonlyField


class LinkedField(UnfoldAdminReadonlyField):
    def get_admin_url(self, remote_field: Any, remote_obj: Any) -> str:
        request: HttpRequest | None = getattr(self.form, "looked_at_by", None)
        its_admin = self.model_admin.admin_site._registry.get(remote_field.model)
        if request is None or its_admin is None or not _finds(request, its_admin, remote_obj):
            return str(remote_obj)
        return str(super().get_admin_url(remote_field, remote_obj))


def _finds(request: HttpRequest, its_admin: Any, row: Any) -> bool:
    if not its_admin.has_view_permission(request, row):
        return False
    return request.user.is_superuser or its_admin.get_queryset(request).filter(pk=row.pk).exists()


# Unfold, like Django, makes its own fields and asks nobody who looks at them.
forms.UnfoldAdminReadonlyField = LinkedField
