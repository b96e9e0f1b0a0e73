"""What surrounds the lab: its environment, discovery and HTTP."""
