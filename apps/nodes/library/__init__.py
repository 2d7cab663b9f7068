"""Node types, one a file. A type is found because its file lies here."""
