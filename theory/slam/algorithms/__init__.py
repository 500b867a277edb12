"""Algorithms 1 to 3: two forms, their starts, invariants and identities."""
