"""Faults of the server: killed at any moment, and doubled."""
