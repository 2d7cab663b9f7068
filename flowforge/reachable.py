"""Whether the database can be reached: told in a sentence before anything starts."""

from django.conf import settings
from django.db import OperationalError, connection


class DatabaseAwayError(Exception):
    """The database cannot be reached."""


def demand_database() -> None:
    """Raise DatabaseAwayError, with the reason, if the database takes no connection.

    Past the pool, which would try for long and then know no reason.
    """
    probe = connection.copy()
    probe.settings_dict["OPTIONS"].pop("pool", None)
    try:
        probe.ensure_connection()
    except OperationalError as error:
        why = str(error).strip().splitlines()[0].rstrip(".")
        raise DatabaseAwayError(
            f"The database {database_url()} cannot be reached: {why}."
        ) from None
    finally:
        probe.close()


def database_url() -> str:
    """The database as it is told: without the password."""
    database = settings.DATABASE
    if settings.IS_SQLITE:
        return f"sqlite:///{database['NAME']}"
    user = f"{database['USER']}@" if database["USER"] else ""
    port = f":{database['PORT']}" if database["PORT"] else ""
    return f"postgres://{user}{database['HOST']}{port}/{database['NAME']}"
