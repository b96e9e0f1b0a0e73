"""Secrets in all that a bundle is made of must not be in the bundle."""
