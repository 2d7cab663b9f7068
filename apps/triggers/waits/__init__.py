"""Steps that wait for somebody outside: their addresses, pages, and what is answered there."""
