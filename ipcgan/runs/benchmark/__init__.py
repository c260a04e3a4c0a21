"""Speeds and memory, measured."""
