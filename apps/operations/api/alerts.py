"""Alerts: rules, made and silenced; what fires; deliveries, sent again."""

from typing import Any
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.operations.alerts.again import send_again, send_test
from apps.operations.alerts.edit import change_rule, create_rule, delete_rule
from apps.operations.alerts.firing import with_firing_since
from apps.operations.alerts.silence import lift_silence, silence_rule
from apps.operations.api.alert_serializers import (
    AlertDeliveryDetailSerializer,
    AlertDeliverySerializer,
    AlertDetailSerializer,
    AlertRuleSerializer,
    AlertSerializer,
    NewRuleSerializer,
    RuleChangeSerializer,
    SilenceSerializer,
    TestedSerializer,
    settings_of,
)
from apps.operations.models import Alert, AlertDelivery, AlertRule
from apps.workspaces.api.body import Body
from apps.workspaces.api.fields import must_be_one_of
from apps.workspaces.idempotency import idempotent
from apps.workspaces.models import Workspace
from apps.workspaces.permissions import principal_of
from apps.workspaces.views import HasRight, TenantView

RULES = with_firing_since(AlertRule.objects.order_by("-id"))
ALERTS = Alert.objects.select_related("rule").order_by("-id")
DELIVERIES = AlertDelivery.objects.select_related("rule").order_by("-id")


class HasRightOrIsSuperuser(HasRight):
    """What belongs to no workspace is the installation's, and for superusers."""

    def has_object_permission(self, request: Request, view: APIView, obj: Any) -> bool:
        if not isinstance(obj, Workspace) and obj.workspace_id is None:
            return is_superuser(request)
        return super().has_object_permission(request, view, obj)


def is_superuser(request: Request) -> bool:
    user = principal_of(request).as_user
    return user is not None and user.is_superuser


class OfAlerts(TenantView):
    permission_classes = [IsAuthenticated, HasRightOrIsSuperuser]


class RuleFilter(django_filters.FilterSet):
    workspace = django_filters.UUIDFilter()
    kind = django_filters.MultipleChoiceFilter(
        choices=AlertRule.Kind.choices,
        distinct=False,
        error_messages=must_be_one_of(AlertRule.Kind.values),
    )


class AlertFilter(django_filters.FilterSet):
    workspace = django_filters.UUIDFilter()
    rule = django_filters.UUIDFilter()
    state = django_filters.ChoiceFilter(
        choices=[("open", "open"), ("resolved", "resolved")],
        method="in_state",
        error_messages=must_be_one_of(["open", "resolved"]),
    )

    def in_state(self, alerts: QuerySet[Any], _: str, state: str) -> QuerySet[Any]:
        return alerts.filter(resolved_at__isnull=state == "open")


class DeliveryFilter(django_filters.FilterSet):
    workspace = django_filters.UUIDFilter()
    rule = django_filters.UUIDFilter()
    alert = django_filters.UUIDFilter()
    status = django_filters.MultipleChoiceFilter(
        choices=AlertDelivery.Status.choices,
        distinct=False,
        error_messages=must_be_one_of(AlertDelivery.Status.values),
    )


