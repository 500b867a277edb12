"""Theorems 1 and 2, Corollary 1 and the remarks: bounds, step sizes, schedules."""
