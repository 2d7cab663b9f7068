"""No Operation: what its example cannot say."""

from apps.engine.items import Item
from tests.nodes.twins import outputs_of, sources_of, type_of

FILES = {"f": {"id": "x"}}


def test_items_pass_with_their_files_and_their_lineage() -> None:
    given = outputs_of("no_operation", {}, [{"n": 1}, Item({"n": 2}, FILES)])["main"]
    assert [(item.json, item.binary) for item in given] == [({"n": 1}, None), ({"n": 2}, FILES)]
    assert sources_of(given) == [[0], [1]]


def test_no_items_give_none() -> None:
    assert outputs_of("no_operation", {}, []) == {"main": []}


def test_what_it_stands_for_is_plain_text() -> None:
    assert type_of("no_operation").check({"stands_for": "Tell Ada"}) == []
    [fault] = type_of("no_operation").check({"stands_for": "={{ $json.a }}"})
    assert (fault.path, fault.code) == ("stands_for", "literal_only")
