"""Checks of the platform: the way there, the login, services, data."""
