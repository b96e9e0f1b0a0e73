"""Warm against cold: what a notebook leaves must not tell them apart."""
