"""Questions asked about what is sealed."""

from typing import Self

from apps.workspaces.querysets import TenantQuerySet


class SealedQuerySet(TenantQuerySet):
    def sealed_by_others_than(self, key_ids: list[str]) -> Self:
        """What none of these keys has sealed."""
        return self.exclude(key_id__in=key_ids)


class CredentialQuerySet(SealedQuerySet):
    def named_like(self, words: str) -> Self:
        """Credentials whose name contains the words, in any case."""
        return self.filter(name_folded__contains=words.casefold())
