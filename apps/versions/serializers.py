"""The forms of drafts, versions and node types in requests and answers."""

from rest_framework import serializers

from apps.workspaces.api.body import Body
from apps.workspaces.api.fields import (
    JSONField,
    NumberField,
    ObjectField,
    ObjectsField,
    TextField,
    TimeField,
)


class FaultSerializer(serializers.Serializer):
    path = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class GraphSerializer(Body):
    graph = ObjectField(allow_null=True)


class ValidationSerializer(serializers.Serializer):
    errors = FaultSerializer(many=True)  # type: ignore[assignment]
    warnings = FaultSerializer(many=True)


class DraftChangeSerializer(GraphSerializer):
    revision = NumberField(help_text="The revision that the change was made to.")


class DraftSavedSerializer(ValidationSerializer):
    revision = NumberField()


class DraftSerializer(DraftSavedSerializer):
    graph = ObjectField()


class NewVersionSerializer(Body):
    graph = ObjectField(required=False, allow_null=True, help_text="Without: the draft.")
    note = TextField(required=False, default="", allow_blank=True, max_length=2000)


class VersionSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    workflow = serializers.UUIDField(source="workflow_id")
    version = NumberField()
    note = serializers.CharField()
    created_by = serializers.UUIDField(source="created_by_id", allow_null=True)
    created_at = TimeField()
    published_at = TimeField(allow_null=True)


class VersionDetailSerializer(VersionSerializer):
    graph = ObjectField(source="graph_json")


class VersionSavedSerializer(VersionDetailSerializer):
    warnings = FaultSerializer(many=True)


class PublishSerializer(Body):
    version = NumberField()


class ChangedMemberSerializer(serializers.Serializer):
    name = serializers.CharField()
    before = JSONField()
    after = JSONField()


class ChangedNodeSerializer(serializers.Serializer):
    id = serializers.CharField()
    name = serializers.CharField()
    members = ChangedMemberSerializer(many=True)


class NodesDiffSerializer(serializers.Serializer):
    added = ObjectsField()
    removed = ObjectsField()
    changed = ChangedNodeSerializer(many=True)


class EdgesDiffSerializer(serializers.Serializer):
    added = ObjectsField()
    removed = ObjectsField()


class DiffSerializer(serializers.Serializer):
    version = NumberField()
    against = NumberField()
    nodes = NodesDiffSerializer()
    edges = EdgesDiffSerializer()
    settings = ChangedMemberSerializer(many=True)


class NodeTypeSerializer(serializers.Serializer):
    type = serializers.CharField()
    version = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]
    group = serializers.CharField()
    description = serializers.CharField()
    inputs = serializers.ListField(child=serializers.CharField())
    outputs = serializers.ListField(child=serializers.CharField())
    kind = serializers.CharField()
    params_schema = ObjectField()
    ui = ObjectField()
    docs = serializers.CharField()


class NodeTypesSerializer(serializers.Serializer):
    results = NodeTypeSerializer(many=True)
