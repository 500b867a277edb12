"""Algorithms 1 and 2, their baselines and their readings."""
