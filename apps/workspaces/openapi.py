"""Tells drf-spectacular what the views cannot: how API keys are sent, and what a refusal is."""

from typing import Any

from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerExtension,
)
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import get_lib_doc_excludes

from apps.workspaces.api.body import Body
from apps.workspaces.problems import CONTENT_TYPE
from apps.workspaces.views import TenantView


class ApiKeyScheme(OpenApiAuthenticationExtension):
    target_class = "apps.workspaces.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "ff_…"}


class BodyExtension(OpenApiSerializerExtension):
    """Says that a body has no keys but those of its fields."""

    target_class = Body
    match_subclasses = True

    def map_serializer(self, auto_schema: AutoSchema, direction: Any) -> dict[str, Any]:
        schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return {**schema, "additionalProperties": False}


def bases() -> list[type]:
    """Classes whose docstrings are for who reads the code: no operation is described by them."""
    return [*get_lib_doc_excludes(), TenantView, Body]


PROBLEM = {
    "type": "object",
    "description": "Why a request was refused (RFC 9457), with every fault by its path.",
    "required": ["type", "title", "status", "detail", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["path", "code", "message"],
                "properties": {
                    **{name: {"type": "string"} for name in ("path", "code", "message")},
                    "position": {
                        "type": "object",
                        "description": "Where in an expression: characters from 0, lines and "
                        "columns from 1, counted in code points.",
                        "required": ["character", "line", "column"],
                        "properties": {
                            name: {"type": "integer"} for name in ("character", "line", "column")
                        },
                    },
                },
            },
        },
    },
}


def add_problems(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Say of every operation that all its answers but the named ones are problems."""
    result["components"]["schemas"]["Problem"] = PROBLEM
    told = {"schema": {"$ref": "#/components/schemas/Problem"}}
    answer = {"description": "A problem.", "content": {CONTENT_TYPE: told}}
    for path in result["paths"].values():
        for operation in path.values():
            operation["responses"].setdefault("default", answer)
    return result
