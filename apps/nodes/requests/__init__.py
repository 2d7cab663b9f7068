"""What the forms of nodes that make HTTP requests share."""
