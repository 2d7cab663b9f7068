"""The base of what reads request bodies."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from apps.workspaces.unknown_names import unknown_keys


class Body(serializers.Serializer):
    """A request's body: a key that it does not declare is a fault like any other.

    By itself the body of a request that takes none.
    """

    def to_internal_value(self, data: Any) -> Any:
        unknown = unknown_keys(data, self.fields) if isinstance(data, Mapping) else []
        faults: dict[str, Any] = {}
        try:
            read = super().to_internal_value(data)
        except serializers.ValidationError as error:
            faults = dict(error.detail)  # type: ignore[arg-type]
        for fault in unknown:
            faults[fault.path] = [serializers.ErrorDetail(fault.message, fault.code)]
        if faults:
            raise serializers.ValidationError(faults)
        return read
