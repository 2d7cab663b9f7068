"""Large values and binary data, in the admin."""

from django.contrib import admin
from django.core.files.storage import default_storage
from django.template.defaultfilters import filesizeformat
from django.utils.safestring import SafeString
from unfold.decorators import display

from apps.runs.admin.show import SHOWN_TEXT, preformatted
from apps.runs.models import Payload
from apps.runs.payloads import JSON
from apps.workspaces.admin_filters import VisibleFilter
from apps.workspaces.scoped_admin import BigTableAdmin


@admin.register(Payload)
class PayloadAdmin(BigTableAdmin):
    view_right = "run.view"
    list_display = ("short_hash", "content_type", "bytes", "created_at", "touched_at", "workspace")
    list_select_related = ("workspace",)
    list_filter = (("workspace", VisibleFilter),)
    fields = (
        "sha256",
        ("content_type", "bytes", "workspace"),
        ("created_at", "touched_at"),
        "beginning",
    )
    readonly_fields = ("bytes", "beginning")

    @display(description="content")
    def short_hash(self, payload: Payload) -> str:
        return f"{payload.sha256[:16]}…"

    @display(description="size")
    def bytes(self, payload: Payload) -> str:
        return str(filesizeformat(payload.size))

    @display(description="how it begins")
    def beginning(self, payload: Payload) -> SafeString | str:
        if payload.content_type != JSON:
            return "–"
        try:
            with default_storage.open(payload.file) as opened:
                return preformatted(opened.read(SHOWN_TEXT).decode(errors="replace"))
        except FileNotFoundError:
            return f"The storage has no file “{payload.file}”."
