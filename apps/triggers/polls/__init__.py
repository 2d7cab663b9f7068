"""Triggers that look at a source for what is new: who is due, the look, and the runs of it."""
