"""Lemmas 1 to 3: the true hypergradient, (18) and (23), and where each leads."""
