"""Forms: their pages, what is sent there, and the run that it starts or goes on with."""
