"""Look at a checkout: what is in it, who works there, what would be lost."""
