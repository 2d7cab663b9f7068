"""Warns of what a graph mentions and has not: nodes in expressions and code, other workflows (to
run, or to tell of failures), what answers a webhook, what sends the address of a wait, what is to
come in the place of a placeholder.

Warnings, since code may ask `$('X')` only where it knows that X is there.
"""

import re
from collections.abc import Iterator
from itertools import islice
from uuid import UUID

from apps.engine.encoding import encode
from apps.engine.errors import Fault, FlowForgeError
from apps.engine.faults import Faults, quoted
from apps.engine.graph import Graph, Node
from apps.engine.items import Json
from apps.engine.outcomes import Kind
from apps.engine.suggest import did_you_mean
from apps.expressions.lookup import nodes_named
from apps.expressions.scan import split
from apps.expressions.slots import find_slots
from apps.expressions.template import is_template
from apps.nodes.registry import library
from apps.versions.error_workflow import error_workflow_fault
from apps.workflows.models import Workflow

_UNSIGNED = re.compile(r"\{\{[^{}]{0,500}?\$[a-zA-Z(]")
MOST_COMPARED = 500
"""Looking for similar names is slow."""


def mention_warnings(graph: Graph, workspace: UUID) -> list[Fault]:
    """What will fail, or stay the text it is, when the nodes that are not disabled run."""
    warnings = Faults()
    live = [(place, node) for place, node in enumerate(graph.nodes) if not node.disabled]
    names = {node.name for node in graph.nodes}
    for place, node in live:
        for path, code, told in _oddities(node, names):
            near = "" if warnings.is_full(code) else _near(code, told, names)
            sentence = f"Node {quoted(node.name)}: {_SENTENCES[code].format(quoted(told))}{near}"
            warnings.add(f"nodes[{place}].params.{path}", code, sentence)
    _called_workflows(live, workspace, warnings)
    if fault := error_workflow_fault(graph.settings.error_workflow, workspace):
        warnings.add(fault.path, fault.code, fault.message)
    _answers(live, warnings)
    _addresses(live, warnings)
    _placeholders(live, warnings)
    return warnings.told()


_SENTENCES = {
    "expression_unknown_node": "There is no node named {}.",
    "expression_in_trigger": "{} stays plain text: before a trigger there are no items.",
    "looks_like_expression": "{} is plain text; an expression begins with “=”.",
}


def _near(code: str, name: str, names: set[str]) -> str:
    compared = islice(sorted(names), MOST_COMPARED)
    return did_you_mean(name, compared) if code == "expression_unknown_node" else ""


def _oddities(node: Node, names: set[str]) -> Iterator[tuple[str, str, str]]:
    """Path, code and the text that is odd."""
    type = library().find(node.type, node.type_version)
    if type is None:
        return
    try:
        _, texts = find_slots(node.params, _is_text, skip=type.code_fields)
    except FlowForgeError:
        return  # nested too deep, which is a fault already
    for _, path, text in texts:
        if type.kind is Kind.TRIGGER:  # whose params are never resolved
            if is_template(text) and "{{" in text:
                yield path, "expression_in_trigger", text
        elif is_template(text):
            sources = [part.source for part in split(text, start=1) if part.is_code]
            yield from _unknown(path, sources, names)
        elif _UNSIGNED.search(text):
            yield path, "looks_like_expression", text
    for path in sorted(type.code_fields):
        if isinstance(code := node.params.get(path), str):
            yield from _unknown(path, [code], names)


def _is_text(value: Json) -> bool:
    return isinstance(value, str)


def _unknown(path: str, sources: list[str], names: set[str]) -> Iterator[tuple[str, str, str]]:
    named = dict.fromkeys(name for source in sources for name, _ in nodes_named(source))
    for name in named:
        if name not in names:
            yield path, "expression_unknown_node", name


def _answers(live: list[tuple[int, Node]], warnings: Faults) -> None:
    """Webhooks that wait for a node's answer, and nodes that answer, go together."""
    answering = [(place, node) for place, node in live if node.type == "respond_to_webhook"]
    waiting = [
        (place, node)
        for place, node in live
        if node.type == "webhook" and node.params.get("respond") == "respond_node"
    ]
    if not waiting:
        for place, node in answering:
            told = f"Node {quoted(node.name)}: no webhook here waits for what a node answers."
            warnings.add(f"nodes[{place}].type", "answer_is_not_sent", told)
    if not answering:
        for place, node in waiting:
            told = f"Node {quoted(node.name)}: no Respond to Webhook node answers its senders."
            warnings.add(f"nodes[{place}].params.respond", "nothing_answers", told)


def _addresses(live: list[tuple[int, Node]], warnings: Faults) -> None:
    """Nodes that wait for a request need one that sends their address to somebody; so do pages of
    forms, but where a form has begun."""
    types = {"wait_for_webhook"}
    if not any(node.type == "form" for _, node in live):
        types.add("form_page")
    waiting = [(place, node) for place, node in live if node.type in types]
    if waiting and not any(_names_address(node) for _, node in live):
        for place, node in waiting:
            told = f"Node {quoted(node.name)}: no node sends its address, $execution.resumeUrl."
            warnings.add(f"nodes[{place}].type", "nobody_is_told", told)


def _placeholders(live: list[tuple[int, Node]], warnings: Faults) -> None:
    for place, node in live:
        stands_for = node.params.get("stands_for")
        if node.type == "no_operation" and isinstance(stands_for, str) and stands_for:
            told = f"Node {quoted(node.name)}: It does nothing. It stands for {quoted(stands_for)}."
            warnings.add(f"nodes[{place}].params.stands_for", "placeholder", told)


def _names_address(node: Node) -> bool:
    try:
        return b"resumeUrl" in encode(node.params)
    except FlowForgeError:
        return False  # which is a fault already


def _called_workflows(live: list[tuple[int, Node]], workspace: UUID, warnings: Faults) -> None:
    called = [
        (place, node, written)
        for place, node in live
        if node.type == "run_workflow"
        and isinstance(written := node.params.get("workflow"), str)
        and written
        and not is_template(written)
    ]
    ids = {written: id for _, _, written in called if (id := _id(written)) is not None}
    rows = Workflow.objects.filter(workspace=workspace, pk__in=ids.values())
    known = {row.pk: row for row in rows if not row.is_archived} if ids else {}
    for place, node, written in called:
        path, name = f"nodes[{place}].params.workflow", f"Node {quoted(node.name)}"
        found = known.get(ids[written]) if written in ids else None
        if found is None:
            told = f"{name}: There is no workflow {quoted(written)} in this workspace."
            warnings.add(path, "workflow_unknown", told)
        elif found.version is None:
            told = f"{name}: The workflow {quoted(found.name)} is not published yet."
            warnings.add(path, "workflow_not_published", told)


def _id(written: str) -> UUID | None:
    try:
        return UUID(written)
    except ValueError:
        return None
