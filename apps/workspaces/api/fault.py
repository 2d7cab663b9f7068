"""How answers bear what is wrong, or odd, with something: `errors` and `warnings`."""

from rest_framework import serializers


class FaultSerializer(serializers.Serializer):
    path = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()
