"""Typed conditions on values."""
