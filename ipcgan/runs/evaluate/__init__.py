"""Evaluation runs: aged faces -> reports."""
