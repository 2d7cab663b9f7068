"""Rules of alerts in the admin: what is watched, whether it fires, who is told; tried, silenced."""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from apps.operations.admin.alert_forms import (
    INSTALLATION,
    UNTIL,
    BeginForm,
    RuleForm,
    SilenceForm,
    form_of,
)
from apps.operations.alerts.again import send_test
from apps.operations.alerts.edit import change_rule, create_rule, delete_rule, switch_rule
from apps.operations.alerts.firing import with_firing_since
from apps.operations.alerts.kinds import KINDS, condition_of
from apps.operations.alerts.outbox import channels_of
from apps.operations.alerts.silence import lift_silence, silence_rule
from apps.operations.models import AlertDelivery, AlertRule
from apps.runs.admin.show import ago, duration, label, link, sentence
from apps.workspaces.admin_dialogs import asking_action
from apps.workspaces.admin_filters import LinkFilter, VisibleFilter
from apps.workspaces.models import Workspace
from apps.workspaces.permissions import principal_of
from apps.workspaces.scoped_admin import (
    ScopedAdmin,
    back_to,
    is_allowed,
    is_superuser,
    superusers_alone,
)

TELLS_NOBODY = "It tells nobody: no address, Slack or webhook is set. Its alerts stand in the log."


class StateFilter(LinkFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("firing", "firing"), ("silenced", "silenced"), ("off", "off")]

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "firing":
            return rows.filter(firing_since__isnull=False)
        if self.value() == "silenced":
            return rows.filter(silenced_until__gt=timezone.now())
        return rows.filter(is_active=False) if self.value() == "off" else rows


