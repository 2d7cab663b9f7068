"""What the API takes and tells of credentials: secrets go in, and never out."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.credentials.consent import is_by_consent
from apps.credentials.models import Credential
from apps.nodes.credential_types import CREDENTIAL_TYPES
from apps.workspaces.api.body import Body
from apps.workspaces.api.fault import FaultSerializer
from apps.workspaces.api.fields import (
    ChoiceField,
    JSONField,
    NameField,
    NumberField,
    ObjectField,
    TextField,
    TimeField,
)

TYPES = [(type.id, type.label) for type in CREDENTIAL_TYPES.values()]


@extend_schema_field(OpenApiTypes.OBJECT)
class ValuesField(JSONField):
    """Values as the schema of their type says; they are judged where they are stored."""

    default_error_messages = {"invalid": "Must be an object of names and values."}

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            self.fail("invalid")
        return data


class NewCredentialSerializer(Body):
    workspace = serializers.UUIDField(
        required=False, help_text="May be left out by who has only one."
    )
    name = NameField()
    type = ChoiceField(choices=TYPES)
    values = ValuesField(help_text="As the schema of the type says.")


class CredentialChangeSerializer(Body):
    revision = NumberField()
    name = NameField(required=False)
    values = ValuesField(required=False, help_text="What is to change; null takes away.")


class NewSecretsSerializer(Body):
    revision = NumberField()
    values = ValuesField(help_text="The new secrets; others stay.")
    url = TextField(
        required=False,
        default="",
        allow_blank=True,
        max_length=8192,
        help_text="Of HTTP: what is read with them first; empty: they are not tried.",
    )


class TrialSerializer(Body):
    url = TextField(required=False, default="", allow_blank=True, max_length=8192)


class CredentialSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    workspace = serializers.UUIDField(source="workspace_id")
    name = NameField()
    type = serializers.CharField()
    values = ObjectField(source="public_values", help_text="Those that are no secret.")
    secrets = serializers.ListField(
        child=serializers.CharField(),
        source="secret_names",
        help_text="The names of the secrets that it has.",
    )
    revision = serializers.IntegerField()
    created_by = serializers.UUIDField(source="created_by_id", allow_null=True)
    updated_by = serializers.UUIDField(source="updated_by_id", allow_null=True)
    created_at = TimeField()
    updated_at = TimeField()
    needs_consent = serializers.SerializerMethodField(
        help_text="Whether a person has to authorize it before it can be used."
    )
    authorized_at = TimeField(
        source="grant.obtained_at",
        allow_null=True,
        help_text="When tokens of OAuth2 were last given.",
    )
    last_used_at = TimeField(allow_null=True)
    last_tested_at = TimeField(allow_null=True)
    last_test_error = serializers.CharField(help_text="Empty: the last test went well.")

    def get_needs_consent(self, credential: Credential) -> bool:
        return is_by_consent(credential)


class UseSerializer(serializers.Serializer):
    workflow = serializers.UUIDField()
    name = NameField()
    where = ChoiceField(choices=["draft", "published"])


class ListedCredentialSerializer(CredentialSerializer):
    used_by = UseSerializer(many=True, required=False, help_text="Where it is asked for.")


class CredentialDetailSerializer(CredentialSerializer):
    used_by = UseSerializer(many=True, help_text="The workflows that name it.")


class CredentialSavedSerializer(CredentialDetailSerializer):
    warnings = FaultSerializer(
        many=True, help_text="Of the secrets just entered: what masking cannot hide well."
    )


class TrialErrorSerializer(serializers.Serializer):
    code = serializers.CharField()
    message = serializers.CharField()
    hint = serializers.CharField(allow_null=True)


class TriedSerializer(serializers.Serializer):
    ok = serializers.BooleanField()
    error = TrialErrorSerializer(allow_null=True)
    at = TimeField()


class ConsentSerializer(serializers.Serializer):
    url = serializers.CharField(help_text="The page of the authorization server to go to.")


class CredentialTypeSerializer(serializers.Serializer):
    type = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of ours
    note = serializers.CharField()
    trial = ChoiceField(choices=["url", "service", "none"], help_text="What it can be tried on.")
    redirect_uri = serializers.CharField(
        allow_null=True,
        help_text="What to register with the service, where a person may have to consent.",
    )
    schema = ObjectField(help_text="JSON Schema of the values; secrets are `writeOnly`.")


class CredentialTypesSerializer(serializers.Serializer):
    results = CredentialTypeSerializer(many=True)
