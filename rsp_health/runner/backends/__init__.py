"""Where the notebooks of a run execute."""
