"""What cells take the platform's own test bots, where that may be read."""
