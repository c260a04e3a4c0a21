"""Ageing runs: photographs and crops -> aged files."""
