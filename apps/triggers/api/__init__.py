"""What starts runs, over the API."""