@admin.register(AlertRule)
class AlertRuleAdmin(ScopedAdmin):
    """Each kind has a form of its own. Of a webhook's URL only the host is ever shown."""

    view_right = "alert.view"
    add_right = change_right = delete_right = "alert.edit"
    list_display = ("name", "state", "watches", "tells", "looked", "where")
    list_filter = (StateFilter, ("kind", ChoicesDropdownFilter), ("workspace", VisibleFilter))
    list_per_page = 50
    search_fields = ("name",)
    ordering = ("-id",)
    autocomplete_fields = ("workflow",)
    actions = ("switch_all_on", "switch_all_off")
    actions_detail = ("test", "silence", "lift", "switch_on", "switch_off")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = with_firing_since(super().get_queryset(request))
        return rows.select_related("workspace", "workflow").defer("workflow__draft_graph")

    # --- Pages ------------------------------------------------------------------------------------

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """First where, and which kind: they say what there is to fill in."""
        if _asked(request) is not None or not self.has_add_permission(request):
            return super().add_view(request, *args, **kwargs)
        kinds = [
            (kind, kind.label, KINDS[kind].note)
            for kind in AlertRule.Kind
            if KINDS[kind].is_of_workspaces or is_superuser(request)
        ]
        context = {
            **self.admin_site.each_context(request),
            "title": "Add alert rule: what is it about?",
            "opts": self.opts,
            "form": BeginForm(request),
            "kinds": kinds,
        }
        return TemplateResponse(request, "operations_admin/rule_kinds.html", context)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        asked = (obj.kind, obj.workspace_id) if obj else _asked(request)
        if asked is not None and self._may_edit(request, obj):
            kwargs["form"] = form_of(*asked)
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        asked = (obj.kind, obj.workspace_id) if obj else _asked(request)
        kind = KINDS[asked[0]] if asked else None
        edits = self._may_edit(request, obj)
        condition = [("kind_label", "where"), "name"]
        if edits:
            condition += ["workflow"] if kind and kind.takes_workflow and asked and asked[1] else []
            condition += kind.numbers if kind else ()
        else:
            condition += ["watches"]
        condition += ["repeat_after_h", "is_active"]
        told = ["to_operators"] if asked and asked[1] is None else []
        webhook = ["new_webhook_url"] if edits else ["webhook_shown"]
        webhook += ["without_webhook"] if edits and obj and obj.webhook_url else []
        sets = [
            ("Condition", {"fields": condition, "description": kind.note if kind else ""}),
            ("Mail", {"fields": [*told, "emails"]}),
            ("Slack", {"fields": ["slack_credential", "slack_channel"]}),
            ("Webhook", {"fields": [*webhook, "webhook_credential", "webhook_secret"]}),
        ]
        if obj:
            seen = ["seen_revision"] if edits else []
            silence = ["silence_reason"] if obj.is_silenced(timezone.now()) else []
            state = [("state", "looked"), ("its_alerts", "created_at"), *silence, *seen]
            sets.insert(0, ("State", {"fields": state}))
        return sets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        shown = (
            "kind_label",
            "where",
            "watches",
            "webhook_shown",
            "state",
            "silence_reason",
            "looked",
        )
        return (*shown, "its_alerts", "created_at")

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """The rules alone: their alerts go with them, and nobody deletes those by themselves."""
        told = [f"{rule}, with its alerts and their deliveries" for rule in objs]
        kept = [str(rule) for rule in objs if not self.has_delete_permission(request, rule)]
        return told, {"alert rules": len(objs)}, set(kept), []

    def _may_edit(self, request: HttpRequest, obj: Any) -> bool:
        return is_allowed(request, self.change_right, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if (asked := _asked(request)) is None:
            return super().has_add_permission(request)
        _, workspace = asked
        if workspace is None:
            return superusers_alone(request)
        return is_allowed(request, "alert.edit", Workspace(pk=workspace))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_own = obj is not None and obj.is_built_in
        return not is_own and super().has_delete_permission(request, obj)

    # --- What is shown ----------------------------------------------------------------------------

    @display(description="state")
    def state(self, rule: Any) -> SafeString:
        if not rule.is_active:
            return label("off", "")
        now = timezone.now()
        told = []
        if rule.firing_since:
            told.append((label("firing", "danger"), _seconds(now - rule.firing_since)))
        if rule.is_silenced(now):
            told.append((label("silenced", "warning"), _seconds(rule.silenced_until - now)))
        if not told:
            return label("quiet", "success")
        lines = format_html_join("", '<span class="block whitespace-nowrap">{} for {}</span>', told)
        return format_html('<span class="block">{}</span>', lines)

    @display(description="watches")
    def watches(self, rule: AlertRule) -> SafeString:
        return sentence(condition_of(rule), 16)

    @display(description="tells")
    def tells(self, rule: AlertRule) -> str:
        return (
            ", ".join(AlertDelivery.Channel(each).label for each in channels_of(rule))
            or "the log alone"
        )

    @display(description="looked at")
    def looked(self, rule: AlertRule) -> SafeString | str:
        return ago(rule.looked_at) if rule.looked_at else "not yet"

    @display(description="where")
    def where(self, rule: AlertRule) -> str:
        return str(rule.workspace) if rule.workspace else "installation"

    @display(description="kind")
    def kind_label(self, rule: AlertRule) -> str:
        return rule.get_kind_display()

    @display(description="webhook")
    def webhook_shown(self, rule: AlertRule) -> str:
        return rule.webhook_host or "–"

    @display(description="silenced because")
    def silence_reason(self, rule: AlertRule) -> str:
        return rule.silenced_because

    @display(description="alerts")
    def its_alerts(self, rule: AlertRule) -> SafeString:
        of_rule = f"?rule__id__exact={rule.pk}"
        alerts = link(f"{reverse('admin:operations_alert_changelist')}{of_rule}", "Alerts")
        sent = reverse("admin:operations_alertdelivery_changelist")
        return format_html("{}, {}", alerts, link(f"{sent}{of_rule}", "deliveries"))

    # --- What is done -----------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        assert isinstance(form, RuleForm)
        by = principal_of(request)
        if change:
            seen = form.cleaned_data["seen_revision"] or 0
            saved = change_rule(obj, seen, form.settings, by=by)
        else:
            saved = create_rule(obj.workspace, obj.kind, form.settings, by=by)
            obj.pk = saved.pk
        if not any(channels_of(saved)):
            self.message_user(request, TELLS_NOBODY, messages.WARNING)

    def delete_model(self, request: HttpRequest, obj: AlertRule) -> None:
        delete_rule(obj, by=principal_of(request))

    def has_edit_permission(self, request: HttpRequest, id: Any = None) -> bool:
        return self.may(request, "alert.edit", id)

    def has_silence_permission(self, request: HttpRequest, id: Any = None) -> bool:
        return self.may(request, "alert.silence", id)

    def has_send_permission(self, request: HttpRequest, id: Any = None) -> bool:
        return self.may(request, "alert.send", id)

    @admin.action(description="Switch on", permissions=["edit"])
    def switch_all_on(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        deed = partial(switch_rule, on=True)
        self.run_deed(request, rows, "alert.edit", "rule{s} switched on", deed)

    @admin.action(description="Switch off", permissions=["edit"])
    def switch_all_off(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        deed = partial(switch_rule, on=False)
        self.run_deed(request, rows, "alert.edit", "rule{s} switched off", deed)

    @asking_action(
        description="Send a test",
        icon="outgoing_mail",
        permissions=["send"],
        dialog={
            "title": "Send a test?",
            "description": "A message goes by each channel of the rule; the deliveries tell what "
            "came of it.",
            "form_class": None,
            "form_submit_text": "Send it",
        },
    )
    def test(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self._then_back(request, object_id, "alert.send", "test{s} on the way", send_test)

    @asking_action(
        description="Silence",
        icon="notifications_off",
        permissions=["silence"],
        dialog={
            "title": "Silence this rule?",
            "description": "Its alerts are seen all the same, and told afterwards if they last.",
            "form_class": SilenceForm,
            "form_submit_text": "Silence",
        },
    )
    def silence(self, request: HttpRequest, form: SilenceForm, object_id: str) -> HttpResponse:
        given = form.cleaned_data
        until = given["until"]
        if given["length"] != UNTIL:
            until = timezone.now() + timedelta(hours=int(given["length"]))
        deed = partial(silence_rule, until=until, reason=given["reason"])
        return self._then_back(request, object_id, "alert.silence", "rule{s} silenced", deed)

    @asking_action(
        description="Lift the silence",
        icon="notifications_active",
        permissions=["silence"],
        dialog={
            "title": "Lift the silence of this rule?",
            "description": "What fires is told at once.",
            "form_class": None,
            "form_submit_text": "Lift",
        },
    )
    def lift(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self._then_back(
            request, object_id, "alert.silence", "silence{s} lifted", lift_silence
        )

    @asking_action(
        description="Switch on",
        icon="toggle_on",
        permissions=["edit"],
        dialog={
            "title": "Switch this rule on?",
            "description": "It is looked at every few seconds.",
            "form_class": None,
            "form_submit_text": "Switch on",
        },
    )
    def switch_on(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        deed = partial(switch_rule, on=True)
        return self._then_back(request, object_id, "alert.edit", "rule{s} switched on", deed)

    @asking_action(
        description="Switch off",
        icon="toggle_off",
        permissions=["edit"],
        dialog={
            "title": "Switch this rule off?",
            "description": "It is not looked at any more; its open alerts are closed, and nobody "
            "is told of that.",
            "form_class": None,
            "form_submit_text": "Switch off",
        },
    )
    def switch_off(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        deed = partial(switch_rule, on=False)
        return self._then_back(request, object_id, "alert.edit", "rule{s} switched off", deed)

    def _then_back(
        self, request: HttpRequest, id: str, right: str, done: str, deed: Any
    ) -> HttpResponse:
        rows = self.get_queryset(request).filter(pk=id)
        self.run_deed(request, rows, right, done, deed)
        return back_to(request, reverse("admin:operations_alertrule_change", args=[id]))

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Offer what the rule's state allows."""
        rule = self.get_object(request, str(object_id))
        wrong = ["_switch_on" if rule is None or rule.is_active else "_switch_off"]
        if rule is None or not rule.is_silenced(timezone.now()):
            wrong.append("_lift")
        found = super().get_actions_detail(request, object_id)
        return [each for each in found if not each.action_name.endswith(tuple(wrong))]


def _seconds(span: timedelta) -> str:
    return duration(span.total_seconds())


def _asked(request: HttpRequest) -> tuple[str, UUID | None] | None:
    """The kind and the workspace of the rule that is to be made, as the address has them."""
    kind, where = request.GET.get("kind", ""), request.GET.get("workspace", "")
    if kind not in KINDS:
        return None
    if where == INSTALLATION or not KINDS[kind].is_of_workspaces:
        return kind, None
    try:
        return kind, UUID(where)
    except ValueError:
        return None
