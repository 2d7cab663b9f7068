"""Credentials in the admin: what there is, whether it works, who uses it. No secret is shown."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.decorators import display

from apps.credentials.consent import begin_consent, is_by_consent, redirect_uri
from apps.credentials.edit import change_credential, create_credential, delete_credential
from apps.credentials.forms import CredentialForm, NewSecretsForm, TryForm, form_of, value_fields
from apps.credentials.grants import kept_tokens
from apps.credentials.models import Credential
from apps.credentials.replace import replace_secrets
from apps.credentials.seal import is_open, known_key_ids
from apps.credentials.try_out import try_credential
from apps.credentials.uses import Use, uses_of
from apps.credentials.vault import opened
from apps.credentials.weak import weak_secrets
from apps.engine.errors import FlowForgeError, NodeError
from apps.nodes.credential_types import CREDENTIAL_TYPES, CredentialType
from apps.workspaces.admin_dialogs import asking_action
from apps.workspaces.admin_filters import LinkFilter, VisibleFilter
from apps.workspaces.permissions import principal_of
from apps.workspaces.scoped_admin import ScopedAdmin, back_to, is_allowed, sentence


class TypeFilter(LinkFilter):
    title = "type"
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind.id, kind.label) for kind in CREDENTIAL_TYPES.values()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(type=self.value()) if self.value() else queryset


@admin.register(Credential)
class CredentialAdmin(ScopedAdmin):
    """Secrets are entered and never filled in; each type has a form of its own."""

    view_right = "credential.view"
    add_right = change_right = delete_right = "credential.edit"
    list_display = ("name", "label", "workspace", "state", "last_used_at", "use_count")
    list_select_related = ("workspace",)
    list_filter = (TypeFilter, ("workspace", VisibleFilter))
    list_per_page = 50
    search_fields = ("name",)
    actions_detail = ("authorize", "rotate", "test", "test_on")

    # --- Pages --------------------------------------------------------------------------------

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        page: Any = super().get_changelist_instance(request)
        uses = uses_of(page.result_list)
        for credential in page.result_list:
            credential.use_count = len({use.workflow for use in uses[credential.pk]})
        return page

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """First choose a type: it says what there is to fill in."""
        if _asked_type(request) is not None or not self.has_add_permission(request):
            return super().add_view(request, *args, **kwargs)
        context = {
            **self.admin_site.each_context(request),
            "title": "Add credential: which type?",
            "opts": self.opts,
            "types": CREDENTIAL_TYPES.values(),
        }
        return TemplateResponse(request, "credentials_admin/types.html", context)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        kind = CREDENTIAL_TYPES.get(obj.type) if obj else _asked_type(request)
        if kind is not None and self._may_edit(request, obj):
            kwargs["form"] = form_of(kind, obj)
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        kind = CREDENTIAL_TYPES.get(obj.type) if obj else _asked_type(request)
        values: list[str] = ["public_part", "secrets"]
        if kind is not None and self._may_edit(request, obj):
            values = value_fields(form_of(kind, obj))
        if obj is None:
            return [(None, {"fields": ["workspace", "name", *values]})]
        tokens = ["tokens"] if obj.type == "oauth2_client" else []
        state = ["state_line", *tokens, "last_used_at", "last_tested_at", "key", "uses"]
        times = ["id", "created_by", "created_at", "updated_by", "updated_at"]
        hidden = ["seen_revision"] if self._may_edit(request, obj) else []
        return [
            (None, {"fields": ["workspace", "label", "name", *values, *hidden]}),
            ("State", {"fields": state}),
            ("Times", {"fields": times}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        return (
            *("workspace", "label", "public_part", "secrets", "state_line", "tokens", "key"),
            *("uses", "last_used_at", "last_tested_at"),
            *("id", "created_by", "created_at", "updated_by", "updated_at"),
        )

    def _may_edit(self, request: HttpRequest, obj: Any) -> bool:
        return is_allowed(request, self.change_right, obj)

    # --- What is shown ------------------------------------------------------------------------

    @display(description="type", ordering="type")
    def label(self, credential: Credential) -> str:
        return credential.label

    @display(
        description="state",
        label={"works": "success", "fails": "danger", "closed": "danger", "not tested": "info"},
    )
    def state(self, credential: Credential) -> str:
        if credential.key_id not in known_key_ids() and not is_open(credential):
            return "closed"
        if credential.last_tested_at is None:
            kind = CREDENTIAL_TYPES.get(credential.type)
            return "not tested" if kind and kind.trial != "none" else "stored"
        return "fails" if credential.last_test_error else "works"

    @display(description="state")
    def state_line(self, credential: Credential) -> str:
        told = {
            "closed": "closed: none of the keys opens it",
            "fails": f"fails: {credential.last_test_error}",
            "works": "works, as the last test found",
        }
        state = self.state(credential)
        return told.get(state, state)

    @display(description="tokens")
    def tokens(self, credential: Credential) -> str:
        by_consent = is_by_consent(credential)
        try:
            tokens = kept_tokens(credential, opened(credential).values).tokens
        except NodeError as error:
            return error.message
        if tokens is None:
            return "none: authorize it" if by_consent else "none yet: asked for at the next use"
        if tokens.expires_at is None:
            return "there, without an end"
        has_ended = not tokens.is_valid(timezone.now())
        end = f"{'ended' if has_ended else 'there until'} {_written(tokens.expires_at)}"
        is_renewed = bool(tokens.refresh_token) or not by_consent
        return f"{end}; {'renewed when needed' if is_renewed else 'then authorize it again'}"

    @display(description="used by workflows")
    def use_count(self, credential: Credential) -> int:
        count: int = credential.use_count  # type: ignore[attr-defined]  # get_changelist_instance
        return count

    @display(description="used by")
    def uses(self, credential: Credential) -> SafeString | str:
        found: dict[SafeString, list[str]] = {}
        for use in uses_of([credential])[credential.pk]:
            found.setdefault(_linked(use), []).append(use.where)
        rows = ((link, ", ".join(where)) for link, where in found.items())
        return format_html_join("; ", "{} ({})", rows) or "no workflow"

    @display(description="values")
    def public_part(self, credential: Credential) -> SafeString | str:
        rows = credential.public_values.items()
        return format_html_join(", ", "{}: {}", rows) or "–"

    @display(description="secrets")
    def secrets(self, credential: Credential) -> str:
        return ", ".join(credential.secret_names) or "–"

    @display(description="sealed with")
    def key(self, credential: Credential) -> str:
        first, *older = known_key_ids()
        told = "none of this process's: add it to CREDENTIAL_KEYS, or enter all secrets anew"
        if credential.key_id == first:
            told = "the first"
        elif credential.key_id in older:
            told = "an older one; manage.py rotate_credentials takes the first"
        elif is_open(credential):
            told = "written otherwise then; manage.py rotate_credentials takes the first"
        return f"the key {credential.key_id}, {told}"

    # --- What is done -------------------------------------------------------------------------

    def save_model(
        self, request: HttpRequest, obj: Credential, form: ModelForm, change: bool
    ) -> None:
        assert isinstance(form, CredentialForm)
        by = principal_of(request)
        if change:
            revision = form.cleaned_data["seen_revision"] or 0
            change_credential(obj, revision, name=obj.name, values=form.change, by=by)
        else:
            made = create_credential(obj.workspace, obj.name, form.kind.id, form.change, by=by)
            obj.pk = made.pk
        for weak in weak_secrets(form.kind.id, form.change):
            name = weak.path.removeprefix("values.")
            self.message_user(request, f"{name}: {weak.message}", messages.WARNING)

    def delete_model(self, request: HttpRequest, obj: Credential) -> None:
        delete_credential(obj, by=principal_of(request))

    def has_use_permission(self, request: HttpRequest, id: Any = None) -> bool:
        return self._may(request, "credential.use", id)

    def has_authorize_permission(self, request: HttpRequest, id: Any = None) -> bool:
        return self._may(request, "credential.edit", id)

    def _may(self, request: HttpRequest, right: str, id: Any) -> bool:
        if id is None:
            return is_allowed(request, right)
        credential = self.get_object(request, str(id))
        return credential is not None and is_allowed(request, right, credential)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Offer the test that the type has, and the consent that it needs."""
        credential = self.get_object(request, str(object_id))
        kind = CREDENTIAL_TYPES.get(credential.type) if credential else None
        wanted = ["_test"] if kind and kind.trial == "service" else []
        wanted += ["_test_on"] if kind and kind.trial == "url" else []
        wanted += ["_authorize"] if credential and is_by_consent(credential) else []
        wanted += ["_rotate"] if kind and kind.secret_fields else []
        found = super().get_actions_detail(request, object_id)
        return [each for each in found if each.action_name.endswith(tuple(wanted))]

    @asking_action(
        description="Authorize",
        icon="passkey",
        permissions=["authorize"],
        dialog={
            "title": "Authorize this credential?",
            "description": "Its service asks for your consent, and sends you back here. There "
            f"{redirect_uri()} must be registered as the address to come back to.",
            "form_class": None,
            "form_submit_text": "Go there",
        },
    )
    def authorize(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        credential = self.get_object(request, object_id)
        assert credential is not None  # has_authorize_permission has found it
        page = _page_of(object_id)
        try:
            by = principal_of(request)
            there = begin_consent(credential, request.session, by=by, back_to=page)
        except FlowForgeError as refusal:
            self.message_user(request, sentence(refusal), messages.ERROR)
            there = page
        return back_to(request, there)

    @asking_action(
        description="Rotate",
        icon="autorenew",
        permissions=["authorize"],
        dialog={
            "title": "New secrets under the same name",
            "description": "Where its type can be tried, they are tried first: what the service "
            "does not take is not stored. Workflows go on with the new ones at once.",
            "form_class": NewSecretsForm,
            "form_submit_text": "Rotate",
        },
    )
    def rotate(self, request: HttpRequest, form: NewSecretsForm, object_id: str) -> HttpResponse:
        def deed(credential: Credential, by: Any) -> None:
            url = form.cleaned_data.get("url", "")
            replace_secrets(credential, credential.revision, form.change, url=url, by=by)

        rows = self.get_queryset(request).filter(pk=object_id)
        self.run_deed(request, rows, "credential.edit", "credential{s} rotated", deed)
        return back_to(request, _page_of(object_id))

    @asking_action(
        description="Test",
        icon="network_check",
        permissions=["use"],
        dialog={
            "title": "Test this credential?",
            "description": "FlowForge logs in with it, and does nothing else there.",
            "form_class": None,
            "form_submit_text": "Test it",
        },
    )
    def test(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self._try(request, object_id)

    @asking_action(
        description="Test",
        icon="network_check",
        permissions=["use"],
        dialog={
            "title": "Test this credential",
            "description": "Which URL does it open?",
            "form_class": TryForm,
            "form_submit_text": "Test it",
        },
    )
    def test_on(self, request: HttpRequest, form: TryForm, object_id: str) -> HttpResponse:
        return self._try(request, object_id, form.cleaned_data["url"])

    def _try(self, request: HttpRequest, object_id: str, url: str = "") -> HttpResponse:
        credential = self.get_object(request, object_id)
        assert credential is not None  # has_use_permission has found it
        try:
            error: FlowForgeError | None = try_credential(
                credential, url=url, by=principal_of(request)
            ).error
        except FlowForgeError as refusal:
            error = refusal
        if error is None:
            self.message_user(request, "The credential works.", messages.SUCCESS)
        else:
            self.message_user(request, sentence(error), messages.ERROR)
        return back_to(request, _page_of(object_id))


def _asked_type(request: HttpRequest) -> CredentialType | None:
    return CREDENTIAL_TYPES.get(request.GET.get("type", ""))


def _page_of(object_id: str) -> str:
    return reverse("admin:credentials_credential_change", args=[object_id])


def _written(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")


def _linked(use: Use) -> SafeString:
    address = reverse("admin:workflows_workflow_change", args=[use.workflow])
    looks = "text-primary-600 dark:text-primary-400 underline"
    return format_html('<a class="{}" href="{}">{}</a>', looks, address, use.name)
