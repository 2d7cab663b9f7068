"""Failures of the same kind, as one row: counted, assigned, put aside, resolved."""
