"""Cleaning: outputs never reach a commit, and nothing else is touched."""
