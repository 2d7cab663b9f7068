"""A Django app that tests load into FlowForge's processes: what disturbs them from within."""
