"""The addresses of webhooks, and what came in at them."""

from secrets import token_urlsafe

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from apps.nodes.webhooks.paths import has_names
from apps.runs.models import Payload, Run
from apps.versions.models import WorkflowVersion
from apps.workflows.models import Workflow
from apps.workspaces.fields import OrderedJSONField
from apps.workspaces.models import Identified, Workspace
from apps.workspaces.querysets import TenantQuerySet


class WebhookEndpoint(Identified):
    """A webhook node of a workflow, by one of its methods, or a form: where it answers.

    Updated by publishing, never replaced.
    """

    class Kind(models.TextChoices):
        HOOK = "hook"
        FORM = "form"

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    workflow = models.ForeignKey(
        Workflow, models.CASCADE, related_name="webhook_endpoints", db_index=False
    )
    node_id = models.CharField(max_length=64)
    kind = models.CharField(
        max_length=8, choices=Kind.choices, default=Kind.HOOK, db_default=Kind.HOOK
    )
    path = models.CharField(max_length=200)
    pattern = models.CharField(  # noqa: DJ001 - null: a path without names
        max_length=200, null=True, editable=False, help_text="The path, whatever its names."
    )
    generated_path = models.CharField(
        max_length=32, blank=True, help_text="Made for the node once; its own while it names none."
    )
    method = models.CharField(max_length=8)
    is_live = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=now, editable=False)

    objects = TenantQuerySet.as_manager()

    class Meta:
        db_table = "webhook_endpoints"
        ordering = ("path", "method")
        constraints = [
            models.UniqueConstraint(
                fields=("workflow", "node_id", "method"),
                name="webhook_endpoints_one_a_node_and_method",
            ),
            # Serves: whose is this address? Only one live endpoint may answer.
            models.UniqueConstraint(
                fields=("path", "kind", "method"),
                condition=Q(is_live=True),
                name="webhook_endpoints_live_address_once",
            ),
            # Serves: whose patterns does this path fit? Two differ not by their names alone.
            models.UniqueConstraint(
                fields=("pattern", "kind", "method"),
                condition=Q(is_live=True, pattern__isnull=False),
                name="webhook_endpoints_live_pattern_once",
            ),
        ]
        indexes = [
            # Serves: the endpoints of a workspace.
            models.Index(fields=("workspace", "path"), name="webhook_endpoints_of_workspace"),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.address}"

    @property
    def address(self) -> str:
        return f"/{self.kind}s/{self.path}"


