"""What the keys of rows tell: UUIDv7s begin with the time at which they were made."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST_MS = 2**48 - 1


def first_id_at(moment: datetime) -> UUID:
    """Below every UUIDv7 of this millisecond and later ones, above all earlier ones."""
    ms = (moment - EPOCH) // timedelta(milliseconds=1)
    return UUID(int=min(max(ms, 0), LAST_MS) << 80)


def made_by(id: UUID) -> datetime:
    """The end of the millisecond in which this id was made."""
    return EPOCH + timedelta(milliseconds=(id.int >> 80) + 1)
