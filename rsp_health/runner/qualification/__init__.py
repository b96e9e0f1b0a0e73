"""Whether an environment is fit to take the place of another."""
