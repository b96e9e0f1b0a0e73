"""Hostile files in every place that a command or a route reads."""
