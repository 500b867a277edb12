"""Algorithms 1 and 2: the text, its signs, masks, coverage and local steps."""
