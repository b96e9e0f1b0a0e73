"""The terminal door: ``rsp-health``."""
