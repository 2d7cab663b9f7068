"""How times are written in the admin: where runs are looked at, seconds count.

A narrow column breaks them between day and time alone.
"""

DATETIME_FORMAT = "j\N{NO-BREAK SPACE}M\N{NO-BREAK SPACE}Y, H:i:s\N{NO-BREAK SPACE}\\U\\T\\C"
