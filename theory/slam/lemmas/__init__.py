"""Lemmas 4 to 8 and the inequalities of the appendix."""
