"""Long jobs that the server starts and follows."""
