"""Guided troubleshooting: whose problem is it, and what to do now."""
