"""Section 4.1, Lemmas 1 to 4 and what they assume."""
