"""How n8n's node types read in ours: a function for each, in files by what they are about."""
