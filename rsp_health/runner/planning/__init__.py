"""Which notebooks are run, which are not and why, and how long it may take."""
