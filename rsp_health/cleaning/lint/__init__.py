"""Faults of a notebook repository that its platform would stumble over."""
