"""Notebook files: read safely, run in a kernel of their own, and read back into results."""
