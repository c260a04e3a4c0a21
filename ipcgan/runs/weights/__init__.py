"""Weights: imported, exported, made small to give away."""
