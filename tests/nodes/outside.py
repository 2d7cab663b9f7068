"""The outside of one example: what answers its requests, its files, its database."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from apps.engine.items import Item, Json
from apps.engine.ports import RunInfo
from apps.nodes.context import Services, bound
from apps.nodes.contract import Example
from apps.nodes.vault import Credential
from tests.nodes.databases import Database
from tests.nodes.mails import MemoryMailer, told
from tests.nodes.twins import MemoryFiles, MemoryRuns, StubHttp

SLACK = {"bot_token": "xoxb-0-example", "webhook_url": "https://hooks.slack.test/services/T0/B0/x"}


class CredentialsByType:
    """A vault whose every id stands for the one credential of the type that is wanted."""

    def __init__(self, values: Mapping[str, Mapping[str, Any]]) -> None:
        self._values = values

    def reveal(self, run: RunInfo, id: str, types: Sequence[str], check: Any) -> Credential:
        [type] = [type for type in types if type in self._values]
        return Credential(type, self._values[type])


@contextmanager
def database_with(set_up: str, server_url: str, services: Services) -> Iterator[Database]:
    """Bind a new database, which every credential stands for."""
    database = Database(server_url, set_up)
    vault = CredentialsByType({"postgres": database.values})
    with bound(replace(services, egress=database.policy, credentials=vault)):
        yield database


class Outside:
    """What an example meets outside of its node."""

    def __init__(self, example: Example) -> None:
        self._example = example
        self.http = StubHttp(example.http)
        self.files = MemoryFiles()
        self.mailer = MemoryMailer()

    def taken(self) -> Mapping[str, Sequence[Json]] | Sequence[Json]:
        """What the example takes, its files kept."""
        takes = self._example.takes
        if not self._example.takes_files:
            return takes
        assert not isinstance(takes, Mapping)
        return [
            Item(json, {name: self.files.reference(file) for name, file in own.items()})
            for json, own in zip(takes, self._example.takes_files, strict=True)
        ]

    def require_as_told(self, given: Sequence[Item]) -> None:
        """Nothing is left unasked, and files and mail are those that the example tells of."""
        assert not self.http.left
        self.require_mail()
        wanted = self._example.gives_files
        if wanted:
            told = [self.files.told(item, want) for item, want in zip(given, wanted, strict=True)]
            assert told == list(wanted)

    def require_mail(self) -> None:
        """Just the messages that the example tells of were sent."""
        sent = [told(message) for message in self.mailer.sent]
        assert [
            {name: message[name] for name in wanted}
            for message, wanted in zip(sent, self._example.mail, strict=True)
        ] == list(self._example.mail)


@contextmanager
def outside_of(
    example: Example, services: Services, request: pytest.FixtureRequest
) -> Iterator[Outside]:
    """Bind what the example needs; an example that reads or writes a database gets a real one."""
    outside = Outside(example)
    mine = replace(
        services,
        transport=outside.http,
        files=outside.files,
        mailer=outside.mailer,
        other_runs=MemoryRuns(),
    )
    values: dict[str, Mapping[str, Any]] = {"slack": SLACK, **example.credentials}
    if example.postgres is not None:
        database = Database(request.getfixturevalue("postgres_url"), example.postgres)
        values["postgres"] = database.values
        mine = replace(mine, egress=database.policy)
    mine = replace(mine, credentials=CredentialsByType(values))
    with bound(mine):
        yield outside
