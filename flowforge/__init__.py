"""The house: settings, addresses and the processes that serve them."""

from flowforge.celery import app as celery_app

__all__ = ["celery_app"]
