"""Kernels of notebooks that die, or are ended: what is told of each."""
