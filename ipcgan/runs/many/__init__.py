"""Ageing of more pictures than one machine ages: on Ray, from store to store."""
