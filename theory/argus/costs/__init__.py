"""Theorems 2 and 3: counted against the printed formulas."""
