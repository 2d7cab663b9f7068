"""Judges the credentials that a graph names: they are there, and of a type that the node takes."""

from collections.abc import Iterator
from uuid import UUID

from apps.credentials.models import Credential
from apps.credentials.vault import credential_id
from apps.engine.errors import Fault
from apps.engine.faults import quoted
from apps.engine.graph import Graph, Node
from apps.nodes.credential_types import CREDENTIAL_TYPES
from apps.nodes.registry import library


def credential_faults(graph: Graph, workspace: UUID) -> Iterator[tuple[Node, Fault]]:
    """What is wrong with the credentials that nodes name, with the node that names each."""
    naming = [
        (index, node, node.params["credential"])
        for index, node in enumerate(graph.nodes)
        if isinstance(node.params.get("credential"), str)
    ]
    written_ids = {written for _, _, written in naming}
    known = _types(written_ids, workspace)
    named = _ids_by_name(written_ids - set(known), workspace)
    for index, node, written in naming:
        type = library().find(node.type, node.type_version)
        if type is None or not type.credentials:
            continue
        place = f"nodes[{index}].params.credential"
        found = known.get(written)
        if found is None:
            told = f"There is no credential {quoted(written)} in this workspace."
            if written in named:
                told += f" Is the one of that name meant? Give its id: {named[written]}."
            yield node, Fault(place, "credential_unknown", f"Node {quoted(node.name)}: {told}")
        elif found not in (types := type.credentials_for(node.params)):
            taken = " or ".join(CREDENTIAL_TYPES[each].label for each in types) or "none"
            told = f"This node takes a credential of the type {taken}, not {_label(found)}."
            yield node, Fault(place, "credential_wrong_type", f"Node {quoted(node.name)}: {told}")


def _types(written: set[str], workspace: UUID) -> dict[str, str]:
    """The types of those credentials that the workspace has, by their ids as the graph has them."""
    ids = {text: id for text in written if (id := credential_id(text)) is not None}
    if not ids:
        return {}
    rows = Credential.objects.filter(workspace=workspace, pk__in=ids.values())
    types = dict(rows.values_list("pk", "type"))
    return {text: types[id] for text, id in ids.items() if id in types}


def _ids_by_name(names: set[str], workspace: UUID) -> dict[str, UUID]:
    """The credentials that the workspace has by a name where a graph must have their id."""
    if not names:
        return {}
    rows = Credential.objects.filter(workspace=workspace, name__in=names)
    return dict(rows.values_list("name", "pk"))


def _label(type: str) -> str:
    return CREDENTIAL_TYPES[type].label if type in CREDENTIAL_TYPES else type
