"""What the platform announces, to all and to this user."""
