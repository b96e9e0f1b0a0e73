"""The record of a run: written, read, listed and kept."""
