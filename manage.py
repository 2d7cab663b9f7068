#!/usr/bin/env python
"""Django's command line for FlowForge."""

import os
import sys

from django.core.management import execute_from_command_line
from django.db import InterfaceError, OperationalError

from apps.workspaces.origin import comes_from_command

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "flowforge.settings")
    comes_from_command()
    try:
        execute_from_command_line(sys.argv)
    except (InterfaceError, OperationalError) as error:
        if "--traceback" in sys.argv:
            raise
        sys.exit(f"The database cannot be used: {error}")
