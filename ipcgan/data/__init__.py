"""Data sets on disk -> batches of faces."""
