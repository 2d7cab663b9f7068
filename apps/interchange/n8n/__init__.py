"""Reads workflows of n8n: pure, no Django. `convert.py` is the door."""
