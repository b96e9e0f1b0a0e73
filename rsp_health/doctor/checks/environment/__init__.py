"""Checks of what is the user's own: kernels, packages, repositories."""
