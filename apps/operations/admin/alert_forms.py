"""The forms of alert rules: of each kind the fields that it has; and of a silence."""

from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.http import HttpRequest
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from apps.credentials.forms import NOT_REMEMBERED, LinesField
from apps.credentials.models import Credential
from apps.engine.errors import Fault
from apps.operations.alerts.edit import faults_after
from apps.operations.alerts.faults import CREDENTIALS, LONGEST_REPEAT_H
from apps.operations.alerts.kinds import KINDS, NUMBERS
from apps.operations.alerts.silence import LONGEST_REASON
from apps.operations.models.alerts import AlertRule
from apps.triggers.admin.schedules import MomentField
from apps.workflows.models import Workflow
from apps.workspaces.models import Workspace
from apps.workspaces.scoped_admin import is_superuser, seen_by

INSTALLATION = "installation"
UNTIL = "until"


class BeginForm(forms.Form):
    """Where a new rule is to be; its kind is a button."""

    workspace = forms.ChoiceField(label="Where", widget=UnfoldAdminSelectWidget)

    def __init__(self, request: HttpRequest) -> None:
        super().__init__()
        rows = seen_by(request, Workspace.objects.order_by("name"), "alert.edit")
        choices = [(str(pk), name) for pk, name in rows.values_list("pk", "name")]
        if is_superuser(request):
            choices.append((INSTALLATION, "the whole installation"))
        where: Any = self.fields["workspace"]
        where.choices = choices


class RuleForm(forms.ModelForm):
    """Base of the forms of all kinds: `form_of` knows the kind and the workspace."""

    kind: ClassVar[str]
    workspace_id: ClassVar[UUID | None]

    seen_revision = forms.IntegerField(required=False, widget=forms.HiddenInput)
    emails = LinesField(label="Mail to", required=False, help_text="One address a line.")
    new_webhook_url = forms.CharField(
        label="Webhook URL",
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs=NOT_REMEMBERED),
        help_text="Each message is posted there, as JSON.",
    )
    without_webhook = forms.BooleanField(
        label="Remove the webhook", required=False, widget=UnfoldBooleanSwitchWidget
    )

    class Meta:
        model = AlertRule
        fields = (
            *("name", "workflow", *NUMBERS, "repeat_after_h", "is_active", "to_operators"),
            *("emails", "slack_credential", "slack_channel"),
            *("webhook_credential", "webhook_secret"),
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rule = self.instance
        self.is_new = rule._state.adding
        rule.kind, rule.workspace_id = self.kind, self.workspace_id
        self.fields["seen_revision"].initial = rule.revision
        self.settings: dict[str, Any] = {}
        for name, number in KINDS[self.kind].numbers.items():
            field = self.fields[name]
            field.label, field.required = number.label, True
            field.help_text = f"{number.least:,} to {number.most:,}."
            if self.is_new:
                field.initial = number.default
        self.fields["repeat_after_h"].label = "Tell again after hours"
        self.fields["repeat_after_h"].help_text = f"1 to {LONGEST_REPEAT_H}; empty: never."
        if rule.webhook_url:
            told = f"Set, at {rule.webhook_host}. Left empty, it stays."
            self.fields["new_webhook_url"].help_text = told
        self._offer_rows()

    def _offer_rows(self) -> None:
        """Workflows and credentials of the rule's workspace, of the types that fit."""
        if "workflow" in self.fields:
            workflow: Any = self.fields["workflow"]
            workflow.queryset = Workflow.objects.filter(workspace=self.workspace_id)
            workflow.help_text = "Empty: all of the workspace."
            told = "Choose a workflow of the rule's workspace."
            workflow.error_messages["invalid_choice"] = told
        for name, types in CREDENTIALS.items():
            field: Any = self.fields[name]
            rows = Credential.objects.filter(type__in=types).order_by("name")
            if self.workspace_id is not None:
                rows = rows.filter(workspace=self.workspace_id)
            else:
                field.label_from_instance = lambda row: f"{row.name} ({row.workspace})"
                rows = rows.select_related("workspace")
            field.queryset, field.empty_label = rows, "none"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        self.settings = {
            name: value.pk if isinstance(value, Workflow | Credential) else value
            for name, value in cleaned.items()
            if name not in ("seen_revision", "new_webhook_url", "without_webhook")
        }
        if cleaned.get("without_webhook"):
            self.settings["webhook_url"] = ""
        elif cleaned["new_webhook_url"]:
            self.settings["webhook_url"] = cleaned["new_webhook_url"]
        for fault in faults_after(self.instance, self.settings):
            self.add_error(self._place(fault), fault.message)
        return cleaned

    def _place(self, fault: Fault) -> str | None:
        field = fault.path.partition("[")[0]
        field = "new_webhook_url" if field == "webhook_url" else field
        return field if field in self.fields else None


def form_of(kind: str, workspace_id: UUID | None) -> type[RuleForm]:
    """The form of the rules of a kind, in a workspace or in the whole installation."""
    members = {"kind": kind, "workspace_id": workspace_id, "__module__": __name__}
    return type("RuleForm", (RuleForm,), members)


class SilenceForm(BaseDialogForm):
    length = forms.ChoiceField(
        label="For",
        choices=[("1", "an hour"), ("8", "8 hours"), ("24", "a day"), (UNTIL, "until …")],
        widget=UnfoldAdminSelectWidget,
    )
    until = MomentField(label="Until, UTC", required=False, help_text="Where that was chosen.")
    reason = forms.CharField(max_length=LONGEST_REASON, widget=UnfoldAdminTextInputWidget)

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("length") == UNTIL and given.get("until") is None and not self.errors:
            self.add_error("until", "Say until when.")
        return given
