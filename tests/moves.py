"""Holds every test to the table of moves: the test database refuses what a run's status may not
become, whoever writes it."""

from django.db import connection

from apps.runs.states import MOVES


def watch_moves() -> None:
    """Make the trigger in the test database."""
    known = ", ".join(f"'{old} {new}'" for old, moves in MOVES.items() for new in moves)
    is_wrong = f"OLD.status <> NEW.status AND (OLD.status || ' ' || NEW.status) NOT IN ({known})"
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"""
                CREATE TRIGGER IF NOT EXISTS runs_moves BEFORE UPDATE OF status ON runs
                  WHEN {is_wrong}
                BEGIN SELECT RAISE(ABORT, 'states.MOVES has no such move'); END""")
            return
        cursor.execute("""
            CREATE OR REPLACE FUNCTION refuse_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                RAISE EXCEPTION 'states.MOVES has no move from % to %', OLD.status, NEW.status;
            END $$""")
        cursor.execute(f"""
            CREATE OR REPLACE TRIGGER runs_moves BEFORE UPDATE OF status ON runs FOR EACH ROW
              WHEN ({is_wrong}) EXECUTE FUNCTION refuse_move()""")
