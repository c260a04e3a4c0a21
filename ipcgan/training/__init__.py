"""Phases, the step on each backend, and the loop."""
