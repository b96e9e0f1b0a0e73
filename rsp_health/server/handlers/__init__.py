"""HTTP handlers, one file per feature."""
