"""Webhooks: their addresses, and the way of a request from the door to a run."""
