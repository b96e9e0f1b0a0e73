"""Git: run apart from every configuration, and what it says."""
