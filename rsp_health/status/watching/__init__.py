"""Probe what is due while somebody looks, and remember what was found."""
