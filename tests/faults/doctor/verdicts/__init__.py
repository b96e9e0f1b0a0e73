"""Verdicts on labs and notebooks that are really broken."""
