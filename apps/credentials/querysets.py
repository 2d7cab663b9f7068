"""Questions asked about credentials."""

from typing import Self

from apps.workspaces.querysets import TenantQuerySet


class CredentialQuerySet(TenantQuerySet):
    def sealed_by_others_than(self, key_ids: list[str]) -> Self:
        """Credentials that none of these keys has sealed."""
        return self.exclude(key_id__in=key_ids)
