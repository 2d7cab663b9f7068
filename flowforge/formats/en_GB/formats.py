"""How times are written in the admin: where runs are looked at, seconds count."""

DATETIME_FORMAT = "j M Y, H:i:s"
