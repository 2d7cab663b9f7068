"""Addresses by which somebody without a session answers a step that waits.

Their token names the step and is signed, so it needs no row: it can be computed before the step
begins, and is the same each time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.utils import timezone

from apps.engine.graph import Node
from apps.engine.plan import Plan
from apps.engine.ports import RunInfo

PURPOSES = {"wait_for_webhook": "wait", "approval": "decide", "form_page": "form"}
"""The types of nodes whose steps have an address, and under which path that is."""
VALID_FOR = timedelta(days=400)
"""From the start of the run; no such step waits longer than a year."""


@dataclass(frozen=True, slots=True)
class Link:
    """The step that an address is of, and whom it was given to (empty: nobody in particular)."""

    workspace: UUID
    run: UUID
    node: str
    iteration: int
    recipient: str = ""


class InvalidLinkError(Exception):
    """The token was not made here, or for something else, or long ago."""


class Links:
    """`nodes.inner.Addresses`: on the host of hooks."""

    def of_step(self, run: RunInfo, node: Node, iteration: int, recipient: str = "") -> str:
        purpose = PURPOSES[node.type]
        link = Link(run.workspace, run.id, node.id, iteration, recipient)
        expires_at = int((run.started_at + VALID_FOR).timestamp())
        return f"{settings.HOOKS_URL}/{purpose}/{write_link(link, purpose, expires_at)}"


def write_link(link: Link, purpose: str, expires_at: int) -> str:
    """The token of a link: good for this purpose until then (in Unix time)."""
    return _signer(purpose).sign_object(
        [
            link.workspace.hex,
            link.run.hex,
            link.node,
            link.iteration,
            link.recipient,
            expires_at,
        ]
    )


def read_link(token: str, purpose: str) -> Link:
    """The link of a token. Raises InvalidLinkError."""
    try:
        workspace, run, node, iteration, recipient, expires_at = _signer(purpose).unsign_object(
            token
        )
    except BadSignature:
        raise InvalidLinkError from None
    if timezone.now().timestamp() > expires_at:
        raise InvalidLinkError
    return Link(UUID(workspace), UUID(run), node, iteration, recipient)


def _signer(purpose: str) -> Signer:
    return Signer(salt=f"flowforge.links.{purpose}", sep=".")


def addressed(plan: Plan) -> Mapping[str, Node]:
    """For each node the nearest behind it, or itself, whose steps have an address."""
    found = {id: node for id, node in plan.nodes.items() if _has_address(node)}
    waiting = list(found)
    for id in waiting:  # grows: what leads to the nearest ones comes first
        for edge in plan.incoming[id]:
            if edge.source not in found:
                found[edge.source] = found[id]
                waiting.append(edge.source)
    return found


def _has_address(node: Node) -> bool:
    return node.type in PURPOSES and not node.disabled
