"""The server door: the Jupyter Server extension."""
