"""Take out of a notebook's text what the policy names, and nothing else."""
