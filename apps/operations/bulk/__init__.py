"""Cancels and retries of all runs that a filter finds."""
