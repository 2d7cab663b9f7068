"""Judges a graph against the node library, and against what its workspace has."""

from uuid import UUID

from apps.engine.errors import FaultsError
from apps.engine.items import Json
from apps.engine.validate import Validation, validate_graph
from apps.nodes.registry import library
from apps.versions.credentials import credential_faults
from apps.versions.limit_key import key_faults
from apps.versions.mentions import mention_warnings


def validate(document: Json, workspace: UUID) -> Validation:
    """Everything that is wrong with a graph of this workspace, and what is only odd."""
    validation = validate_graph(document, library())
    if validation.graph is not None:
        validation.errors.extend(key_faults(validation.graph.settings))
        for node, fault in credential_faults(validation.graph, workspace):
            # A disabled node takes no part: it may be half finished.
            (validation.warnings if node.disabled else validation.errors).append(fault)
        validation.warnings.extend(mention_warnings(validation.graph, workspace))
    return validation


def require_graph(validation: Validation) -> None:
    """Refuse what is no graph at all. What is only meant wrong passes: a draft may be half done."""
    if validation.graph is None:
        raise FaultsError(validation.errors, "This is no graph.")


def require_valid(validation: Validation) -> None:
    """Refuse a graph that cannot be run, with everything that is wrong with it."""
    if validation.errors:
        raise FaultsError(validation.errors, "The graph has faults.")
