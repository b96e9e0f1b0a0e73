"""Reports of a run, one format a file, found through a registry."""
