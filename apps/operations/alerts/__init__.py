"""Alerts: rules are looked at, and operators told, by whichever process lives.

Web processes and workers alike do both, so that neither's end keeps anybody from being told.
"""
