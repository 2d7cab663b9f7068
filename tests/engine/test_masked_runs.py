"""What a run records, tells and passes on is without the secrets that it knows."""

from dataclasses import asdict
from typing import Any

import pytest

from apps.engine.encoding import encode
from apps.engine.errors import NodeError
from apps.engine.items import Item
from apps.engine.limits import Limits
from apps.engine.masking import MASK, Masker
from apps.engine.outcomes import Done, Kind, Outcome
from apps.engine.ports import Attempt, StepCall
from apps.engine.recorder import MAX_LOG_TEXT
from tests.engine.library import TestLibrary, TestType, taken
from tests.engine.runs import Ran, edge, node, run_graph

SECRET = "tok-7Yq2Lx93Vb"


def reveal(call: StepCall, attempt: Attempt | None) -> Outcome:
    """Uses the secret and gives, says or raises what its params tell, `*` standing for it."""
    assert attempt is not None
    attempt.hide([SECRET])
    params = {name: str(text).replace("*", SECRET) for name, text in call.node.params.items()}
    if "log" in params:
        attempt.log("info", params["log"])
    if "kept" in params:
        return Done({"main": [Item({"kept": attempt.masked(params["kept"].encode()).decode()})]})
    if "raises" in params:
        raise RuntimeError(params["raises"])
    if "fails" in params:
        raise NodeError("http_status", params["fails"], params["fails"], retryable=True)
    items = [Item({**item.json, params.get("key", "got"): params["gives"]}) for item in taken(call)]
    error = NodeError("partly", params["partly"]) if "partly" in params else None
    return Done({"main": items}, error)


def run(
    *, kind: Kind = Kind.EFFECT, on_error: str = "stop", then: str = "add", **params: Any
) -> Ran:
    library = TestLibrary()
    library.put(TestType("reveal", kind, reveal))
    ran = run_graph(
        [
            node("s", "start"),
            node("r", "reveal", params=params, on_error=on_error),
            node("x", then, params={"node": "r"}),
        ],
        [edge("s -> r"), edge("r -> x")],
        library=library,
    )
    assert SECRET not in everything(ran)
    return ran


def everything(ran: Ran) -> str:
    rows = [asdict(row) for row in ran.stored.steps.values()]
    return repr((rows, ran.stored.marks, ran.stored.error, ran.events()))


@pytest.mark.parametrize("kind", [Kind.EFFECT, Kind.PURE])
def test_what_a_step_gives_is_masked_and_passed_on_so(kind: Kind):
    ran = run(kind=kind, gives="Bearer *", then="recall")
    assert ran.output("r")["main"][0]["json"]["got"] == f"Bearer {MASK}"
    assert ran.output("x")["main"][0]["json"]["seen"]["got"] == f"Bearer {MASK}"
    assert ran.output("r")["main"][0]["pairedItem"] == {"item": 0}


def test_a_key_is_masked_like_a_value():
    ran = run(key="by *", gives="*")
    assert ran.output("r")["main"][0]["json"][f"by {MASK}"] == MASK


@pytest.mark.parametrize("kind", [Kind.EFFECT, Kind.PURE])
def test_log_lines_are_masked_before_they_are_cut(kind: Kind):
    ran = run(kind=kind, gives="", log="x" * (MAX_LOG_TEXT - 4) + "* and more")
    [line] = ran.stored.steps["r", 0].log
    assert line["text"].startswith("x" * (MAX_LOG_TEXT - 4) + MASK[:4])
    assert SECRET[:4] not in line["text"]


def test_an_error_is_masked_in_step_run_and_events():
    ran = run(fails="401: *")
    assert ran.stored.steps["r", 0].error["message"] == f"401: {MASK}"
    assert ran.stored.error["message"] == f"401: {MASK}"
    assert ran.stored.error["hint"] == f"401: {MASK}"


def test_an_error_that_goes_on_as_data_is_masked():
    ran = run(fails="401: *", on_error="continue")
    assert ran.output("r")["main"][0]["json"]["error"]["message"] == f"401: {MASK}"
    ran = run(gives="", partly="1 of 2: *", on_error="continue")
    assert ran.stored.steps["r", 0].error["message"] == f"1 of 2: {MASK}"


def test_an_error_of_ours_tells_no_secret():
    assert run(raises="boom *").stored.error["code"] == "internal_error"


def test_what_is_kept_beside_the_items_is_masked():
    assert run(kept="a=*").output("r")["main"][0]["json"]["kept"] == f"a={MASK}"


def test_secrets_that_the_run_knew_before_are_masked_in_what_its_trigger_gave():
    ran = run_graph(
        [node("s", "start"), node("x", "add")],
        [edge("s -> x")],
        items=[Item({"path": [SECRET]})],
        masker=Masker([SECRET]),
    )
    assert ran.output("s")["main"][0]["json"]["path"] == [MASK]


def test_two_keys_that_are_masked_alike_stay_two():
    library = TestLibrary()

    def give_two(call: StepCall, attempt: Attempt | None) -> Outcome:
        return Done({"main": [Item({SECRET: 1, SECRET.upper(): 2})]})

    library.put(TestType("two", Kind.PURE, give_two))
    ran = run_graph(
        [node("s", "start"), node("t", "two")],
        [edge("s -> t")],
        library=library,
        masker=Masker([SECRET]),
    )
    assert ran.stored.steps["t", 0].output == encode(
        {"main": [{"json": {MASK: 1, f"{MASK} 2": 2}, "pairedItem": {"item": 0}}]}
    )


def test_the_cap_counts_what_is_stored():
    """The mask is longer than some secrets: what is kept stays under the cap all the same."""
    items = [Item({"t": [SECRET] * 40})]
    ran = run_graph(
        [node("s", "start")],
        [],
        items=items,
        masker=Masker([SECRET]),
        limits=Limits(step_output_bytes=len(encode(items[0].json)) + 60),
    )
    assert ran.stored.error["code"] == "output_too_large"


def test_an_outputs_name_is_no_secret():
    ran = run_graph(
        [node("s", "start"), node("p", "split")],
        [edge("s -> p")],
        masker=Masker(["main", "pairedItem", "true", "false"]),
    )
    assert ran.status == "completed"
