"""Bodies of requests from outside: taken within bounds, and read by their type."""
