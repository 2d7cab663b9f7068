"""What people and programs reach that have no session."""

OUTSIDE = ("/hooks/", "/wait/", "/decide/", "/forms/", "/form/", "/files/")
"""What its paths begin with."""
