"""Kernels, as a run sees them: found, started, spoken to, and ended."""
