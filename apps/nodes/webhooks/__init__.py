"""What a webhook node asks of its senders. Pure: no database, no sockets."""
