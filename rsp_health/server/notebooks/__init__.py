"""Notebooks in this server: strip on save, sessions, what each checks."""
