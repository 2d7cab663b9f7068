"""What the apps above are told of a workflow's life, inside the transaction that changes it.

A receiver may refuse: a FaultsError that it raises undoes the change, and its faults are the
answer. All are sent with `workflow` and `by` (the Principal who asked, or None).
"""

from django.dispatch import Signal

workflow_created = Signal()
"""The workflow was made with a `graph`, which is to be its draft."""

workflow_activating = Signal()
"""The workflow becomes active: its published version's triggers are to go live."""

workflow_deactivating = Signal()
"""The workflow stops being active: its triggers are to stop."""

version_published = Signal()
"""The pointer moved to `version` (a WorkflowVersion). An active workflow's triggers follow it."""
