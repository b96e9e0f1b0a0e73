"""What notebooks and cells usually take, and what has changed since."""
