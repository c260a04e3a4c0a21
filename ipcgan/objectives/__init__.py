"""Loss terms and their weights, one file per family."""
