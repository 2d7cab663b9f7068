"""JSON Schemas that builders write: which are taken, and what they say of values."""
