"""What the API takes and tells of alerts. Of a webhook's URL only the host comes back."""

from typing import Any

from rest_framework import serializers

from apps.operations.alerts.outbox import channels_of
from apps.operations.models import AlertDelivery, AlertRule
from apps.workspaces.api.body import Body
from apps.workspaces.api.fields import ChoiceField, FlagField, NumberField, TextField, TimeField


class RuleSettings(Body):
    """What may be set of a rule; the deeds judge it."""

    name = TextField(required=False, allow_blank=True)
    workflow = serializers.UUIDField(
        required=False, allow_null=True, help_text="Whose runs alone count; null: all."
    )
    threshold = NumberField(required=False, allow_null=True)
    window_s = NumberField(required=False, allow_null=True)
    least_runs = NumberField(required=False, allow_null=True)
    repeat_after_h = NumberField(
        required=False, allow_null=True, help_text="Null: what lasts is told once."
    )
    is_active = FlagField(required=False)
    to_operators = FlagField(
        required=False, help_text="The addresses of ALERT_EMAILS; of rules of the installation."
    )
    emails = serializers.ListField(child=TextField(), required=False)
    slack_credential = serializers.UUIDField(required=False, allow_null=True)
    slack_channel = TextField(required=False, allow_blank=True)
    webhook_url = TextField(
        required=False, allow_blank=True, help_text="It never comes back; empty: none."
    )
    webhook_credential = serializers.UUIDField(required=False, allow_null=True)
    webhook_secret = serializers.UUIDField(required=False, allow_null=True)


class NewRuleSerializer(RuleSettings):
    workspace = serializers.UUIDField(
        required=False,
        allow_null=True,
        help_text="May be left out by who has only one; null: the installation, for superusers.",
    )
    kind = ChoiceField(choices=AlertRule.Kind.choices)


class RuleChangeSerializer(RuleSettings):
    revision = NumberField()


class SilenceSerializer(Body):
    until = TimeField()
    reason = TextField(allow_blank=True)


class AlertRuleSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    workspace = serializers.UUIDField(
        source="workspace_id", allow_null=True, help_text="Null: the installation."
    )
    name = serializers.CharField()
    kind = ChoiceField(choices=AlertRule.Kind.choices)
    workflow = serializers.UUIDField(source="workflow_id", allow_null=True)
    threshold = serializers.IntegerField(allow_null=True)
    window_s = serializers.IntegerField(allow_null=True)
    least_runs = serializers.IntegerField(allow_null=True)
    repeat_after_h = serializers.IntegerField(allow_null=True)
    is_active = serializers.BooleanField()
    is_built_in = serializers.BooleanField(help_text="FlowForge's own: it cannot be deleted.")
    to_operators = serializers.BooleanField()
    emails = serializers.ListField(child=serializers.CharField())
    slack_credential = serializers.UUIDField(source="slack_credential_id", allow_null=True)
    slack_channel = serializers.CharField()
    webhook_host = serializers.CharField()
    webhook_credential = serializers.UUIDField(source="webhook_credential_id", allow_null=True)
    webhook_secret = serializers.UUIDField(source="webhook_secret_id", allow_null=True)
    channels = serializers.SerializerMethodField(help_text="By which it tells.")
    silenced_until = TimeField(allow_null=True)
    silenced_because = serializers.CharField()
    firing_since = TimeField(allow_null=True, help_text="Of its oldest open alert.")
    looked_at = TimeField(allow_null=True)
    created_at = TimeField()
    revision = serializers.IntegerField()

    def get_channels(self, rule: AlertRule) -> list[str]:
        return [str(channel) for channel in channels_of(rule)]


class AlertSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    workspace = serializers.UUIDField(source="workspace_id", allow_null=True)
    rule = serializers.UUIDField(source="rule_id")
    rule_name = serializers.CharField(source="rule.name")
    title = serializers.CharField()
    value = serializers.FloatField(allow_null=True, help_text="What was measured last.")
    opened_at = TimeField()
    seen_at = TimeField(help_text="When the condition was last seen to hold.")
    told_at = TimeField(allow_null=True, help_text="Null: nobody was told, for it was silenced.")
    told_by = serializers.ListField(
        child=ChoiceField(choices=AlertDelivery.Channel.choices),
        help_text="None: by the log alone, for the rule had no channel.",
    )
    resolved_at = TimeField(allow_null=True)


class AlertDetailSerializer(AlertSerializer):
    text = serializers.CharField(help_text="As it was told last.")


class AlertDeliverySerializer(serializers.Serializer):
    id = serializers.UUIDField()
    workspace = serializers.UUIDField(source="workspace_id", allow_null=True)
    rule = serializers.UUIDField(source="rule_id")
    rule_name = serializers.CharField(source="rule.name")
    alert = serializers.UUIDField(source="alert_id", allow_null=True, help_text="None of a test.")
    event = ChoiceField(choices=AlertDelivery.Event.choices)
    channel = ChoiceField(choices=AlertDelivery.Channel.choices)
    subject = serializers.CharField()
    status = ChoiceField(choices=AlertDelivery.Status.choices)
    attempts = serializers.IntegerField()
    answer = serializers.CharField(help_text="Of the last attempt.")
    next_attempt_at = TimeField(allow_null=True)
    give_up_at = TimeField()
    created_at = TimeField()
    sent_at = TimeField(allow_null=True)


class AlertDeliveryDetailSerializer(AlertDeliverySerializer):
    text = serializers.CharField()


class TestedSerializer(serializers.Serializer):
    deliveries = AlertDeliverySerializer(many=True, help_text="One for each channel.")


def settings_of(given: dict[str, Any]) -> dict[str, Any]:
    """What of a body is to be set of a rule."""
    return {name: value for name, value in given.items() if name in RuleSettings().fields}
