"""Assumptions 3.1 to 5.2: which contradict each other, which depend on dimension."""
