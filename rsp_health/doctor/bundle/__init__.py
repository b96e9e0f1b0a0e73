"""A bundle of what was found, to be handed to others: nothing secret in it."""
