"""Empties the tables after a test that commits (`transaction=True`)."""

from django.core.management.color import no_style
from django.db import connection
from django.test import TransactionTestCase

KEPT = {"django_content_type", "auth_permission"}
"""What `migrate` writes down of the models. Django's own flush writes it anew after each test,
which takes longer than most of these tests do."""


def empty_tables(test: TransactionTestCase) -> None:
    """Delete every row but what `migrate` wrote; stands in for Django's own flush."""
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    others = [table for table in tables if table not in KEPT]
    connection.ops.execute_sql_flush(connection.ops.sql_flush(no_style(), others))
