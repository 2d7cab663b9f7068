"""Alerts and their deliveries in the admin: what fires, who was told, and what they answered."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import urlize
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from apps.operations.alerts.again import send_again
from apps.operations.models import Alert, AlertDelivery
from apps.runs.admin.show import (
    admin_link,
    ago,
    ahead,
    cut,
    duration,
    label,
    preformatted,
    sentence,
    tail,
)
from apps.workspaces.admin_dialogs import asking_action
from apps.workspaces.admin_filters import LinkFilter, VisibleFilter
from apps.workspaces.scoped_admin import BigTableAdmin, back_to

COLOURS = {"pending": "info", "sent": "success", "failed": "danger"}
DELIVERIES_SHOWN = 50


class OpenFilter(LinkFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "open"), ("resolved", "resolved")]

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return rows
        return rows.filter(resolved_at__isnull=self.value() == "open")


class RuleFilter(VisibleFilter):
    """By a rule: chosen on the rule's page, so that not all of them are offered here."""

    def offered(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> QuerySet[Any]:
        rows = super().offered(request, model_admin)
        try:
            return rows.filter(pk=UUID((self.lookup_val or [""])[0]))
        except ValueError:
            return rows.none()

    def has_output(self) -> bool:
        return bool(self.lookup_choices)


class OfRule(BigTableAdmin):
    """What alerts and deliveries show alike."""

    view_right = "alert.view"
    list_select_related = ("rule", "workspace")

    @display(description="rule")
    def rule_link(self, row: Alert | AlertDelivery) -> SafeString | str:
        return admin_link("operations_alertrule", row.rule_id, row.rule.name)

    @display(description="where")
    def where(self, row: Alert | AlertDelivery) -> str:
        return str(row.workspace) if row.workspace else "installation"

    @display(description="message")
    def message(self, row: Alert | AlertDelivery) -> SafeString | str:
        return preformatted(urlize(row.text)) if row.text else "–"


@admin.register(Alert)
class AlertAdmin(OfRule):
    """What fires and what did."""

    list_display = ("what", "state", "opened", "lasted", "told", "rule_link", "where")
    list_filter = (OpenFilter, ("rule", RuleFilter), ("workspace", VisibleFilter))
    fields = (
        "title",
        ("state", "lasted"),
        ("opened", "seen"),
        ("told", "value"),
        ("rule_link", "where"),
        "message",
    )
    readonly_fields = (
        *("state", "lasted", "opened", "seen", "told", "rule_link", "where", "message"),
    )
    change_form_outer_after_template = "operations_admin/alert.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        arrived, failed = (
            Exists(AlertDelivery.objects.filter(alert=OuterRef("pk"), status=status))
            for status in (AlertDelivery.Status.SENT, AlertDelivery.Status.FAILED)
        )
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.annotate(is_undelivered=failed & ~arrived)

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, obj: Any = None, **kwargs: Any
    ) -> HttpResponse:
        if obj is not None:
            context |= {"deliveries": [
                (
                    admin_link("operations_alertdelivery", row.pk, row.subject),
                    row.get_channel_display(),
                    status_of(row),
                    row.attempts,
                    row.answer or "–",
                )
                for row in obj.deliveries.all()[:DELIVERIES_SHOWN]
            ]}  # fmt: skip
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    @display(description="alert")
    def what(self, alert: Alert) -> SafeString:
        return sentence(cut(alert.title, 120), 18)

    @display(description="state")
    def state(self, alert: Alert) -> SafeString:
        return label("resolved", "success") if alert.resolved_at else label("open", "danger")

    @display(description="since")
    def opened(self, alert: Alert) -> SafeString | str:
        return ago(alert.opened_at)

    @display(description="last seen")
    def seen(self, alert: Alert) -> SafeString | str:
        return ago(alert.seen_at)

    @display(description="lasted")
    def lasted(self, alert: Alert) -> str:
        if alert.resolved_at is None:
            return "still"
        return duration((alert.resolved_at - alert.opened_at).total_seconds())

    @display(description="told")
    def told(self, alert: Any) -> SafeString | str:
        if alert.told_at is None:
            return "nobody"
        if not alert.told_by:
            return "the log alone"
        if alert.is_undelivered:
            return label("not delivered", "danger")
        by = ", ".join(AlertDelivery.Channel(each).label for each in alert.told_by)
        # One piece: on a phone the parts of a value stand apart.
        return format_html("<span>{}, {}</span>", ago(alert.told_at), by)


@admin.register(AlertDelivery)
class AlertDeliveryAdmin(OfRule):
    """Who was told: each message by each channel, with what was answered."""

    list_display = (
        *("what", "channel", "state", "attempts", "answered", "next_try", "made", "where"),
    )
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("event", ChoicesDropdownFilter),
        ("channel", ChoicesDropdownFilter),
        ("rule", RuleFilter),
        ("workspace", VisibleFilter),
    )
    fields = (
        "subject",
        ("event", "channel"),
        ("state", "attempts"),
        ("next_try", "tried_until"),
        ("made", "sent"),
        ("rule_link", "alert_link"),
        "answered",
        "message",
    )
    readonly_fields = (
        *("state", "next_try", "tried_until", "made", "sent", "rule_link", "alert_link"),
        *("answered", "message"),
    )
    actions = ("send_all_again",)
    actions_detail = ("again",)

    @display(description="message")
    def what(self, delivery: AlertDelivery) -> SafeString:
        return sentence(cut(delivery.subject, 120), 15)

    @display(description="status")
    def state(self, delivery: AlertDelivery) -> SafeString:
        return status_of(delivery)

    @display(description="answer")
    def answered(self, delivery: AlertDelivery) -> SafeString | str:
        return sentence(delivery.answer, 12) if delivery.answer else "–"

    @display(description="next try")
    def next_try(self, delivery: AlertDelivery) -> SafeString | str:
        return ahead(delivery.next_attempt_at)

    @display(description="tried until")
    def tried_until(self, delivery: AlertDelivery) -> SafeString | str:
        return ahead(delivery.give_up_at) if delivery.next_attempt_at else "–"

    @display(description="made")
    def made(self, delivery: AlertDelivery) -> SafeString | str:
        return ago(delivery.created_at)

    @display(description="sent")
    def sent(self, delivery: AlertDelivery) -> SafeString | str:
        return ago(delivery.sent_at)

    @display(description="alert")
    def alert_link(self, delivery: AlertDelivery) -> SafeString | str:
        return admin_link("operations_alert", delivery.alert_id, tail(delivery.alert_id)) \
            if delivery.alert_id else "none: a test"  # fmt: skip

    def has_send_permission(self, request: HttpRequest, id: Any = None) -> bool:
        return self.may(request, "alert.send", id)

    @admin.action(description="Send again", permissions=["send"])
    def send_all_again(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        self.run_deed(request, rows, "alert.send", "message{s} on the way", send_again)

    @asking_action(
        description="Send again",
        icon="replay",
        permissions=["send"],
        dialog={
            "title": "Send this message again?",
            "description": "Where it still waits to be sent, it is tried at once; else another one "
            "like it is sent.",
            "form_class": None,
            "form_submit_text": "Send again",
        },
    )
    def again(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        rows = self.get_queryset(request).filter(pk=object_id)
        self.run_deed(request, rows, "alert.send", "message{s} on the way", send_again)
        return back_to(request, reverse("admin:operations_alertdelivery_changelist"))


def status_of(delivery: AlertDelivery) -> SafeString:
    return format_html("{}", label(delivery.status, COLOURS[delivery.status]))
