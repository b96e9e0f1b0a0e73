"""The user's own test bot: the same checks again and again."""
