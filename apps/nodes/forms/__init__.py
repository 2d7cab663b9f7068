"""Forms that people outside fill in: their fields, and what is read of what was sent."""
