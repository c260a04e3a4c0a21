"""Puts the parts together for one run; no arithmetic."""