class AlertRulesView(OfAlerts):
    queryset = RULES
    filterset_class = RuleFilter
    rights = {"GET": "alert.view", "POST": "alert.edit"}

    @extend_schema(responses=AlertRuleSerializer(many=True), operation_id="alert_rules_list")
    def get(self, request: Request) -> Response:
        """The rules, the newest first; to superusers those of the installation, too."""
        page = self.paginate_queryset(self.allowed())
        return self.get_paginated_response(AlertRuleSerializer(page, many=True).data)

    @extend_schema(
        request=NewRuleSerializer,
        responses={201: AlertRuleSerializer},
        operation_id="alert_rules_create",
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Have a condition looked at. Numbers that are left out are those of its kind."""
        asked = self.parsed(NewRuleSerializer)
        workspace: Workspace | None
        if "workspace" in asked and asked["workspace"] is None:
            if not is_superuser(request):
                raise PermissionDenied("Only superusers make rules of the whole installation.")
            workspace = None
        else:
            workspace = self.workspace(asked.get("workspace"))
        settings = {"name": ""} | settings_of(asked)
        rule = create_rule(workspace, asked["kind"], settings, by=self.principal)
        return Response(told(rule), status.HTTP_201_CREATED)


class AlertRuleView(OfAlerts):
    queryset = RULES
    rights = {"GET": "alert.view", "PATCH": "alert.edit", "DELETE": "alert.edit"}

    @extend_schema(responses=AlertRuleSerializer, operation_id="alert_rules_get")
    def get(self, request: Request, id: UUID) -> Response:
        return Response(AlertRuleSerializer(self.get_object()).data)

    @extend_schema(
        request=RuleChangeSerializer,
        responses=AlertRuleSerializer,
        operation_id="alert_rules_update",
    )
    def patch(self, request: Request, id: UUID) -> Response:
        """Change some settings; 409 with the current revision if it changed since."""
        rule = self.get_object()
        asked = self.parsed(RuleChangeSerializer)
        change_rule(rule, asked["revision"], settings_of(asked), by=self.principal)
        return Response(told(rule))

    @extend_schema(responses={204: OpenApiResponse()}, operation_id="alert_rules_delete")
    def delete(self, request: Request, id: UUID) -> Response:
        """Delete a rule with its alerts and their deliveries."""
        delete_rule(self.get_object(), by=self.principal)
        return Response(status=status.HTTP_204_NO_CONTENT)


class AlertSilenceView(OfAlerts):
    queryset = RULES
    rights = {"PUT": "alert.silence", "DELETE": "alert.silence"}

    @extend_schema(
        request=SilenceSerializer,
        responses=AlertRuleSerializer,
        operation_id="alert_rules_silence",
    )
    def put(self, request: Request, id: UUID) -> Response:
        """Tell nobody of its alerts until then; they are told afterwards if they last."""
        rule = self.get_object()
        silence_rule(rule, **self.parsed(SilenceSerializer), by=self.principal)
        return Response(told(rule))

    @extend_schema(responses={204: OpenApiResponse()}, operation_id="alert_rules_lift_silence")
    def delete(self, request: Request, id: UUID) -> Response:
        lift_silence(self.get_object(), by=self.principal)
        return Response(status=status.HTTP_204_NO_CONTENT)


class AlertTestView(OfAlerts):
    queryset = RULES
    rights = {"POST": "alert.send"}

    @extend_schema(request=None, responses={202: TestedSerializer}, operation_id="alert_rules_test")
    @idempotent
    def post(self, request: Request, id: UUID) -> Response:
        """Send a message by each channel of the rule; the deliveries tell what came of it."""
        rule = self.get_object()
        self.parsed(Body)
        sent = send_test(rule, by=self.principal)
        return Response(TestedSerializer({"deliveries": sent}).data, status.HTTP_202_ACCEPTED)


class AlertsView(OfAlerts):
    queryset = ALERTS
    filterset_class = AlertFilter
    rights = {"GET": "alert.view"}

    @extend_schema(responses=AlertSerializer(many=True), operation_id="alerts_list")
    def get(self, request: Request) -> Response:
        """What fires and what did, the newest first."""
        page = self.paginate_queryset(self.allowed().defer("text"))
        return self.get_paginated_response(AlertSerializer(page, many=True).data)


class AlertView(OfAlerts):
    queryset = ALERTS
    rights = {"GET": "alert.view"}

    @extend_schema(responses=AlertDetailSerializer, operation_id="alerts_get")
    def get(self, request: Request, id: UUID) -> Response:
        return Response(AlertDetailSerializer(self.get_object()).data)


class AlertDeliveriesView(OfAlerts):
    queryset = DELIVERIES
    filterset_class = DeliveryFilter
    rights = {"GET": "alert.view"}

    @extend_schema(responses=AlertDeliverySerializer(many=True), operation_id="deliveries_list")
    def get(self, request: Request) -> Response:
        """The messages, each by one channel, the newest first."""
        page = self.paginate_queryset(self.allowed().defer("text"))
        return self.get_paginated_response(AlertDeliverySerializer(page, many=True).data)


class AlertDeliveryView(OfAlerts):
    queryset = DELIVERIES
    rights = {"GET": "alert.view"}

    @extend_schema(responses=AlertDeliveryDetailSerializer, operation_id="deliveries_get")
    def get(self, request: Request, id: UUID) -> Response:
        return Response(AlertDeliveryDetailSerializer(self.get_object()).data)


class AlertRedeliverView(OfAlerts):
    queryset = DELIVERIES
    rights = {"POST": "alert.send"}

    @extend_schema(
        request=None,
        responses={202: AlertDeliveryDetailSerializer},
        operation_id="deliveries_redeliver",
    )
    @idempotent
    def post(self, request: Request, id: UUID) -> Response:
        """Try one that is pending at once; of one that was sent, or given up, send another one."""
        delivery = self.get_object()
        self.parsed(Body)
        again = send_again(delivery, by=self.principal)
        return Response(AlertDeliveryDetailSerializer(again).data, status.HTTP_202_ACCEPTED)


def told(rule: AlertRule) -> Any:
    return AlertRuleSerializer(RULES.get(pk=rule.pk)).data
