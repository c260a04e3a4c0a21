"""Training runs: flags and recipe files -> a run's folder."""
