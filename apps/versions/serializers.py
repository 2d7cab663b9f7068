"""The forms of drafts, versions and node types in requests and answers."""

from typing import get_args

from rest_framework import serializers

from apps.expressions.preview import ValueType
from apps.versions.save import LONGEST_NOTE
from apps.workspaces.api.body import Body
from apps.workspaces.api.fault import FaultSerializer
from apps.workspaces.api.fields import (
    ChoiceField,
    JSONField,
    NumberField,
    ObjectField,
    ObjectsField,
    TextField,
    TimeField,
)


class GraphSerializer(Body):
    graph = ObjectField(allow_null=True)


class ValidationSerializer(serializers.Serializer):
    errors = FaultSerializer(many=True)  # type: ignore[assignment]
    warnings = FaultSerializer(many=True)


class DraftChangeSerializer(GraphSerializer):
    revision = NumberField(help_text="The revision that the change was made to.")


class PortsSerializer(serializers.Serializer):
    inputs = serializers.ListField(child=serializers.CharField())
    outputs = serializers.ListField(child=serializers.CharField())


class DraftSavedSerializer(ValidationSerializer):
    revision = NumberField()
    ports = serializers.DictField(
        child=PortsSerializer(),
        help_text="By id, of the nodes whose inputs or outputs follow from their params.",
    )


class DraftSerializer(DraftSavedSerializer):
    graph = ObjectField()


class NewVersionSerializer(Body):
    graph = ObjectField(required=False, allow_null=True, help_text="Without: the draft.")
    note = TextField(required=False, default="", allow_blank=True, max_length=LONGEST_NOTE)


class VersionSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    workflow = serializers.UUIDField(source="workflow_id")
    version = NumberField()
    note = serializers.CharField()
    created_by = serializers.UUIDField(source="created_by_id", allow_null=True)
    created_by_email = serializers.EmailField(source="created_by.email", allow_null=True)
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
    name = serializers.CharField(help_text="Empty of a sticky note.")
    members = ChangedMemberSerializer(many=True)


class MarksDiffSerializer(serializers.Serializer):
    added = ObjectsField()
    removed = ObjectsField()
    changed = ChangedNodeSerializer(many=True)


class NodesDiffSerializer(MarksDiffSerializer):
    moved = serializers.ListField(
        child=serializers.CharField(), help_text="Ids of those that lie elsewhere."
    )


class EdgesDiffSerializer(serializers.Serializer):
    added = ObjectsField()
    removed = ObjectsField()


class DiffSerializer(serializers.Serializer):
    version = NumberField()
    against = NumberField()
    nodes = NodesDiffSerializer()
    edges = EdgesDiffSerializer()
    settings = ChangedMemberSerializer(many=True)
    sticky_notes = MarksDiffSerializer()
    groups = MarksDiffSerializer()


class NodeTypeSerializer(serializers.Serializer):
    type = serializers.CharField()
    version = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of ours
    group = serializers.CharField()
    description = serializers.CharField()
    keywords = serializers.ListField(
        child=serializers.CharField(), help_text="Other words for what it does."
    )
    inputs = serializers.ListField(child=serializers.CharField())
    outputs = serializers.ListField(child=serializers.CharField())
    kind = serializers.CharField()
    params_schema = ObjectField()
    ui = ObjectField()
    docs = serializers.CharField()
    example = ObjectField(allow_null=True, help_text="An item of a trigger; null of other nodes.")


class RetryableSerializer(serializers.Serializer):
    code = serializers.CharField(help_text="As a node's `retry.on` names it.")
    meaning = serializers.CharField()


class NodeTypesSerializer(serializers.Serializer):
    results = NodeTypeSerializer(many=True)
    retryable = RetryableSerializer(
        many=True, help_text="The errors after which a node may be tried again."
    )


class NeedSerializer(serializers.Serializer):
    node = serializers.CharField(help_text="Its id in the graph.")
    param = serializers.CharField()
    what = serializers.CharField(help_text="What is to be chosen, in words.")


class SampleSerializer(serializers.Serializer):
    id = serializers.CharField()
    name = serializers.CharField()
    teaches = serializers.CharField()
    needs = NeedSerializer(many=True, help_text="What builders choose before it can run.")
    graph = ObjectField()


class SamplesSerializer(serializers.Serializer):
    results = SampleSerializer(many=True)


class PreviousNodeSerializer(Body):
    """Where the items came from: a node, the place of its output, which of its activations."""

    node = TextField(max_length=200)
    output = NumberField(required=False, default=0)
    run = NumberField(required=False, default=0)


class ExpressionContextSerializer(Body):
    """What an expression sees beside its item."""

    nodes = ObjectField(
        required=False,
        allow_null=True,
        help_text="By the names of nodes what they gave: a list of items, or the one item that "
        "all come from; null: it has not run.",
    )
    parameter = ObjectField(required=False, allow_null=True)
    workflow = ObjectField(required=False, allow_null=True)
    execution = ObjectField(required=False, allow_null=True)
    run_index = NumberField(required=False)
    previous = PreviousNodeSerializer(required=False, allow_null=True)
    timezone = TextField(required=False, max_length=64)


class ExpressionSerializer(Body):
    workspace = serializers.UUIDField(
        required=False, help_text="May be left out by who has only one."
    )
    expression = TextField(
        max_length=100_000,
        allow_blank=True,
        help_text="A parameter as it is written: with “=” at its beginning, else it is text.",
    )
    item = ObjectField(
        required=False, default=None, allow_null=True, help_text="An item, or the json of one."
    )
    items = ObjectsField(required=False, default=None, allow_null=True)
    index = NumberField(required=False, default=0, help_text="The item to evaluate for.")
    context = ExpressionContextSerializer(  # type: ignore[assignment]
        required=False, default=dict
    )


class PositionSerializer(serializers.Serializer):
    character = NumberField(help_text="From 0, in code points.")
    line = NumberField(help_text="From 1.")
    column = NumberField(help_text="From 1, in code points.")


class SwallowedSerializer(serializers.Serializer):
    code = serializers.CharField()
    message = serializers.CharField()
    position = PositionSerializer(allow_null=True)


class EvaluatedSerializer(serializers.Serializer):
    value = JSONField()
    type = ChoiceField(choices=get_args(ValueType))
    rounded = serializers.BooleanField(
        help_text="JavaScript saw an integer over 2^53 as the nearest number that it can hold."
    )
    swallowed = SwallowedSerializer(
        allow_null=True, help_text="The first error that gave undefined, or no text."
    )