class WebhookRequest(Identified):
    """The inbox: a request as it came, and the run that it made."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    endpoint = models.ForeignKey(
        WebhookEndpoint, models.CASCADE, related_name="requests", db_index=False
    )
    run = models.ForeignKey(Run, models.SET_NULL, null=True, related_name="+")
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=2_000)
    params = OrderedJSONField(null=True, help_text="By the names of the path, if it has some.")
    query = models.TextField(blank=True)
    headers = OrderedJSONField(default=dict)
    body = models.BinaryField(default=bytes)
    body_payload = models.ForeignKey(
        Payload,
        models.RESTRICT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="Where large.",
    )
    size = models.PositiveBigIntegerField(default=0, help_text="Of the body, in bytes.")
    address = models.CharField(max_length=64, blank=True, help_text="Of who sent it.")
    received_at = models.DateTimeField(default=now)

    objects = TenantQuerySet.as_manager()

    class Meta:
        db_table = "webhook_requests"
        ordering = ("-id",)
        indexes = [
            # Serves: the inbox of an endpoint, newest first.
            models.Index(fields=("endpoint", "-id"), name="webhook_requests_newest"),
            # Serves: the inbox of a workspace, newest first.
            models.Index(fields=("workspace", "-id"), name="webhook_requests_of_workspace"),
            # Serves: deleting what is older than it is kept.
            models.Index(fields=("received_at",), name="webhook_requests_age"),
            # Serves: what refers to a payload; most bodies are none.
            models.Index(
                fields=("body_payload",),
                condition=Q(body_payload__isnull=False),
                name="webhook_requests_payloads",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def is_body_kept(self) -> bool:
        """False where it was larger than the inbox keeps."""
        return self.size == 0 or bool(self.body) or self.body_payload_id is not None


class WebhookRefusal(Identified):
    """How often an endpoint refused requests on a day, for one reason; of them nothing is kept."""

    class Reason(models.TextChoices):
        METHOD = "method_not_allowed", "another method"
        SENDER = "not_authenticated", "wrong secret or signature"
        ADDRESS = "address_not_allowed", "from an address that may not send"
        RATE = "rate_limited", "more than its rate"
        SIZE = "too_large", "too large"
        UNREADABLE = "unreadable", "cannot be read"
        NO_ROOM = "no_room", "its workflow keeps all that it may"
        BUSY = "busy", "too busy, or too slow"
        FAULT = "fault", "a fault on this side"

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    endpoint = models.ForeignKey(
        WebhookEndpoint, models.CASCADE, related_name="refusals", db_index=False
    )
    day = models.DateField(help_text="In UTC.")
    reason = models.CharField(max_length=32, choices=Reason.choices)
    count = models.PositiveBigIntegerField()
    last_at = models.DateTimeField()

    objects = TenantQuerySet.as_manager()

    class Meta:
        db_table = "webhook_refusals"
        constraints = [
            # Serves also: those of an endpoint since a day.
            models.UniqueConstraint(
                fields=("endpoint", "day", "reason"), name="webhook_refusals_once"
            ),
        ]
        indexes = [
            # Serves: deleting what is older than it is kept.
            models.Index(fields=("day",), name="webhook_refusals_age"),
        ]

    def __str__(self) -> str:
        return f"{self.count:,} {self.get_reason_display()}"


class WebhookDelivery(Identified):
    """What a sender calls a request, and the run that it started: coming again it starts none."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    endpoint = models.ForeignKey(WebhookEndpoint, models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=64, help_text="Its SHA-256.")
    run = models.UUIDField(help_text="Also when it is deleted: it was started all the same.")
    expires_at = models.DateTimeField()

    objects = TenantQuerySet.as_manager()

    class Meta:
        db_table = "webhook_deliveries"
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=("endpoint", "key"), name="webhook_deliveries_once"),
        ]
        indexes = [
            # Serves: forgetting those whose window is over.
            models.Index(fields=("expires_at",), name="webhook_deliveries_age"),
        ]

    def __str__(self) -> str:
        return self.key


class WebhookReplay(Identified):
    """A run that was made of a request of the inbox once more."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    request = models.ForeignKey(WebhookRequest, models.CASCADE, related_name="replays")
    run = models.OneToOneField(Run, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=now)

    objects = TenantQuerySet.as_manager()

    class Meta:
        db_table = "webhook_replays"
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.run_id} of {self.request_id}"


TEST_PREFIX = "test-"


def new_test_path() -> str:
    """A path that nobody can guess."""
    return TEST_PREFIX + token_urlsafe(16)


class WebhookListener(Identified):
    """A webhook node of a draft that listens, or listened last, for one request."""

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+", db_index=False)
    workflow = models.ForeignKey(Workflow, models.CASCADE, related_name="+", db_index=False)
    node_id = models.CharField(max_length=64)
    path = models.CharField(max_length=64, unique=True, default=new_test_path)
    params = OrderedJSONField(help_text="Of the node, when it began to listen.")
    version = models.ForeignKey(
        WorkflowVersion, models.CASCADE, null=True, related_name="+", help_text="To be run."
    )
    until = models.DateTimeField()
    request = models.ForeignKey(
        WebhookRequest, models.SET_NULL, null=True, related_name="+", help_text="What came."
    )
    refusal = OrderedJSONField(
        null=True, help_text="Why the last request was not let in: status, code, message, at."
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )

    objects = TenantQuerySet.as_manager()

    class Meta:
        db_table = "webhook_listeners"
        constraints = [
            models.UniqueConstraint(
                fields=("workflow", "node_id"), name="webhook_listeners_one_a_node"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.node_id} at /hooks/{self.whole_path}"

    @property
    def whole_path(self) -> str:
        """With the path of the node behind it, where that has names."""
        path = self.params.get("path", "")
        return f"{self.path}/{path}" if has_names(path) else self.path
