"""The git filter: set up, bound to notebooks, and what it leaves alone."""
