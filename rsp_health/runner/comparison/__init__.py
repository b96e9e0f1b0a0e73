"""What differs between runs, with its numbers."""
