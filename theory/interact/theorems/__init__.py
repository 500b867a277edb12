"""Theorems 1 and 3: bounds, potentials, rates."""
