"""The ways out of a step: vetted connections, and what speaks through them."""
