"""Imports, exports and publishes weights."""
