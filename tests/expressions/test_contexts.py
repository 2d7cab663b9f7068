"""Contexts are made in advance, and nothing of one evaluation is in the next."""

import json
import time

from apps.expressions.sandbox import Sandbox
from apps.expressions.scope import Scope
from apps.expressions.transform import transform
from tests.expressions.pool import run

POLLUTE = """
Object.prototype.stolen = $json.secret;
Array.prototype.map = () => $json.secret;
DateTime.now = () => $json.secret;
DateTime.prototype.toISO = () => $json.secret;
DateTime.stolen = globalThis.stolen = $json.secret;
luxonWas = DateTime;
JSON.stringify = JSON.parse = () => $json.secret;
Date.prototype.toJSON = () => $json.secret;
/(secret)/.exec("a secret");
return [DateTime.now()];
"""


LEFT = """
const found = [{}.stolen, [1].map(x => x), globalThis.stolen, typeof luxonWas, RegExp.$1,
  JSON.stringify(1), JSON.parse("1"), new Date(0).toJSON()];
"""


PROBES = [
    f"{LEFT} return found;",
    f"{LEFT} return [...found, DateTime.stolen, DateTime.fromMillis(0, {{zone: 'UTC'}}).toISO()];",
]


def test_nothing_of_one_evaluation_reaches_the_next(small: Sandbox) -> None:
    secret = Scope(items=[{"json": {"secret": "hunter2"}}])
    clean = [run(probe, small) for probe in PROBES]
    assert "hunter2" not in json.dumps(clean)
    for _ in range(3):
        time.sleep(0.05)  # for the next contexts to be made
        assert transform(POLLUTE, secret, small, mode="all").value == ["hunter2"]
        assert [run(probe, small) for probe in PROBES] == clean


def test_code_that_asks_for_nothing_has_nothing_of_a_library(small: Sandbox) -> None:
    seen = "return [Object.keys(globalThis), Object.getOwnPropertyNames(globalThis)]"
    first = run(seen, small)
    time.sleep(0.05)
    assert run("return DateTime.now().isValid", small) is True
    assert run(seen, small) == first


def test_a_library_is_there_at_once_and_after_a_rest(small: Sandbox) -> None:
    year = "return DateTime.fromMillis(0, {zone: 'UTC'}).year"
    for rest in (0, 0, 0.05, 0, 0.05):
        time.sleep(rest)
        assert run(year, small) == 1970
