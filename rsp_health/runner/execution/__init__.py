"""Run notebooks: cells, outputs, limits, and how each ended."""
