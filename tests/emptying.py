"""Empties the tables after a test that commits (`transaction=True`)."""

from django.core.management.color import no_style
from django.db import connection, transaction
from django.test import TransactionTestCase

KEPT = {"django_content_type", "auth_permission"}
"""What `migrate` writes down of the models. Django's own flush writes it anew after each test,
which takes longer than most of these tests do."""


def empty_tables(test: TransactionTestCase) -> None:
    """Delete every row but what `migrate` wrote; stands in for Django's own flush."""
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    others = [table for table in tables if table not in KEPT]
    if connection.vendor == "postgresql":
        delete_all(others)
    else:
        connection.ops.execute_sql_flush(connection.ops.sql_flush(no_style(), others))


def delete_all(tables: list[str]) -> None:
    """Delete rows, of which a test leaves few: TRUNCATE makes new files for each table and index.

    As TRUNCATE does, it waits for whoever still writes, and looks after no foreign key (which
    only a superuser can ask for).
    """
    names = [connection.ops.quote_name(table) for table in tables]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(f"LOCK TABLE {', '.join(names)} IN EXCLUSIVE MODE")
        cursor.execute("; ".join(f"DELETE FROM {name}" for name in names))
