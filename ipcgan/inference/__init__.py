"""A checkpoint -> aged faces."""
