"""Values read, compared, joined and summed up, as n8n does it."""
