"""Keras layers that the networks share."""
