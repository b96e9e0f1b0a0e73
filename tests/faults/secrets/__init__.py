"""Secrets printed in every way must reach nothing that is kept or shown."""
