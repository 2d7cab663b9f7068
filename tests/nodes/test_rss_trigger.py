"""RSS Trigger: the entry becomes an item; what is new is told by the entries' ids."""

import pytest

from apps.engine.items import Json
from apps.nodes.library.rss_trigger import ENTRY
from apps.nodes.polls import feed
from apps.nodes.polls.feed import new_entries
from tests.nodes.twins import jsons_of, type_of


def entry(title: str, id: str | None = None) -> dict[str, Json]:
    return {"title": title, "id": id}


def titles(entries: list[dict[str, Json]], seen: Json) -> tuple[list[Json], Json]:
    new, by_now, _ = new_entries(entries, seen)
    return [each.json["title"] for each in new], by_now


def test_the_entry_passes_as_it_is() -> None:
    assert jsons_of("rss_trigger", {"url": "https://news.test/"}, [ENTRY]) == [ENTRY]


@pytest.mark.parametrize("minutes", [0, 7 * 24 * 60 + 1, 1.5])
def test_it_looks_each_minute_at_most_and_each_week_at_least(minutes: float) -> None:
    params = {"url": "https://news.test/", "every_minutes": minutes}
    assert [fault.path for fault in type_of("rss_trigger").check(params)] == ["every_minutes"]


def test_an_entry_that_is_changed_is_not_new_by_its_id() -> None:
    _, cursor = titles([entry("a", "1")], None)
    assert titles([entry("b", "1")], cursor) == ([], cursor)


def test_an_entry_without_an_id_is_known_by_all_of_it() -> None:
    _, cursor = titles([entry("a")], None)
    assert titles([entry("b"), entry("a")], cursor)[0] == ["b"]


def test_the_same_entry_twice_is_one() -> None:
    _, cursor = titles([], None)
    assert titles([entry("a", "1"), entry("a", "1")], cursor)[0] == ["a"]


def test_what_is_gone_is_remembered_for_a_while_and_not_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(feed, "KEPT", 2)
    cursor: Json = None
    for number in range(6):
        _, cursor = titles([entry("", str(number))], cursor)
    assert len(cursor) == 3
    assert titles([entry("a", "4"), entry("b", "0")], cursor)[0] == ["b"]
