"""The one HTTP client: every answer in bounded time, size and memory."""
