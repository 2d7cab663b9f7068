"""Each audited action says what it changed, before and after, or stands here with why not."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import apps

ROOT = Path(next(iter(apps.__path__)))

NOTHING_TO_TELL = {
    # They make a run, whose own page tells all of it.
    "run.start": "makes a run",
    "run.retry": "makes a run",
    "hook_request.replay": "makes a run",
    # They tell a run's worker, and the run's events what came of it.
    "run.cancel": "sends a signal",
    "run.decide": "sends a signal",
    "run.mark_failed": "sends a signal",
    # They tell how many rows of others went or came.
    "run.expire": "deletes many runs",
    "schedule.backfill": "makes many runs",
    # The text is not for the audit trail.
    "*.*_note": "about another row",
    # Nobody reads what they change.
    "user.password": "a secret",
    "credential.authorize": "a secret",
    # They end what is told nowhere else.
    "user.end_session": "ends a session",
    "user.end_sessions": "ends sessions",
    # They try or send something, and leave its row as it was.
    "credential.test": "only tries",
    "workflow.listen": "only listens",
    "alert_rule.test": "only sends",
    "alert_delivery.send_again": "only sends",
    "user.send_reset_mail": "only sends",
    "periodic_task.send": "only sends",
    "invitation.send_again": "only sends",
    # What makes the row tells it, in an entry of its own.
    "workflow.import": "told by workflow.create",
}


def calls() -> Iterator[tuple[str, bool, str]]:
    """Each call of `record`: the action, whether it gives changes, and where it is."""
    for path in sorted(ROOT.rglob("*.py")):
        text = path.read_text()
        if "workspaces.audit import" not in text:
            continue
        for call in ast.walk(ast.parse(text)):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "record":
                where = f"{path.relative_to(ROOT)}:{call.lineno}"
                for action in actions(call.args[0]):
                    yield action, len(call.args) > 2, where


def actions(named: ast.expr) -> list[str]:
    """The actions that an expression may name; a `*` stands for what is only known later."""
    if isinstance(named, ast.Constant):
        return [str(named.value)]
    if isinstance(named, ast.IfExp):
        return actions(named.body) + actions(named.orelse)
    if isinstance(named, ast.JoinedStr):
        parts = (part.value if isinstance(part, ast.Constant) else "*" for part in named.values)
        return ["".join(map(str, parts))]
    return ["*"]


CALLS = list(calls())


def test_the_deeds_of_all_apps_are_looked_at() -> None:
    assert len(CALLS) > 60
    assert {where.split("/")[0] for _, _, where in CALLS} >= {"runs", "triggers", "operations"}


@pytest.mark.parametrize(("action", "tells", "where"), CALLS, ids=lambda value: str(value))
def test_an_action_tells_what_it_changed(action: str, tells: bool, where: str) -> None:
    assert tells or action in NOTHING_TO_TELL, f"{where}: {action} gives record() no changes."


def test_the_list_of_what_has_nothing_to_tell_is_not_longer_than_it_must_be() -> None:
    silent = {action for action, tells, _ in CALLS if not tells}
    assert NOTHING_TO_TELL.keys() - silent == set()
