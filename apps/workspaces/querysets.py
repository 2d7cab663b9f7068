"""What a principal sees. Every query for somebody starts with one of these."""

from typing import TYPE_CHECKING, Literal, Self

from django.db import connection, models

from apps.workspaces.ids import first_id_at
from apps.workspaces.permissions import RIGHTS, Principal

if TYPE_CHECKING:
    from datetime import datetime

IS_MEMBER = "workspace.view"
"""What all who are in a workspace may do."""


class TenantQuerySet(models.QuerySet):
    """Rows of a table that bears `workspace`."""

    def visible_to(self, principal: Principal, action: str = IS_MEMBER) -> Self:
        """The rows of the principal's workspaces; with an action, of those where it is allowed."""
        return self.filter(workspace__in=principal.workspace_ids(RIGHTS[action]))


class WorkspaceQuerySet(models.QuerySet):
    def visible_to(self, principal: Principal, action: str = IS_MEMBER) -> Self:
        return self.filter(pk__in=principal.workspace_ids(RIGHTS[action]))


class UserQuerySet(models.QuerySet):
    def visible_to(self, principal: Principal, action: str = IS_MEMBER) -> Self:
        """The members of the principal's workspaces."""
        workspaces = principal.workspace_ids(RIGHTS[action])
        return self.filter(memberships__workspace__in=workspaces).distinct()


EACH = """
WITH RECURSIVE found(value) AS (
    SELECT MIN({column}) FROM audit_entries
    UNION ALL
    SELECT (SELECT MIN({column}) FROM audit_entries WHERE {column} > found.value)
    FROM found WHERE found.value IS NOT NULL
)
SELECT value FROM found WHERE value IS NOT NULL
"""


class AuditQuerySet(TenantQuerySet):
    @staticmethod
    def each(column: Literal["action", "who"]) -> list[str]:
        """Each value that the column has, in all workspaces, by one look into its index for each:
        DISTINCT reads all entries."""
        with connection.cursor() as cursor:
            cursor.execute(EACH.format(column=column))
            return [value for (value,) in cursor.fetchall()]

    def done_by(self, text: str) -> Self:
        """What those did whose names, as they had them then, contain the text, in any case."""
        part = text.casefold()
        return self.filter(who__in=[who for who in self.each("who") if part in who.casefold()])

    def between(self, start: "datetime | None" = None, end: "datetime | None" = None) -> Self:
        """From a moment on, and until before another: by the time in their ids, in whose order
        all indexes are."""
        entries = self
        if start is not None:
            entries = entries.filter(pk__gte=first_id_at(start))
        if end is not None:
            entries = entries.filter(pk__lt=first_id_at(end))
        return entries


class ApiKeyQuerySet(TenantQuerySet):
    def usable(self, now: "datetime") -> Self:
        """Neither revoked nor expired."""
        alive = models.Q(expires_at=None) | models.Q(expires_at__gt=now)
        return self.filter(alive, revoked_at=None)
