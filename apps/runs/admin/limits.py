"""To change the limits of a workflow on its page in the admin."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from apps.engine.errors import FaultsError, FlowForgeError
from apps.engine.graph import GraphSettings
from apps.engine.items import Json
from apps.expressions.template import is_template
from apps.runs.states import Priority
from apps.versions.change_limits import LimitsChange, change_limits
from apps.versions.limits import (
    LIMITS,
    Limits,
    differing_limits,
    limits_in_words,
    read_limits,
    settings_of,
)
from apps.workflows.models import Workflow
from apps.workspaces.admin_dialogs import asking_action
from apps.workspaces.permissions import principal_of
from apps.workspaces.scoped_admin import ScopedAdmin, back_to, is_allowed, sentence

KEY = "={{ $json.body.customer }}"
NEEDED = ("workflow.publish", "workflow.edit")
"""The rights that it takes: it publishes, and changes the draft."""


class Number(forms.IntegerField):
    """As text: of what is no number browsers send nothing from a field for numbers, and nothing
    is no limit."""

    widget = UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric"})


class Key(forms.CharField):
    widget = UnfoldAdminTextInputWidget

    def __init__(self, label: str) -> None:
        told = f"Text and paths of the trigger's first item, such as {KEY}. Empty: all together."
        super().__init__(label=label, required=False, strip=False, help_text=told)


class LimitsForm(BaseDialogForm):
    """The limits of the published version; the fields have the names of faults' paths, with `__`
    for each dot."""

    form_before_template = "runs_admin/limits.html"

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    concurrency__limit = Number(
        label="Runs at once",
        required=False,
        help_text="Others wait until one of them ends. Empty: any number.",
    )
    concurrency__key = Key("Runs at once: for each")
    rate_limit__limit = Number(
        label="Starts within a time",
        required=False,
        help_text="Others wait their turn. Empty: any number.",
    )
    rate_limit__per_s = Number(label="Starts: within how many seconds", required=False)
    rate_limit__key = Key("Starts: for each")
    timeout_s = forms.FloatField(
        label="Longest time of a run, in seconds",
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"}),
        help_text="Waiting included. Empty: as long as it takes.",
    )
    step_budget = Number(
        label="Most steps of a run",
        required=False,
        help_text=f"A run that needs more fails. Empty: {GraphSettings().step_budget:,}.",
    )
    priority = forms.ChoiceField(
        choices=[(name, name) for name in Priority.labels],
        widget=UnfoldAdminSelectWidget,
        help_text="Where runs wait for a worker, those of a higher priority come first.",
    )

    def __init__(self, *args: Any, object_id: str, **kwargs: Any) -> None:
        workflow = get_object_or_404(Workflow, pk=object_id)
        published = workflow.versions.filter(version=workflow.version or 0).first()
        self.draft = settings_of(workflow.draft_graph)
        self.published = settings_of(published.graph_json) if published else GraphSettings()
        initial = _shown(self.published) | {"seen": workflow.version}
        super().__init__(*args, object_id=object_id, initial=initial, **kwargs)

    def get_before_template_context(
        self, request: HttpRequest, object_id: int | str | None = None
    ) -> dict[str, Any]:
        """The limits that the draft has otherwise."""
        published, draft = limits_in_words(self.published), limits_in_words(self.draft)
        return {
            "otherwise": [
                (LIMITS[name], draft[name], published[name])
                for name in differing_limits(self.published, self.draft)
            ]
        }

    @property
    def limits(self) -> Limits:
        given = self.cleaned_data
        return {
            "concurrency": self._members("concurrency", "limit", "key"),
            "rate_limit": self._members("rate_limit", "limit", "per_s", "key"),
            "timeout_s": _whole(given.get("timeout_s")),
            "step_budget": given.get("step_budget"),
            "priority": given.get("priority"),
        }

    def _members(self, limit: str, *names: str) -> Json:
        given = {name: self.cleaned_data.get(f"{limit}__{name}") for name in names}
        return {name: value for name, value in given.items() if value not in (None, "")} or None

    def clean(self) -> None:
        for name in ("concurrency__key", "rate_limit__key"):
            key = self.cleaned_data.get(name)
            if key and name in self.changed_data and not is_template(key):
                told = f"Begin it with “=” and write paths in {{{{ }}}}, such as {KEY}: as it is, "
                self.add_error(name, f"{told}it is the same for all runs.")
        try:
            read_limits(self.limits)
        except FaultsError as error:
            for fault in error.faults:
                path = fault.path.removeprefix("settings.")
                field = path.replace(".", "__")
                if field not in self.errors:
                    told = fault.message.replace(f"“{path}” of the settings", "It", 1)
                    self.add_error(field, told)


class ChangingLimits(ScopedAdmin):
    """What the page of a workflow has, beside what it knows itself."""

    def has_limits_permission(self, request: HttpRequest, id: Any = None) -> bool:
        return all(self.may(request, right, id) for right in NEEDED)

    def may_change_limits(self, request: HttpRequest, workflow: Workflow) -> bool:
        """Whether it is offered. A draft's limits alone are changed on the canvas."""
        has_limits = workflow.version is not None and not workflow.is_archived
        return has_limits and all(is_allowed(request, right, workflow) for right in NEEDED)

    @asking_action(
        description="Change limits…",
        icon="speed",
        permissions=["limits"],
        dialog={
            "title": "Change the limits of this workflow",
            "description": "A new version is published: the published one with these limits. The "
            "draft gets them, too. They count for runs that are made from now on: those that run "
            "or wait already, and retries of them on their own version, keep the limits that they "
            "were made with.",
            "form_class": LimitsForm,
            "form_submit_text": "Publish with these limits",
        },
    )
    def change_limits(self, request: HttpRequest, form: LimitsForm, object_id: str) -> HttpResponse:
        workflow, by = self.row(request, object_id), principal_of(request)
        try:
            change = change_limits(workflow, form.limits, seen=form.cleaned_data["seen"], by=by)
        except FlowForgeError as refusal:
            self.message_user(request, sentence(refusal), messages.ERROR)
        except ObjectDoesNotExist:
            self.message_user(request, f"{workflow} is not there any more.", messages.ERROR)
        else:
            level = messages.SUCCESS if change else messages.INFO
            self.message_user(request, _told(change), level)
        return back_to(request, reverse("admin:workflows_workflow_change", args=[object_id]))

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        workflow = self.row(request, object_id)
        found = super().get_actions_detail(request, object_id)
        if workflow is not None and self.may_change_limits(request, workflow):
            return found
        return [each for each in found if not each.action_name.endswith("_change_limits")]


def _told(change: LimitsChange | None) -> str:
    if change is None:
        return "Nothing was changed: its limits are these already."
    told = f"Version {change.version} is published: {change.told}."
    return f"{told} The draft keeps {change.left_in_draft}." if change.left_in_draft else told


def _shown(settings: GraphSettings) -> dict[str, Any]:
    """The limits as the fields have them."""
    at_once, rate = settings.concurrency, settings.rate_limit
    return {
        "concurrency__limit": at_once and at_once.limit,
        "concurrency__key": at_once and at_once.key,
        "rate_limit__limit": rate and rate.limit,
        "rate_limit__per_s": rate and rate.per_s,
        "rate_limit__key": rate and rate.key,
        "timeout_s": settings.timeout_s,
        "step_budget": settings.step_budget,
        "priority": settings.priority,
    }


def _whole(seconds: float | None) -> float | int | None:
    """2, not 2.0."""
    return int(seconds) if seconds is not None and seconds.is_integer() else seconds
