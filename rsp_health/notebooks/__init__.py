"""What every feature has to know of notebooks: which there are, and whose."""
