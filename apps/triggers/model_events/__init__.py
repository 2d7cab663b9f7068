"""Rows of an operator's models start runs: which models, who listens, what is told."""
