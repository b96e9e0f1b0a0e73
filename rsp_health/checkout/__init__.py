"""Checkout: read-write, on demand, and nothing is ever lost."""
