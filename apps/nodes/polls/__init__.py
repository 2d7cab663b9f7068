"""Sources that are asked for what is new: what comes of a look, and where the next one goes on."""
