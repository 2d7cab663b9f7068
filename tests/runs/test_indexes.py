"""What refers to a row that is deleted is found by an index, also where most rows refer to none."""

from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.db.migrations.state import ProjectState

from apps.runs.models import Run
from apps.triggers.models import WebhookRequest
from apps.workspaces.indexes import AddIndexInUse, DropForeignKeyIndex

# Which model refers by which column; and the index that tells who refers.
REFERRING = [
    (Run, "worker_id", "runs_of_workers"),
    (Run, "retry_of_id", "runs_retries"),
    (Run, "parent_step_id", "runs_child_once_an_item"),
    (WebhookRequest, "body_payload_id", "webhook_requests_payloads"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("model", "column", "index"), REFERRING)
def test_what_refers_to_a_row_is_found_by_an_index(model: Any, column: str, index: str) -> None:
    """Asked as Django does, and as the foreign key itself does where the row goes."""
    table = model._meta.db_table
    is_postgres = connection.vendor == "postgresql"
    by_django = model._base_manager.filter(**{f"{column}__in": [uuid4()]}).only("pk")
    with transaction.atomic(), connection.cursor() as cursor:
        if is_postgres:
            # The table is empty: what is asked is whether the index may be used at all.
            cursor.execute("SET LOCAL enable_seqscan = off")
        assert index in by_django.explain()
        explain = "EXPLAIN" if is_postgres else "EXPLAIN QUERY PLAN"
        given = uuid4() if is_postgres else uuid4().hex
        cursor.execute(f"{explain} SELECT 1 FROM {table} WHERE {column} = %s", [given])
        assert index in str(cursor.fetchall())


def indexes_of_workers() -> set[str]:
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, "runs")
    return {
        name for name, each in found.items() if each["index"] and each["columns"] == ["worker_id"]
    }


@pytest.mark.django_db(transaction=True)
def test_a_migration_drops_the_index_of_a_foreign_key_and_gives_it_back() -> None:
    before = indexes_of_workers()
    drop = DropForeignKeyIndex("run", "worker", Run._meta.get_field("worker"))
    state = ProjectState.from_apps(apps)
    with connection.schema_editor(atomic=False) as editor:
        drop.database_backwards("runs", editor, state, state)
    assert len(indexes_of_workers() - before) == 1
    with connection.schema_editor(atomic=False) as editor:
        drop.database_forwards("runs", editor, state, state)
    assert indexes_of_workers() == before == {"runs_owned", "runs_of_workers"}


@pytest.mark.django_db(transaction=True)
def test_a_migration_builds_an_index_and_takes_it_away() -> None:
    [index] = [each for each in Run._meta.indexes if each.name == "runs_of_workers"]
    add = AddIndexInUse("run", index)
    state = ProjectState.from_apps(apps)
    with connection.schema_editor(atomic=False) as editor:
        add.database_backwards("runs", editor, state, state)
    assert indexes_of_workers() == {"runs_owned"}
    with connection.schema_editor(atomic=False) as editor:
        add.database_forwards("runs", editor, state, state)
    assert indexes_of_workers() == {"runs_owned", "runs_of_workers"}
