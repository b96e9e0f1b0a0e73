"""Checks of the lab itself: its start, home, memory, processor, image."""
