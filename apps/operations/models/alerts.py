"""What operators want to be told of, what there is to tell, and how it was told."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps.credentials.models import Credential
from apps.nodes.outside.egress import parse_url
from apps.workflows.models import Workflow
from apps.workspaces.fields import OrderedJSONField
from apps.workspaces.models import Identified, Workspace
from apps.workspaces.permissions import RIGHTS, Principal
from apps.workspaces.querysets import IS_MEMBER, TenantQuerySet

WATCHED = Q(is_active=True) & ~Q(kind="schedule_late") | Q(is_built_in=True)
"""Late schedules are looked for once, by the built-in rule, for all rules that want to know; also
where that one is off, so that what was late then is not told later."""


class AlertQuerySet(TenantQuerySet):
    """Rows of workspaces, and of none: those are the installation's, and for superusers alone."""

    def visible_to(self, principal: Principal, action: str = IS_MEMBER) -> Self:
        theirs = Q(workspace__in=principal.workspace_ids(RIGHTS[action]))
        user = principal.as_user
        if user is not None and user.is_superuser:
            theirs |= Q(workspace=None)
        return self.filter(theirs)


class AlertRule(Identified):
    """A condition, and who is told while it lasts. Without a workspace it is the installation's."""

    class Kind(models.TextChoices):
        RUN_FAILED = "run_failed", "Runs failed"
        FAILURE_RATE = "failure_rate", "Failure rate"
        SCHEDULE_LATE = "schedule_late", "Schedule late or missing"
        QUEUE_AGE = "queue_age", "Runs wait for a worker"
        WORKER_SILENT = "worker_silent", "Worker silent"

    workspace = models.ForeignKey(
        Workspace,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text="None: it is about all of them, and for superusers alone.",
    )
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    workflow = models.ForeignKey(
        Workflow,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text="Whose runs alone count.",
    )
    threshold = models.PositiveIntegerField(null=True, blank=True)
    window_s = models.PositiveIntegerField(null=True, blank=True)
    least_runs = models.PositiveIntegerField(null=True, blank=True)
    repeat_after_h = models.PositiveSmallIntegerField(
        "repeat after hours", null=True, blank=True, help_text="Empty: it is told once."
    )
    is_active = models.BooleanField("active", default=True)
    is_built_in = models.BooleanField(default=False, editable=False)
    silenced_until = models.DateTimeField(null=True, editable=False)
    silenced_because = models.CharField(max_length=500, blank=True, editable=False)

    to_operators = models.BooleanField(
        "mail to ALERT_EMAILS", default=False, help_text="The addresses of that setting."
    )
    emails = OrderedJSONField(default=list, blank=True)
    slack_credential = models.ForeignKey(
        Credential, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    slack_channel = models.CharField(
        max_length=100, blank=True, help_text="Of the bot. Empty: by the incoming webhook."
    )
    webhook_url = models.CharField("webhook URL", max_length=2_000, blank=True)
    webhook_credential = models.ForeignKey(
        Credential, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    webhook_secret = models.ForeignKey(
        Credential, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )

    next_look_at = models.DateTimeField(default=timezone.now, editable=False)
    looked_at = models.DateTimeField(null=True, editable=False, help_text="Last; null: never.")
    memory = OrderedJSONField(
        default=dict, editable=False, help_text="What the next look needs of the last one."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    revision = models.PositiveIntegerField(default=1, db_default=1, editable=False)

    objects = AlertQuerySet.as_manager()

    class Meta:
        db_table = "alert_rules"
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                fields=("is_built_in",),
                condition=Q(is_built_in=True),
                name="alert_rules_built_in_once",
            ),
        ]
        indexes = [
            # Serves: the rules of a workspace, newest first.
            models.Index(fields=("workspace", "-id"), name="alert_rules_newest"),
            # Serves: which rule is to be looked at.
            models.Index(fields=("next_look_at",), condition=WATCHED, name="alert_rules_due"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def webhook_host(self) -> str:
        """What is shown of the webhook's URL: the rest may be the secret of who receives it."""
        return parse_url(self.webhook_url).host if self.webhook_url else ""

    def is_silenced(self, now: datetime) -> bool:
        return self.silenced_until is not None and self.silenced_until > now


class Alert(Identified):
    """That the condition of a rule holds, from when it began until it ended."""

    workspace = models.ForeignKey(
        Workspace, models.CASCADE, null=True, related_name="+", db_index=False
    )
    rule = models.ForeignKey(AlertRule, models.CASCADE, related_name="alerts", db_index=False)
    key = models.CharField(max_length=64, blank=True, help_text="What of several it is about.")
    title = models.CharField(max_length=300)
    text = models.TextField(blank=True, help_text="As it was told last.")
    value = models.FloatField(null=True, help_text="What was measured last.")
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField(help_text="When the condition was last seen to hold.")
    told_at = models.DateTimeField(null=True, help_text="When it was last told; null: never.")
    told_by = OrderedJSONField(
        default=list, db_default=[], help_text="By which channels; none: by the log alone."
    )
    resolved_at = models.DateTimeField(null=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        db_table = "alerts"
        ordering = ("-id",)
        constraints = [
            # Serves: the open alerts of a rule.
            models.UniqueConstraint(
                fields=("rule", "key"), condition=Q(resolved_at=None), name="alerts_open_once"
            ),
        ]
        indexes = [
            # Serves: the alerts of a workspace, newest first; those that are open.
            models.Index(fields=("workspace", "-id"), name="alerts_newest"),
            models.Index(
                fields=("workspace", "-id"), condition=Q(resolved_at=None), name="alerts_open"
            ),
            # Serves: the alerts of a rule, newest first.
            models.Index(fields=("rule", "-id"), name="alerts_of_rule"),
            # Serves: which are kept no longer.
            models.Index(
                fields=("resolved_at",), condition=Q(resolved_at__isnull=False), name="alerts_ended"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class AlertDelivery(Identified):
    """A message by one channel, written with what it tells of, and sent by whoever comes to it."""

    class Event(models.TextChoices):
        OPENED = "opened"
        REPEATED = "repeated"
        RESOLVED = "resolved"
        TEST = "test"

    class Channel(models.TextChoices):
        EMAIL = "email", "e-mail"
        SLACK = "slack", "Slack"
        WEBHOOK = "webhook"

    class Status(models.TextChoices):
        PENDING = "pending"
        SENT = "sent"
        FAILED = "failed"

    workspace = models.ForeignKey(
        Workspace, models.CASCADE, null=True, related_name="+", db_index=False
    )
    rule = models.ForeignKey(AlertRule, models.CASCADE, related_name="deliveries", db_index=False)
    alert = models.ForeignKey(
        Alert,
        models.CASCADE,
        null=True,
        related_name="deliveries",
        db_index=False,
        help_text="None of a test.",
    )
    event = models.CharField(max_length=16, choices=Event.choices)
    channel = models.CharField(max_length=16, choices=Channel.choices)
    subject = models.CharField(max_length=300)
    text = models.TextField(blank=True)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, default=timezone.now)
    give_up_at = models.DateTimeField()
    answer = models.CharField(max_length=500, blank=True, help_text="Of the last attempt.")
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        db_table = "alert_deliveries"
        ordering = ("-id",)
        verbose_name_plural = "alert deliveries"
        indexes = [
            # Serves: the deliveries of a workspace, newest first.
            models.Index(fields=("workspace", "-id"), name="alert_deliveries_newest"),
            # Serves: the deliveries of an alert, and of a rule.
            models.Index(fields=("alert", "-id"), name="alert_deliveries_of_alert"),
            models.Index(fields=("rule", "-id"), name="alert_deliveries_of_rule"),
            # Serves: which is to be sent.
            models.Index(
                fields=("next_attempt_at",),
                condition=Q(status="pending"),
                name="alert_deliveries_due",
            ),
            # Serves: which are kept no longer.
            models.Index(fields=("created_at",), name="alert_deliveries_by_age"),
        ]

    def __str__(self) -> str:
        return self.subject
