"""Lemmas 1 to 8: each as printed, and as repaired where a repair exists."""
