"""A stand-in RSP on loopback, for demos, tests and development only."""
