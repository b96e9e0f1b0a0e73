"""Change a checkout's folder: clone, exchange, back up, filter outputs."""
