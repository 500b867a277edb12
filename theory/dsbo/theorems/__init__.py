"""Theorems 5.1, 5.3 and D.1: exact moments, and Monte Carlo where they do not close."""
