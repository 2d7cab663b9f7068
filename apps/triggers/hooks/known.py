"""Addresses that hooks came to before: what is known of them spares a look, and is proved when
hooks are stored.

Only those at exactly their path: what would go before one is another at the same path, which makes
a refusal of what was known, or none at all.
"""

from apps.nodes.webhooks.paths import has_names
from apps.runs import sql
from apps.triggers.hooks.addresses import Endpoint, Endpoints, Parts

MOST = 1_000

Known = dict[Parts, list[Endpoint]]

_known: Known = {}


def recall(asked: set[Parts]) -> Known | None:
    """What is known of all these addresses; None where one of them is not."""
    try:
        return {parts: _known[parts] for parts in asked}
    except KeyError:
        return None


def still_so(recalled: Known) -> sql.Condition:
    """That all of them are live as they were, with the versions that they start."""
    endpoints = [each for found in recalled.values() for each in found]
    params = [
        value for each in endpoints for value in (each.id, each.path, each.method, each.version.pk)
    ]
    same = "(endpoint.id = %s AND endpoint.path = %s AND endpoint.method = %s AND version.id = %s)"
    expression = f"""{len(endpoints)} = (
        SELECT count(*)
          FROM webhook_endpoints AS endpoint
          JOIN workflows AS workflow ON workflow.id = endpoint.workflow_id
          JOIN workflow_versions AS version
            ON version.workflow_id = workflow.id AND version.version = workflow.version
         WHERE endpoint.is_live AND ({" OR ".join([same] * len(endpoints))}))"""  # noqa: S608 - placeholders
    return sql.Condition(expression, params)


def remember(endpoints: Endpoints) -> None:
    """Keep those that may be recalled."""
    for parts, found in endpoints.items():
        own = [each for each in found if isinstance(each, Endpoint) and not has_names(each.path)]
        if len(own) == len(found):
            _known.pop(parts, None)
            _known[parts] = own
    while len(_known) > MOST:
        del _known[next(iter(_known))]


def forget(endpoints: Known) -> None:
    for parts in endpoints:
        _known.pop(parts, None)
