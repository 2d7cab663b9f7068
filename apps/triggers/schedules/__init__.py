"""Schedules in the database: kept with their workflow's version, fired when due."""
