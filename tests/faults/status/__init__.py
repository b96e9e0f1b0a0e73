"""Faults of a platform, served on loopback, and the oracle for what is shown."""
