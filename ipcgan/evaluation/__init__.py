"""Aged faces -> numbers, one axis per file."""
